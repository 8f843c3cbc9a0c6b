using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Prefer.Text;
using Prefer.Text.Models;
using Xunit;

namespace Prefer.Tests.Text;

/// <summary>Unigram against the definition, its trie against looking up every substring, and texts that come back whole.</summary>
public sealed class UnigramModelTests
{
    private static readonly string[] Letters = ["a", "b", "c", "é", "日", "😀"];

    // T5's scores of a run of hyphens. Read to the nearest number, all orders of the tokens have the same sum, and the longest last token would win.
    [Theory]
    [InlineData(7, new[] { 1, 3, 3, 2 })]
    [InlineData(10, new[] { 1, 3, 3, 2, 3 })]
    public void Scores_are_read_as_the_reference_reads_them(int length, int[] expected)
    {
        var tokenizer = Tokenizer.FromJson("""
            {"model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0], ["▁", -2.0122928619384766], ["-", -5.129043102264404], ["---", -12.130167007446289]]}}
            """, "hyphens");
        Assert.Equal(expected, tokenizer.Encode("▁" + new string('-', length)));
    }

    [Theory]
    [InlineData("-12.130167007446289", -12.130167007446287)]
    [InlineData("0.1", 0.1)]
    [InlineData("-0", -0.0)]
    [InlineData("1234567890123456789012", 1.234567890123456789e21)]
    [InlineData("2.5e-3", 0.0025)]
    [InlineData("1e-400", 0.0)]
    [InlineData("0e999", 0.0)]
    [InlineData("5E+2", 500.0)]
    public void Numbers_are_one_step_from_what_is_written_at_most(string text, double expected) => Assert.Equal(expected, ReferenceNumber.Parse(text));

    [Fact]
    public void The_best_way_to_cut_a_word_is_the_one_of_the_largest_sum()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);

            // Scores are odd multiples of different powers of two, so that no two ways have the same sum.
            var tokens = Enumerable.Range(0, 12).Select(_ => Word(random, 1, 4)).Concat(Letters.Take(random.Next(1, 6))).Distinct().ToArray();
            var scores = tokens.Select((_, index) => -1 - random.Next(1, 8) - (1 / Math.Pow(2, index + 4))).ToArray();
            var json = new JsonObject { ["model"] = new JsonObject { ["type"] = "Unigram", ["unk_id"] = 0, ["vocab"] = new JsonArray([new JsonArray("<unk>", 0.0), .. tokens.Zip(scores, (token, score) => new JsonArray(token, score))]) } };
            var tokenizer = Tokenizer.FromJson(json.ToJsonString(), "unigram");
            for (var i = 0; i < 10; i++)
            {
                var word = Word(random, 1, 7);
                Assert.Equal(Best(word, tokens, scores, scores.Min() - 10), tokenizer.Encode(word));
            }
        }
    }

    [Fact]
    public void The_trie_finds_every_token_that_a_text_starts_with()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var tokens = Enumerable.Range(0, random.Next(1, 400)).Select(_ => Word(random, 1, 6)).Distinct().Select((token, id) => (token, id)).ToDictionary(entry => entry.token, entry => entry.id);
            var trie = new TokenTrie(tokens);
            for (var i = 0; i < 20; i++)
            {
                var text = Word(random, 0, 9) + "xyz"[random.Next(3)];
                var node = TokenTrie.Root;
                var found = new List<int>();
                for (var at = 0; at < text.Length && trie.TryStep(ref node, text[at]); at++)
                {
                    if (trie.IdAt(node) != TokenTrie.NoToken)
                    {
                        found.Add(trie.IdAt(node));
                    }
                }

                Assert.Equal(Enumerable.Range(1, text.Length).Where(length => tokens.ContainsKey(text[..length])).Select(length => tokens[text[..length]]), found);
            }
        }
    }

    [Theory]
    [InlineData("Unigram")]
    [InlineData("BPE")]
    public void Any_text_survives_encoding_and_decoding_where_bytes_stand_for_unknown_characters(string type)
    {
        string[] tokens = ["<unk>", .. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>"), "▁", "a", "▁a", "日", "日a"];
        var model = type == "Unigram"
            ? new JsonObject { ["unk_id"] = 0, ["vocab"] = new JsonArray([.. tokens.Select((token, id) => new JsonArray(token, -1.0 - id))]) }
            : new JsonObject
            {
                ["unk_token"] = "<unk>", ["fuse_unk"] = true, ["merges"] = new JsonArray("▁ a", "日 a"),
                ["vocab"] = new JsonObject(tokens.Select((token, id) => KeyValuePair.Create<string, JsonNode?>(token, id))),
            };
        model["type"] = type;
        model["byte_fallback"] = true;
        var json = JsonNode.Parse(
            """
            {"normalizer": {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
             "decoder": {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"},
                                                          {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}}
            """)!.AsObject();
        json["model"] = model;
        var tokenizer = Tokenizer.FromJson(json.ToJsonString(), "llama-like");
        Prop.ForAll<string>(text => RoundTrips(text ?? "")).QuickCheckThrowOnFailure();
        Prop.ForAll(CodePoints, points => RoundTrips(string.Concat(points.Select(char.ConvertFromUtf32)))).QuickCheckThrowOnFailure();

        // The mark of a space is the one character that comes back as another.
        bool RoundTrips(string text)
        {
            var valid = string.Concat(text.EnumerateRunes()).Replace('▁', ' ');
            return tokenizer.Decode(tokenizer.Encode(valid)) == valid;
        }
    }

    private static Arbitrary<int[]> CodePoints { get; } = Gen.Choose(0, 0x10FFFF).Where(code => code is < 0xD800 or > 0xDFFF).ArrayOf().ToArbitrary();

    private static string Word(Random random, int from, int to) =>
        string.Concat(Enumerable.Range(0, random.Next(from, to + 1)).Select(_ => Letters[random.Next(Letters.Length)]));

    /// <summary>Tries every way; a character that is no token scores as unknown, and unknown neighbours are one token.</summary>
    private static int[] Best(string word, string[] tokens, double[] scores, double unknownScore)
    {
        var (_, best) = Ways(word).MaxBy(way => way.Score);
        return [.. best.Where((id, index) => id != 0 || index == 0 || best[index - 1] != 0)];

        IEnumerable<(double Score, int[] Ids)> Ways(string rest)
        {
            if (rest.Length == 0)
            {
                yield return (0, []);
            }

            var width = rest.Length > 0 && char.IsHighSurrogate(rest[0]) ? 2 : 1;
            for (var length = width; length <= rest.Length; length++)
            {
                var id = Array.IndexOf(tokens, rest[..length]);
                if (id < 0 && length > width)
                {
                    continue;
                }

                foreach (var (score, ids) in Ways(rest[length..]))
                {
                    yield return ((id < 0 ? unknownScore : scores[id]) + score, [id + 1, .. ids]);
                }
            }
        }
    }
}
