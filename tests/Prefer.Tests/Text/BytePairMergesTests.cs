using Prefer.Text.Models;
using Xunit;

namespace Prefer.Tests.Text;

public sealed class BytePairMergesTests
{
    [Fact]
    public void Merging_with_a_heap_equals_looking_for_the_lowest_rank_again_and_again()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            // Ids 0 to 2 are letters; every merge makes a new id out of two that exist. Ranks are shuffled, which training never does.
            var random = new Random(seed);
            var mergeCount = random.Next(1, 12);
            var ranks = Enumerable.Range(0, mergeCount).ToArray();
            random.Shuffle(ranks);
            var merges = new Dictionary<long, (int Rank, int NewId)>();
            for (var i = 0; i < mergeCount; i++)
            {
                merges.TryAdd(BytePairMerges.Key(random.Next(3 + i), random.Next(3 + i)), (ranks[i], 3 + i));
            }

            var word = Enumerable.Range(0, random.Next(0, 40)).Select(_ => random.Next(3)).ToList();
            var symbols = word.Select(id => new BytePairMerges.Symbol(id, 1)).ToList();
            new BytePairMerges(merges).Apply(symbols);
            Assert.Equal(Slow(word, merges), symbols.Where(symbol => symbol.Length > 0).Select(symbol => (symbol.Id, symbol.Length)));
        }
    }

    private static List<(int Id, int Length)> Slow(List<int> word, Dictionary<long, (int Rank, int NewId)> merges)
    {
        var symbols = word.Select(id => (Id: id, Length: 1)).ToList();
        while (true)
        {
            var candidates = Enumerable.Range(0, Math.Max(0, symbols.Count - 1))
                .Where(i => merges.ContainsKey(BytePairMerges.Key(symbols[i].Id, symbols[i + 1].Id)))
                .Select(i => (merges[BytePairMerges.Key(symbols[i].Id, symbols[i + 1].Id)].Rank, Index: i))
                .ToList();
            if (candidates.Count == 0)
            {
                return symbols;
            }

            var at = candidates.Min().Index;
            var merged = merges[BytePairMerges.Key(symbols[at].Id, symbols[at + 1].Id)].NewId;
            symbols[at] = (merged, symbols[at].Length + symbols[at + 1].Length);
            symbols.RemoveAt(at + 1);
        }
    }
}
