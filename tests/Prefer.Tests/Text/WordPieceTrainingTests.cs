using System.Text.Json;
using Prefer.Text;
using Xunit;

namespace Prefer.Tests.Text;

/// <summary>The WordPiece trainer against what the reference's trainer made of the same words, and against one that counts everything again.</summary>
public sealed class WordPieceTrainingTests
{
    private static readonly string[] Fragments = ["a", "b", "ab", "aba", "c", "é", "日", "😀", "low", "lower", "er", "est", "."];

    /// <summary>
    /// Recorded with tokenizers 0.23.2: the default trainer of an empty WordPiece, words cut at white space. It gives continuing characters
    /// their ids in the order of a hash table, so those are compared as a set; no two merges are equally frequent, so these have one order.
    /// </summary>
    [Fact]
    public void Pieces_equal_the_reference()
    {
        var recorded = JsonDocument.Parse(File.ReadAllText(Path.Combine(TokenizerFixtures.Repository, "tests", "fixtures", "tokenizers", "wordpiece-training.json"))).RootElement;
        var counts = recorded.GetProperty("text").GetString()!.Split(' ', '\n').Where(word => word.Length > 0).CountBy(word => word).ToDictionary(entry => entry.Key, entry => (long)entry.Value);
        var learned = WordPieceTraining.Learn(counts, new WordPieceTrainingOptions { VocabularySize = 30000, MinFrequency = 1 });
        string[] expected = [.. recorded.GetProperty("vocab").EnumerateArray().Select(token => token.GetString()!)];
        Assert.Equal(expected.Where(IsCharacter).Order(StringComparer.Ordinal), learned.Skip(5).Where(IsCharacter).Order(StringComparer.Ordinal));
        Assert.Equal(expected.Where(token => !IsCharacter(token)), learned.Skip(5).Where(token => !IsCharacter(token)));

        static bool IsCharacter(string token) => token.Replace("##", "", StringComparison.Ordinal).EnumerateRunes().Count() == 1;
    }

    [Fact]
    public void Merges_equal_those_of_counting_everything_again()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var counts = Enumerable.Range(0, random.Next(1, 12))
                .Select(_ => string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => Fragments[random.Next(Fragments.Length)])))
                .Distinct().ToDictionary(word => word, _ => (long)random.Next(1, 4));
            var options = new WordPieceTrainingOptions { VocabularySize = random.Next(1, 60), MinFrequency = random.Next(1, 4) };
            Assert.Equal(SlowLearn(counts, options), WordPieceTraining.Learn(counts, options));
        }
    }

    [Fact]
    public void A_trained_tokenizer_reads_what_it_was_trained_on()
    {
        string[] texts = ["The lowest Café, the lower café.", "lower and lowest 日本"];
        var tokenizer = WordPieceTraining.Train(texts, new WordPieceTrainingOptions { VocabularySize = 200, MinFrequency = 1 });
        Assert.Equal(tokenizer.Json.ToArray(), WordPieceTraining.Train(texts.Reverse(), new WordPieceTrainingOptions { VocabularySize = 200, MinFrequency = 1 }).Json.ToArray());
        Assert.Equal([2, tokenizer.TokenToId("lowest")!.Value, tokenizer.TokenToId("cafe")!.Value, tokenizer.TokenToId(".")!.Value, 3], tokenizer.Encode("LOWEST café."));
        Assert.Equal([1], tokenizer.Encode("x", addSpecialTokens: false));
        Assert.Equal("the lowest cafe, 日 本", tokenizer.Decode(tokenizer.Encode("the lowest cafe, 日本"), skipSpecialTokens: true));

        var cased = WordPieceTraining.Train(texts, new WordPieceTrainingOptions { VocabularySize = 200, MinFrequency = 1, KeepsCase = true });
        Assert.Equal("Café The", cased.Decode(cased.Encode("Café The"), skipSpecialTokens: true));
        Assert.DoesNotContain(cased.TokenToId("[UNK]")!.Value, cased.Encode("Café The"));
    }

    [Fact]
    public void Impossible_options_are_refused()
    {
        Assert.Equal("there is no text to train a tokenizer on", Assert.Throws<TokenizerException>(() => WordPieceTraining.Train([" "], new WordPieceTrainingOptions())).Message);
        Assert.StartsWith(
            "a vocabulary of 0 tokens", Assert.Throws<TokenizerException>(() => WordPieceTraining.Train(["a"], new WordPieceTrainingOptions { VocabularySize = 0 })).Message, StringComparison.Ordinal);
    }

    /// <summary>The definition on strings: count all pairs of all words, merge the most frequent, of equals the one of the smallest ids.</summary>
    private static List<string> SlowLearn(Dictionary<string, long> counts, WordPieceTrainingOptions options)
    {
        var words = counts.Select(word => (Symbols: word.Key.EnumerateRunes().Select((rune, index) => (index == 0 ? "" : "##") + rune).ToList(), word.Value)).ToList();
        var runes = counts.Keys.SelectMany(word => word.EnumerateRunes()).Distinct().Order().Select(rune => rune.ToString());
        var inner = words.SelectMany(word => word.Symbols.Skip(1)).Distinct().OrderBy(symbol => char.ConvertToUtf32(symbol, 2));
        List<string> vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. runes, .. inner];
        while (vocabulary.Count < options.VocabularySize)
        {
            var pairs = new Dictionary<(int Left, int Right), long>();
            foreach (var (symbols, count) in words)
            {
                foreach (var (left, right) in symbols.Zip(symbols.Skip(1)))
                {
                    var key = (vocabulary.IndexOf(left), vocabulary.IndexOf(right));
                    pairs[key] = pairs.GetValueOrDefault(key) + count;
                }
            }

            var best = pairs.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key).FirstOrDefault();
            if (best.Value < options.MinFrequency)
            {
                break;
            }

            var (first, second) = (vocabulary[best.Key.Left], vocabulary[best.Key.Right]);
            var token = first + second[2..];
            if (!vocabulary.Contains(token))
            {
                vocabulary.Add(token);
            }

            foreach (var (symbols, _) in words)
            {
                for (var i = 0; i + 1 < symbols.Count; i++)
                {
                    if (symbols[i] == first && symbols[i + 1] == second)
                    {
                        symbols[i] = token;
                        symbols.RemoveAt(i + 1);
                    }
                }
            }
        }

        return vocabulary;
    }
}
