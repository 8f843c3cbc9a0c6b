using System.Text.Json;
using Prefer.Text;
using Xunit;

namespace Prefer.Tests.Text;

/// <summary>
/// Small tokenizers made for the tests, one a line of <c>fixtures/tokenizers/recorded*.jsonl</c>, and what the reference implementation
/// (tokenizers 0.23.2) made of texts chosen to be difficult for them: settings that the published tokenizers do not use, added tokens in all
/// their variants, combining marks in odd orders.
/// </summary>
public sealed class RecordedTokenizerTests
{
    private static readonly JsonSerializerOptions SnakeCase = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private static readonly Recording[] Recordings =
    [
        .. Directory.GetFiles(Path.Combine(TokenizerFixtures.Repository, "tests", "fixtures", "tokenizers"), "recorded*.jsonl").Order(StringComparer.Ordinal)
            .SelectMany(File.ReadLines)
            .Select(line => JsonSerializer.Deserialize<Recording>(line, SnakeCase)!),
    ];

    private sealed record Recording(string Name, JsonElement Tokenizer, TextCase[] Cases, PairCase[]? Pairs, DecodingCase[]? Decodings);

    private sealed record TextCase(string Text, int[] Ids, int[][] Offsets, string Decoded, string DecodedSkipSpecial);

    /// <summary>A pair with special tokens; <c>type_ids_no_special</c> without.</summary>
    private sealed record PairCase(string A, string B, int[] Ids, int[] TypeIds, int[][] Offsets, int[] Special, int[] TypeIdsNoSpecial);

    private sealed record DecodingCase(int[] Ids, string Text);

    public static TheoryData<string> Names => [.. Recordings.Select(recording => recording.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Ids_offsets_and_decoding_equal_the_reference(string name)
    {
        var recording = Recordings.Single(recording => recording.Name == name);
        var tokenizer = Tokenizer.FromJson(recording.Tokenizer.GetRawText(), name);
        var differences = new List<string>();
        foreach (var expected in recording.Cases)
        {
            var encoding = tokenizer.EncodeWithOffsets(expected.Text);
            Compare(expected.Text, "ids", string.Join(' ', expected.Ids), string.Join(' ', encoding.Ids));
            Compare(
                expected.Text, "offsets", string.Join(' ', expected.Offsets.Select(range => $"{range[0]}-{range[1]}")),
                string.Join(' ', encoding.Offsets.Select(range => $"{range.Start}-{range.End}")));
            Compare(expected.Text, "decoded", expected.Decoded, tokenizer.Decode(expected.Ids));
            Compare(expected.Text, "decoded, no specials", expected.DecodedSkipSpecial, tokenizer.Decode(expected.Ids, skipSpecialTokens: true));
        }

        foreach (var expected in recording.Pairs ?? [])
        {
            var text = $"{expected.A} + {expected.B}";
            var encoding = tokenizer.EncodeWithOffsets(expected.A, expected.B);
            Compare(text, "pair ids", string.Join(' ', expected.Ids), string.Join(' ', encoding.Ids));
            Compare(text, "pair type ids", string.Join(' ', expected.TypeIds), string.Join(' ', encoding.TypeIds));
            Compare(
                text, "pair offsets", string.Join(' ', expected.Offsets.Select(range => $"{range[0]}-{range[1]}")),
                string.Join(' ', encoding.Offsets.Select(range => $"{range.Start}-{range.End}")));
            Compare(text, "pair special", string.Join(' ', expected.Special), string.Join(' ', encoding.SpecialTokensMask.Select(special => special ? 1 : 0)));
            Compare(
                text, "pair type ids, no specials", string.Join(' ', expected.TypeIdsNoSpecial),
                string.Join(' ', tokenizer.EncodeWithOffsets(expected.A, expected.B, addSpecialTokens: false).TypeIds));
        }

        foreach (var expected in recording.Decodings ?? [])
        {
            Compare(string.Join(' ', expected.Ids), "decoded ids", expected.Text, tokenizer.Decode(expected.Ids));
        }

        Assert.True(differences.Count == 0, $"{differences.Count} differences:\n{string.Join('\n', differences.Take(12))}");

        void Compare(string text, string what, string expected, string actual)
        {
            if (expected != actual)
            {
                differences.Add($"{JsonSerializer.Serialize(text)} {what}: expected {expected} | actual {actual}");
            }
        }
    }
}
