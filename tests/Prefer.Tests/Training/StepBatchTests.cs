using Prefer.Models;
using Prefer.Tests.Models;
using Prefer.Training;
using Xunit;

namespace Prefer.Tests.Training;

/// <summary>How the comparisons of a step become micro-batches: none is lost or divided, prompts stay whole, parts are filled evenly.</summary>
[Collection(Torch.ProcessWide.Name)]
public sealed class StepBatchTests
{
    [Theory]
    [InlineData("llama", 1)]
    [InlineData("llama", 2)]
    [InlineData("llama", 3)]
    [InlineData("distilbert", 4)]
    [InlineData("distilbert", 5)]
    public void Every_comparison_is_in_one_part_and_parts_fit_the_budget(string name, int seed)
    {
        using var model = ModelOf(name);
        var random = new Random(seed);
        var items = Enumerable.Range(0, 40).Select(index => Pair($"{index}", Prompt(random.Next(6), random.Next(1, 9)), random)).ToArray();
        foreach (var budget in new[] { 1, 30, 60, 100, 1000 })
        {
            var batch = StepBatch.Of(items, model, budget);

            Assert.Same(items, batch.Items);
            Assert.Equal(items.Select(item => item.Name).Order(), batch.Parts.SelectMany(part => part.Items).Select(item => item.Name).Order());
            foreach (var part in batch.Parts)
            {
                Assert.True(part.Items.Count == 1 || part.Forest.Tokens.Length <= budget);
                Assert.Equal(part.Items.SelectMany(item => item.Sequences).Select(sequence => sequence.Ids.Length), part.Forest.SequenceLengths);
                Assert.Equal(part.Items.SelectMany(item => item.Sequences).Select((sequence, index) => (long)part.Forest.PackedIndex(index, model.PooledPosition(sequence.Ids.AsSpan()))), part.Pooled);
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Comparisons_of_one_prompt_stay_together_where_they_fit(int seed)
    {
        using var model = ModelOf("llama");
        var random = new Random(seed);
        // Four to seven comparisons a prompt of 20 tokens: at most 20 + 7 · 2 · 6 = 104 tokens.
        var items = Enumerable.Range(0, 6).SelectMany(prompt => Enumerable.Range(0, random.Next(4, 8)).Select(index => Pair($"{prompt}-{index}", Prompt(prompt, 20), random))).ToArray();
        random.Shuffle(items);

        var batch = StepBatch.Of(items, model, 110);

        Assert.InRange(batch.Parts.Count, 2, 6);
        foreach (var prompt in Enumerable.Range(0, 6))
        {
            Assert.Single(batch.Parts, part => part.Items.Any(item => item.Name.StartsWith($"{prompt}-", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void A_prompt_is_divided_evenly_where_it_exceeds_the_budget()
    {
        using var model = ModelOf("llama");
        var random = new Random(1);
        // The prompt's 20 tokens, 10 of each pair beside it.
        var items = Enumerable.Range(0, 12).Select(index => Pair($"{index}", Prompt(0, 20), random, length: 5)).ToArray();

        var parts = StepBatch.Of(items, model, 100).Parts;

        // 140 tokens in one part; two of 8 + 4 would fit, too.
        Assert.Equal([6, 6], parts.Select(part => part.Items.Count));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void No_other_split_has_fewer_parts_or_is_more_even(int seed)
    {
        using var model = ModelOf("distilbert");
        var random = new Random(seed);
        var items = Enumerable.Range(0, 11).Select(index => Pair($"{index}", Prompt(index, 2), random)).ToArray();
        const int Budget = 50;

        var found = StepBatch.Of(items, model, Budget).Parts.Select(part => part.Forest.Tokens.Length).ToArray();

        // All 2¹⁰ ways to cut the items in the order of their longer sequence.
        var lengths = items.OrderBy(item => item.Sequences.Max(sequence => sequence.Ids.Length)).Select(item => item.TokenCount).ToArray();
        var splits = Enumerable.Range(0, 1 << 10).Select(cuts => Sums(lengths, cuts)).Where(sums => sums.All(sum => sum <= Budget)).ToList();
        Assert.Equal(splits.Min(sums => sums.Count), found.Length);
        Assert.Equal(splits.Where(sums => sums.Count == found.Length).Min(sums => sums.Sum(sum => sum * sum)), found.Sum(sum => sum * sum));
    }

    [Fact]
    public void Without_sharing_like_lengths_stand_together()
    {
        foreach (var (name, shares) in new[] { ("distilbert", true), ("llama", false) })
        {
            using var model = ModelOf(name, shares);
            var random = new Random(3);
            var items = Enumerable.Range(0, 20).Select(index => Pair($"{index}", Prompt(random.Next(3), random.Next(1, 9)), random)).ToArray();

            var longest = StepBatch.Of(items, model, 80).Parts.SelectMany(part => part.Items).Select(item => item.Sequences.Max(sequence => sequence.Ids.Length)).ToArray();

            Assert.Equal(longest.Order(), longest);
        }
    }

    [Fact]
    public void Without_sharing_every_sequence_is_a_span()
    {
        using var model = ModelOf("llama", shares: false);
        var items = Enumerable.Range(0, 5).Select(index => Pair($"{index}", Prompt(0, 10), new Random(index))).ToArray();

        var part = Assert.Single(StepBatch.Of(items, model, 1000).Parts);

        Assert.Equal((10, items.Sum(item => item.TokenCount)), (part.Forest.Spans.Count, part.Forest.Tokens.Length));
    }

    private static RewardModel ModelOf(string name, bool shares = true) => RewardModel.Load(ModelFixture.Folder(name), new LoadOptions { SharePrefixes = shares });

    private static int[] Prompt(int seed, int length)
    {
        var random = new Random(100 + seed);
        return [5 + seed, .. Enumerable.Range(1, length - 1).Select(_ => random.Next(20, 60))];
    }

    /// <summary>Two responses of 1 to 6 tokens, or of a length, which begin unlike each other and rarely like those of another pair.</summary>
    private static EncodedComparison Pair(string name, int[] prompt, Random random, int? length = null)
    {
        EncodedSequence Sequence(int first) => new([.. prompt, first, .. Enumerable.Range(1, (length ?? random.Next(1, 7)) - 1).Select(_ => random.Next(20, 60))], [], 0);
        var start = 20 + (random.Next(20) * 2);
        return length is null
            ? new EncodedComparison(name, Sequence(start), Sequence(start + 1), 1, 0, 1)
            : new EncodedComparison(name, Sequence(20 + (2 * int.Parse(name, null))), Sequence(21 + (2 * int.Parse(name, null))), 1, 0, 1);
    }

    /// <summary>Sums between cuts; bit i cuts behind the i-th.</summary>
    private static List<int> Sums(int[] lengths, int cuts)
    {
        var sums = new List<int> { 0 };
        foreach (var (index, length) in lengths.Index())
        {
            sums[^1] += length;
            if (((cuts >> index) & 1) == 1)
            {
                sums.Add(0);
            }
        }
        return sums;
    }
}
