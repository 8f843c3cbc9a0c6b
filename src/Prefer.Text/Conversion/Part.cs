using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Prefer.Text.Conversion;

/// <summary>The parts of a tokenizer.json as objects, for those who put one together.</summary>
internal static class Part
{
    /// <summary>How a tokenizer.json is written.</summary>
    public static JsonSerializerOptions Style { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What SentencePiece writes for a space: U+2581.</summary>
    public const string Space = "▁";

    /// <summary>Tokenizers in the part's own list, one after the other.</summary>
    public static JsonObject Sequence(string list, params ReadOnlySpan<JsonObject> parts)
    {
        var items = new JsonArray();
        foreach (var part in parts)
        {
            items.Add(part);
        }

        return new JsonObject { ["type"] = "Sequence", [list] = items };
    }

    public static JsonObject Of(string type) => new() { ["type"] = type };

    public static JsonObject ReplaceText(string text, string content) =>
        new() { ["type"] = "Replace", ["pattern"] = new JsonObject { ["String"] = text }, ["content"] = content };

    public static JsonObject ReplaceRegex(string regex, string content) =>
        new() { ["type"] = "Replace", ["pattern"] = new JsonObject { ["Regex"] = regex }, ["content"] = content };

    public static JsonObject Strip(bool left, bool right) => new() { ["type"] = "Strip", ["strip_left"] = left, ["strip_right"] = right };

    public static JsonObject Precompiled(ReadOnlySpan<byte> map) => new() { ["type"] = "Precompiled", ["precompiled_charsmap"] = Convert.ToBase64String(map) };

    public static JsonObject Metaspace(string scheme, bool split = true) =>
        new() { ["type"] = "Metaspace", ["replacement"] = Space, ["prepend_scheme"] = scheme, ["split"] = split };

    public static JsonObject ByteLevel(bool addPrefixSpace, bool trimOffsets = true, bool useRegex = true) =>
        new() { ["type"] = "ByteLevel", ["add_prefix_space"] = addPrefixSpace, ["trim_offsets"] = trimOffsets, ["use_regex"] = useRegex };

    public static JsonObject Split(string kind, string pattern, string behavior) =>
        new() { ["type"] = "Split", ["pattern"] = new JsonObject { [kind] = pattern }, ["behavior"] = behavior, ["invert"] = false };

    /// <summary>A byte-pair model that has all fields of the format.</summary>
    public static JsonObject BytePair(
        JsonObject vocabulary, IEnumerable<(string Left, string Right)> merges, string? unknown = null, string? affix = null, bool fuse = false, bool bytes = false) => new()
        {
            ["type"] = "BPE",
            ["dropout"] = null,
            ["unk_token"] = unknown,
            ["continuing_subword_prefix"] = affix,
            ["end_of_word_suffix"] = affix,
            ["fuse_unk"] = fuse,
            ["byte_fallback"] = bytes,
            ["ignore_merges"] = false,
            ["vocab"] = vocabulary,
            ["merges"] = new JsonArray([.. merges.Select(merge => new JsonArray(merge.Left, merge.Right))]),
        };

    /// <summary>A template. <c>A</c> and <c>B</c> stand for the texts; every other name is a special token.</summary>
    public static JsonObject Template(
        IReadOnlyDictionary<string, int> ids, IReadOnlyList<(string Name, int TypeId)> single, IReadOnlyList<(string Name, int TypeId)> pair)
    {
        var specials = new JsonObject();
        foreach (var name in single.Concat(pair).Select(piece => piece.Name).Where(name => name is not (TextA or TextB)).Distinct())
        {
            specials[name] = new JsonObject { ["id"] = name, ["ids"] = new JsonArray(ids[name]), ["tokens"] = new JsonArray(name) };
        }

        return new JsonObject { ["type"] = "TemplateProcessing", ["single"] = Pieces(single), ["pair"] = Pieces(pair), ["special_tokens"] = specials };
    }

    /// <summary>The first text in a template; no token of a vocabulary has a control character for its name.</summary>
    public const string TextA = "\u0001A", TextB = "\u0001B";

    /// <summary>A tokenizer without added tokens.</summary>
    public static JsonObject Tokenizer(JsonObject model, JsonObject? normalizer, JsonObject? preTokenizer, JsonObject? postProcessor, JsonObject? decoder) => new()
    {
        ["version"] = "1.0",
        ["truncation"] = null,
        ["padding"] = null,
        ["added_tokens"] = new JsonArray(),
        ["normalizer"] = normalizer,
        ["pre_tokenizer"] = preTokenizer,
        ["post_processor"] = postProcessor,
        ["decoder"] = decoder,
        ["model"] = model,
    };

    public static JsonObject AddedToken(AddedToken token) => new()
    {
        ["id"] = token.Id,
        ["content"] = token.Content,
        ["single_word"] = token.SingleWord,
        ["lstrip"] = token.StripLeft,
        ["rstrip"] = token.StripRight,
        ["normalized"] = token.Normalized,
        ["special"] = token.Special,
    };

    private static JsonArray Pieces(IReadOnlyList<(string Name, int TypeId)> pieces) => new([.. pieces.Select(Piece)]);

    private static JsonObject Piece((string Name, int TypeId) piece)
    {
        var (kind, id) = piece.Name switch
        {
            TextA => ("Sequence", "A"),
            TextB => ("Sequence", "B"),
            _ => ("SpecialToken", piece.Name),
        };
        return new JsonObject { [kind] = new JsonObject { ["id"] = id, ["type_id"] = piece.TypeId } };
    }
}
