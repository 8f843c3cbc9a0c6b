using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Prefer.Text;
using Xunit;

namespace Prefer.Tests.Text;

/// <summary>The trainer against one that counts everything again for every merge, and what comes out of it.</summary>
public sealed class BytePairTrainingTests
{
    private static readonly string[] Fragments =
        ["a", "b", "aa", "ab", "aaa", " ", "  ", "abab", "c", "é", "日", "😀", "'s", "1", "12", "\n", "low", "lower", "lowest", "."];

    [Fact]
    public void Merges_equal_those_of_counting_everything_again()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var texts = Enumerable.Range(0, random.Next(1, 12))
                .Select(_ => string.Concat(Enumerable.Range(0, random.Next(1, 30)).Select(_ => Fragments[random.Next(Fragments.Length)])))
                .ToArray();
            var options = new BpeTrainingOptions
            {
                VocabularySize = 258 + random.Next(0, 80), MinFrequency = random.Next(1, 4), SpecialTokens = ["<|pad|>", "<|endoftext|>"],
            };

            var expected = SlowMerges(texts, options);
            var actual = Merges(BytePairTraining.Train(texts, options));
            Assert.True(expected.SequenceEqual(actual), $"seed {seed}:\n{string.Join(' ', expected)}\n{string.Join(' ', actual)}");
        }
    }

    [Fact]
    public void The_order_of_the_texts_does_not_matter()
    {
        string[] texts = ["the cat sat", "on the mat", "and the rat ate the cat", "überall, über alles"];
        var options = BpeTrainingOptions.ForDecoder(280) with { MinFrequency = 1 };
        var forward = BytePairTraining.Train(texts, options);
        Assert.Equal(forward.Json.ToArray(), BytePairTraining.Train(texts.Reverse(), options).Json.ToArray());
        Assert.Equal(280, forward.VocabularySize);
        Assert.Equal(279, forward.LargestId);
    }

    [Fact]
    public void Training_merges_what_a_hand_count_merges()
    {
        // " lo": 4 times each of (Ġ,l) (l,o); ids decide between equals, and l (0x6C) has a smaller id than Ġ (U+0120).
        var tokenizer = BytePairTraining.Train([" lo lo lo lo"], BpeTrainingOptions.ForDecoder(300));
        Assert.Equal(["l o", "Ġ lo"], Merges(tokenizer));
        Assert.Equal([tokenizer.TokenToId("Ġlo")!.Value], tokenizer.Encode(" lo"));
    }

    [Fact]
    public void Special_tokens_have_the_first_ids_and_surround_what_an_encoder_reads()
    {
        var tokenizer = BytePairTraining.Train(["hello hello world"], BpeTrainingOptions.ForEncoder(300));
        Assert.Equal([0, 1, 2], tokenizer.AddedTokens.Select(token => token.Id));
        Assert.Equal(["[PAD]", "[CLS]", "[SEP]"], tokenizer.AddedTokens.Select(token => token.Content));
        Assert.Equal((2, 3), (tokenizer.SpecialTokenCount(pair: false), tokenizer.SpecialTokenCount(pair: true)));

        int[] body = tokenizer.Encode("hello", addSpecialTokens: false);
        var pair = tokenizer.AddSpecialTokens(body, body);
        Assert.Equal([1, .. body, 2, .. body, 2], pair.Ids);
        Assert.Equal([0, .. body.Select(_ => 0), 0, .. body.Select(_ => 1), 1], pair.TypeIds);
        Assert.Equal(1, pair.LeadingSpecialCount);
        Assert.Equal([1, .. body, 2], tokenizer.Encode("hello"));
        Assert.Equal("hello", tokenizer.Decode(tokenizer.Encode("hello"), skipSpecialTokens: true));
    }

    [Fact]
    public void The_file_has_the_members_of_a_published_byte_level_tokenizer()
    {
        using var document = JsonDocument.Parse(BytePairTraining.Train(["some text"], BpeTrainingOptions.ForDecoder(300)).Json);
        Assert.Equal(
            ["version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder", "model"],
            document.RootElement.EnumerateObject().Select(member => member.Name));
    }

    [Fact]
    public void Any_text_survives_encoding_and_decoding()
    {
        var decoder = BytePairTraining.Train(["the quick brown fox 日本語 café"], BpeTrainingOptions.ForDecoder(280));
        Prop.ForAll<string>(text => RoundTrips(decoder, text ?? "")).QuickCheckThrowOnFailure();
        Prop.ForAll(CodePoints, points => RoundTrips(decoder, string.Concat(points.Select(char.ConvertFromUtf32)))).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_trained_tokenizer_survives_saving_and_loading()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var trained = BytePairTraining.Train(["to be or not to be"], BpeTrainingOptions.ForDecoder(270));
        try
        {
            trained.Save(path);
            Assert.Equal(trained.Json.ToArray(), File.ReadAllBytes(path));
            Assert.Equal(trained.Encode("not to be <|endoftext|>"), Tokenizer.Load(path).Encode("not to be <|endoftext|>"));
            Assert.False(File.Exists(path + ".tmp"));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Contradicting_options_are_refused()
    {
        Assert.Equal(
            "a vocabulary of 100 tokens was asked for, which is less than the 2 special tokens and 256 bytes; ask for 258 or more",
            Refusal(BpeTrainingOptions.ForDecoder(100)));
        Assert.Equal("the special token \"[PAD]\" is listed twice", Refusal(new BpeTrainingOptions { SpecialTokens = ["[PAD]", "[PAD]"] }));
        Assert.Equal(
            "\"a\" cannot be a special token: it needs two characters or more, or it would hide a byte",
            Refusal(new BpeTrainingOptions { SpecialTokens = ["a"] }));
        Assert.Equal(
            "the template needs [CLS] and [SEP] among the special tokens",
            Refusal(new BpeTrainingOptions { Template = SpecialTokenTemplate.ClassifierSeparator }));
        Assert.Equal("a smallest pair frequency of 0 was asked for; ask for 1 or more", Refusal(new BpeTrainingOptions { MinFrequency = 0 }));
        Assert.Equal("there is no text to train a tokenizer on", Refusal(new BpeTrainingOptions(), ""));

        static string Refusal(BpeTrainingOptions options, string text = "text") =>
            Assert.Throws<TokenizerException>(() => BytePairTraining.Train([text], options)).Message;
    }

    private static Arbitrary<int[]> CodePoints { get; } = Gen.Choose(0, 0x10FFFF).Where(code => code is < 0xD800 or > 0xDFFF).ArrayOf().ToArbitrary();

    /// <summary>Lone surrogates, which FsCheck's strings may hold, are U+FFFD to every tokenizer.</summary>
    private static bool RoundTrips(Tokenizer tokenizer, string text)
    {
        var valid = string.Concat(text.EnumerateRunes());
        return tokenizer.Decode(tokenizer.Encode(text)) == valid && tokenizer.EncodeWithOffsets(text).Ids.SequenceEqual(tokenizer.Encode(text));
    }

    private static List<string> Merges(Tokenizer tokenizer)
    {
        using var document = JsonDocument.Parse(tokenizer.Json);
        return [.. document.RootElement.GetProperty("model").GetProperty("merges").EnumerateArray().Select(merge => merge.GetString()!)];
    }

    /// <summary>The definition: count all pairs of all words, merge the most frequent, of equals the one of the smallest ids.</summary>
    private static List<string> SlowMerges(string[] texts, BpeTrainingOptions options)
    {
        var bytes = BytePairTraining.Train(["x"], options with { VocabularySize = 258 });
        var vocabulary = Enumerable.Range(0, 258).Select(id => bytes.IdToToken(id)!).ToList();
        var words = texts.SelectMany(text => SlowGpt2.Words(text)).Select(word => bytes.Encode(word, addSpecialTokens: false).ToList()).ToList();
        var merges = new List<string>();
        while (vocabulary.Count < options.VocabularySize)
        {
            var counts = words.SelectMany(word => word.Zip(word.Skip(1))).CountBy(pair => pair).ToList();
            if (counts.Count == 0)
            {
                break;
            }

            var ((left, right), count) = counts.OrderByDescending(entry => entry.Value).ThenBy(entry => entry.Key).First();
            if (count < options.MinFrequency)
            {
                break;
            }

            var token = vocabulary[left] + vocabulary[right];
            merges.Add($"{vocabulary[left]} {vocabulary[right]}");
            if (!vocabulary.Contains(token))
            {
                vocabulary.Add(token);
            }

            foreach (var word in words)
            {
                for (var i = 0; i + 1 < word.Count; i++)
                {
                    if ((word[i], word[i + 1]) == (left, right))
                    {
                        word[i] = vocabulary.IndexOf(token);
                        word.RemoveAt(i + 1);
                    }
                }
            }
        }

        return merges;
    }
}
