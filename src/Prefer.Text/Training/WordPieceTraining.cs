using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Prefer.Text.Conversion;
using Prefer.Text.Normalizers;
using Prefer.Text.PreTokenizers;
using Prefer.Text.Training;

namespace Prefer.Text;

/// <summary>How a WordPiece tokenizer is trained.</summary>
public sealed record WordPieceTrainingOptions
{
    /// <summary>BERT's special tokens.</summary>
    internal static readonly ImmutableArray<string> SpecialTokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    /// <summary>Largest number of tokens, with five special tokens and the characters; never fewer than these.</summary>
    public int VocabularySize { get; init; } = 8192;

    /// <summary>A pair that occurs less often is not merged.</summary>
    public long MinFrequency { get; init; } = 2;

    /// <summary>Upper case and accents stay; otherwise both go, as in BERT uncased.</summary>
    public bool KeepsCase { get; init; }
}

/// <summary>
/// Trains a WordPiece tokenizer for an encoder, with BERT's words and special tokens. The pieces are those of byte-pair merging over
/// characters, in which a character that does not start its word is another symbol, written with <c>##</c> (as the trainer of Hugging Face
/// tokenizers does it; BERT's own was never published). The order of the texts does not matter.
/// </summary>
public static class WordPieceTraining
{
    private const string Continuation = "##";

    /// <summary>A tokenizer of the texts; its <see cref="Tokenizer.Json"/> is a complete tokenizer.json.</summary>
    /// <exception cref="TokenizerException">The options ask for the impossible, or there is no text.</exception>
    public static Tokenizer Train(IEnumerable<string> texts, WordPieceTrainingOptions options)
    {
        if (options.VocabularySize < 1 || options.MinFrequency < 1)
        {
            throw new TokenizerException($"a vocabulary of {options.VocabularySize} tokens and a smallest pair frequency of {options.MinFrequency} were asked for; ask for 1 or more");
        }

        var normalizer = Normalizer(options);
        var counts = Count(texts, normalizer);
        if (counts.Count == 0)
        {
            throw new TokenizerException("there is no text to train a tokenizer on");
        }

        var vocabulary = Learn(counts, options);
        return Tokenizer.FromJson(Write(vocabulary, normalizer).ToJsonString(Part.Style), "the trained tokenizer");
    }

    /// <summary>Tokens in the order of their ids: special tokens, characters, characters within words, and merges in the order they were made.</summary>
    internal static List<string> Learn(IReadOnlyDictionary<string, long> wordCounts, WordPieceTrainingOptions options)
    {
        var words = wordCounts.Select(word => (Characters: Characters(word.Key), word.Value)).ToArray();
        List<string> vocabulary =
        [
            .. WordPieceTrainingOptions.SpecialTokens,
            .. words.SelectMany(word => word.Characters).Distinct().OrderBy(character => character.Value).Select(character => character.ToString()),
            .. words.SelectMany(word => word.Characters.Skip(1)).Distinct().OrderBy(character => character.Value).Select(character => Continuation + character),
        ];
        var ids = vocabulary.Select((token, id) => (token, id)).ToDictionary(entry => entry.token, entry => entry.id, StringComparer.Ordinal);
        var merger = new PairMerger(words.Select(word =>
            (word.Characters.Select((character, index) => ids[index == 0 ? character.ToString() : Continuation + character]).ToArray(), word.Value)));
        while (vocabulary.Count < options.VocabularySize && merger.MostFrequent(options.MinFrequency) is var (left, right))
        {
            var token = vocabulary[left] + vocabulary[right][Continuation.Length..];
            if (!ids.TryGetValue(token, out var id))
            {
                id = vocabulary.Count;
                vocabulary.Add(token);
                ids.Add(token, id);
            }

            merger.Merge(left, right, id);
        }

        return vocabulary;
    }

    private static System.Text.Rune[] Characters(string word) => [.. word.EnumerateRunes()];

    private static Dictionary<string, long> Count(IEnumerable<string> texts, JsonObject normalizerJson)
    {
        var normalizer = NormalizerKinds.Table.Read(PlaceOf(normalizerJson));
        var preTokenizer = PreTokenizerKinds.Table.Read(PlaceOf(Part.Of("BertPreTokenizer")));
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        var bySpan = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        var words = new List<AlignedText>();
        foreach (var text in texts)
        {
            words.Clear();
            preTokenizer.Split(normalizer.Normalize(AlignedText.Of(text)), words);
            foreach (var word in words)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(bySpan, word.Units, out _)++;
            }
        }

        return counts;
    }

    private static JsonPlace PlaceOf(JsonObject part) => new(JsonDocument.Parse(part.ToJsonString()).RootElement, "", "the trained tokenizer");

    private static JsonObject Normalizer(WordPieceTrainingOptions options) => new()
    {
        ["type"] = "BertNormalizer",
        ["clean_text"] = true,
        ["handle_chinese_chars"] = true,
        ["strip_accents"] = null,
        ["lowercase"] = !options.KeepsCase,
    };

    private static JsonObject Write(List<string> vocabulary, JsonObject normalizer)
    {
        var ids = vocabulary.Select((token, id) => (token, id)).ToDictionary(entry => entry.token, entry => entry.id, StringComparer.Ordinal);
        var model = new JsonObject
        {
            ["type"] = "WordPiece",
            ["unk_token"] = "[UNK]",
            ["continuing_subword_prefix"] = Continuation,
            ["max_input_chars_per_word"] = 100,
            ["vocab"] = new JsonObject(vocabulary.Select((token, id) => KeyValuePair.Create<string, JsonNode?>(token, id))),
        };
        (string, int)[] single = [("[CLS]", 0), (Part.TextA, 0), ("[SEP]", 0)];
        var json = Part.Tokenizer(
            model, normalizer, Part.Of("BertPreTokenizer"), Part.Template(ids, single, [.. single, (Part.TextB, 1), ("[SEP]", 1)]),
            new JsonObject { ["type"] = "WordPiece", ["prefix"] = Continuation, ["cleanup"] = true });
        json["added_tokens"] = new JsonArray(
            [.. WordPieceTrainingOptions.SpecialTokens.Select((token, id) => Part.AddedToken(new AddedToken(id, token, Special: true)))]);
        return json;
    }
}
