using System.Text.Json;
using System.Text.Json.Nodes;
using Prefer.Text;
using Prefer.Text.Normalizers;
using Prefer.Text.PreTokenizers;
using Xunit;

namespace Prefer.Tests.Text;

/// <summary>
/// What the reference implementation (tokenizers 0.23.2) made of difficult texts with one normalizer, pre-tokenizer or set of added tokens each:
/// one configuration a line of <c>fixtures/tokenizers/rules.jsonl</c>. The regular expressions are those of published tokenizers and others that use
/// what the engine has; those it refuses are refused here.
/// </summary>
public sealed class RecordedRulesTests
{
    private static readonly JsonObject[] Rules =
    [
        .. File.ReadLines(Path.Combine(TokenizerFixtures.Repository, "tests", "fixtures", "tokenizers", "rules.jsonl"))
            .Select(line => JsonNode.Parse(line)!.AsObject()),
    ];

    public static TheoryData<int, string> Names => new(Rules.Select((rule, index) => (index, rule["name"]!.GetValue<string>())));

    [Theory]
    [MemberData(nameof(Names))]
    public void Normalized_text_words_and_offsets_equal_the_reference(int index, string name)
    {
        var rule = Rules[index];
        if (rule["refused"] is not null && rule["normalizer"]?["type"]?.GetValue<string>() != "Append")
        {
            var message = Assert.Throws<TokenizerException>(() => Load(rule)).Message;
            Assert.StartsWith($"{name}: ", message, StringComparison.Ordinal);
            return;
        }

        var tokenizer = Load(rule);
        var normalizer = rule["normalizer"] is { } one ? NormalizerKinds.Table.Read(Place(one, name)) : null;
        var preTokenizer = rule["pre_tokenizer"] is { } other ? PreTokenizerKinds.Table.Read(Place(other, name)) : null;
        var differences = new List<string>();
        foreach (var expected in rule["cases"]?.AsArray() ?? [])
        {
            var text = expected!["text"]!.GetValue<string>();
            var given = AlignedText.Of(text);
            if (expected["normalized"] is { } normalized)
            {
                Compare(text, "normalized", Written(normalized), Written(JsonValue.Create(normalizer!.Normalize(given).ToString())));
            }

            if (expected["words"] is { } words)
            {
                var actual = new List<AlignedText>();
                if (given.Length > 0)
                {
                    preTokenizer!.Split(given, actual);
                }

                Compare(text, "words", Written(words), Written(new JsonArray([.. actual.Select(Word)])));
            }

            var encoding = tokenizer.EncodeWithOffsets(text);
            if (expected["offsets"] is { } offsets)
            {
                Compare(
                    text, "offsets", Written(offsets),
                    Written(new JsonArray([.. encoding.Offsets.Select(JsonNode (range) => new JsonArray(range.Start, range.End))])));
            }

            if (expected["ids"] is { } ids)
            {
                Compare(text, "ids", Written(ids), Written(new JsonArray([.. encoding.Ids.Select(id => (JsonNode)id)])));
            }
        }

        Assert.True(differences.Count == 0, $"{differences.Count} differences:\n{string.Join('\n', differences.Take(8))}");

        void Compare(string text, string what, string expected, string actual)
        {
            if (expected != actual)
            {
                differences.Add($"{JsonSerializer.Serialize(text)} {what}:\nexpected {expected}\nactual   {actual}");
            }
        }
    }

    private static string Written(JsonNode? node) => node?.ToJsonString() ?? "null";

    private static JsonArray Word(AlignedText word)
    {
        var range = word.RangeOf(0, word.Length);
        return new JsonArray(word.ToString(), new JsonArray(range.Start, range.End));
    }

    private static JsonPlace Place(JsonNode part, string name) => new(JsonSerializer.SerializeToElement(part), "part", name);

    /// <summary>The parts of a rule before a model that knows no character, so that each is one token with its own offsets.</summary>
    private static Tokenizer Load(JsonObject rule)
    {
        var json = new JsonObject
        {
            ["added_tokens"] = rule["added_tokens"]?.DeepClone(),
            ["normalizer"] = rule["normalizer"]?.DeepClone(),
            ["pre_tokenizer"] = rule["pre_tokenizer"]?.DeepClone(),
            ["model"] = JsonNode.Parse("""{"type": "BPE", "unk_token": "<unk>", "vocab": {"<unk>": 0}, "merges": []}"""),
        };
        return Tokenizer.FromJson(json.ToJsonString(), rule["name"]!.GetValue<string>());
    }
}
