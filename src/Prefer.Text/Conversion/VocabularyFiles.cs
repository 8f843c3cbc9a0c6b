using System.Text.Json;
using System.Text.Json.Nodes;

namespace Prefer.Text.Conversion;

/// <summary>Tokenizers that are a list of tokens, or tokens and merges: vocab.txt, and vocab.json with merges.txt.</summary>
internal static class VocabularyFiles
{
    /// <summary>Cuts words as Qwen 2 does: letters with one character before them, single digits, symbols, line ends, spaces.</summary>
    private const string QwenWords =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    public static JsonObject Bert(VocabularyFolder folder)
    {
        var vocabulary = Lines(folder.Text("vocab.txt"));
        var (settings, ids) = (folder.Settings, vocabulary.ToDictionary(entry => entry.Key, entry => entry.Value!.GetValue<int>(), StringComparer.Ordinal));
        var (cls, sep) = (folder.Known("cls_token", ids), folder.Known("sep_token", ids));
        return Part.Tokenizer(
            new JsonObject
            {
                ["type"] = "WordPiece",
                ["unk_token"] = settings.Role("unk_token"),
                ["continuing_subword_prefix"] = "##",
                ["max_input_chars_per_word"] = 100,
                ["vocab"] = vocabulary,
            },
            new JsonObject
            {
                ["type"] = "BertNormalizer",
                ["clean_text"] = true,
                ["handle_chinese_chars"] = settings.Flag("tokenize_chinese_chars") ?? true,
                ["strip_accents"] = settings.Flag("strip_accents"),
                ["lowercase"] = settings.Flag("do_lower_case") ?? true,
            },
            Part.Of("BertPreTokenizer"),
            Part.Template(ids, [(cls, 0), (Part.TextA, 0), (sep, 0)], [(cls, 0), (Part.TextA, 0), (sep, 0), (Part.TextB, 1), (sep, 1)]),
            new JsonObject { ["type"] = "WordPiece", ["prefix"] = "##", ["cleanup"] = true });
    }

    public static JsonObject Gpt2(VocabularyFolder folder) => Part.Tokenizer(
        BytePair(folder), null, Part.ByteLevel(folder.Settings.Flag("add_prefix_space") ?? false), Part.ByteLevel(addPrefixSpace: true, trimOffsets: false),
        Part.ByteLevel(addPrefixSpace: true));

    /// <summary>OPT is GPT-2 with a token before the text, also where its settings do not say so.</summary>
    public static JsonObject Opt(VocabularyFolder folder)
    {
        var json = Gpt2(folder);
        if (folder.Settings.Flag("add_bos_token") is null)
        {
            var ids = Ids(json["model"]!["vocab"]!.AsObject());
            var bos = folder.Known("bos_token", ids);
            json["post_processor"] = Part.Template(ids, [(bos, 0), (Part.TextA, 0)], [(bos, 0), (Part.TextA, 0), (bos, 1), (Part.TextB, 1)]);
        }

        return json;
    }

    public static JsonObject Roberta(VocabularyFolder folder)
    {
        var model = BytePair(folder);
        var ids = Ids(model["vocab"]!.AsObject());
        var (cls, sep) = (folder.Known("cls_token", ids), folder.Known("sep_token", ids));
        var addsPrefix = folder.Settings.Flag("add_prefix_space") ?? false;
        var processor = new JsonObject
        {
            ["type"] = "RobertaProcessing",
            ["sep"] = new JsonArray(sep, ids[sep]),
            ["cls"] = new JsonArray(cls, ids[cls]),
            ["trim_offsets"] = folder.Settings.Flag("trim_offsets") ?? true,
            ["add_prefix_space"] = addsPrefix,
        };
        return Part.Tokenizer(model, null, Part.ByteLevel(addsPrefix), processor, Part.ByteLevel(addPrefixSpace: true));
    }

    public static JsonObject Qwen2(VocabularyFolder folder) => Part.Tokenizer(
        BytePair(folder), Part.Of("NFC"),
        Part.Sequence(
            "pretokenizers", Part.Split("Regex", QwenWords, "Isolated"),
            Part.ByteLevel(folder.Settings.Flag("add_prefix_space") ?? false, trimOffsets: false, useRegex: false)),
        Part.ByteLevel(addPrefixSpace: false, trimOffsets: false, useRegex: false), Part.ByteLevel(addPrefixSpace: false, trimOffsets: false, useRegex: false));

    private static JsonObject BytePair(VocabularyFolder folder) =>
        Part.BytePair(Vocabulary(folder), Merges(folder.Text("merges.txt"), folder.PathOf("merges.txt")), affix: "");

    private static JsonObject Vocabulary(VocabularyFolder folder)
    {
        var path = folder.PathOf("vocab.json");
        try
        {
            return JsonNode.Parse(folder.Text("vocab.json")) is JsonObject { Count: > 0 } vocabulary && vocabulary.All(entry => entry.Value is JsonValue value && value.TryGetValue<int>(out _))
                ? vocabulary
                : throw new TokenizerException($"{path}: is not a vocabulary; expected a JSON object of tokens and their ids");
        }
        catch (Exception error) when (error is JsonException or ArgumentException or InvalidOperationException)
        {
            throw new TokenizerException($"{path}: is not a vocabulary: {error.Message}; expected a JSON object of tokens and their ids", error);
        }
    }

    private static Dictionary<string, int> Ids(JsonObject vocabulary) =>
        vocabulary.ToDictionary(entry => entry.Key, entry => entry.Value!.GetValue<int>(), StringComparer.Ordinal);

    /// <summary>A token a line; one that is listed twice has the later id.</summary>
    private static JsonObject Lines(string text)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        var lines = text.ReplaceLineEndingsLikePython().Split('\n');
        for (var id = 0; id < lines.Length - (lines[^1].Length == 0 ? 1 : 0); id++)
        {
            ids[lines[id]] = id;
        }

        return new JsonObject(ids.Select(entry => KeyValuePair.Create<string, JsonNode?>(entry.Key, entry.Value)));
    }

    private static string ReplaceLineEndingsLikePython(this string text) => text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');

    private static List<(string Left, string Right)> Merges(string text, string path)
    {
        var merges = new List<(string Left, string Right)>();
        var lines = text.ReplaceLineEndingsLikePython().Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i].Length == 0 || (i == 0 && lines[i].StartsWith("#version", StringComparison.Ordinal)))
            {
                continue;
            }

            merges.Add(lines[i].Split(' ') is [var left, var right] ? (left, right) : throw new TokenizerException($"{path}: line {i + 1} is \"{lines[i]}\", expected two tokens with a space between them"));
        }

        return merges;
    }
}
