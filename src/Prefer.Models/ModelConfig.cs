using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Prefer.Models.Families;

namespace Prefer.Models;

/// <summary>A Hugging Face <c>config.json</c>, read by key with a message for what is missing, of another type, or not supported.</summary>
internal sealed class ModelConfig
{
    /// <summary>Python would take the last of two equal names and others the first: refused instead.</summary>
    internal static readonly JsonDocumentOptions NoDuplicates = new() { AllowDuplicateProperties = false };

    private readonly JsonObject assumed;

    private ModelConfig(JsonObject json, string source, JsonObject assumed) => (Json, Source, this.assumed) = (json, source, assumed);

    /// <summary>How messages name it.</summary>
    internal string Source { get; }

    /// <summary>The config as it was read; families that save write a changed copy.</summary>
    internal JsonObject Json { get; }

    /// <summary>Hugging Face's name of the family: <c>bert</c>, <c>llama</c>, …</summary>
    internal string ModelType => Text("model_type");

    internal static ModelConfig Load(string path)
    {
        if (!File.Exists(path))
        {
            throw new ModelException($"{path}: not found. A model folder has config.json, model.safetensors and tokenizer files, as Hugging Face saves them.");
        }
        try
        {
            return From(JsonNode.Parse(File.ReadAllText(path), documentOptions: NoDuplicates), path);
        }
        catch (JsonException error)
        {
            throw new ModelException($"{path}: not valid JSON: {error.Message}", error);
        }
    }

    /// <param name="node">The parsed JSON.</param>
    /// <param name="source">How messages name it: a path or a preset.</param>
    internal static ModelConfig From(JsonNode? node, string source) =>
        node is JsonObject json
            ? new ModelConfig(Read(json), source, Read(Family.AssumedOf(json["model_type"])))
            : throw new ModelException($"{source}: found {node?.GetValueKind().ToString() ?? "null"} where a config object was expected");

    /// <summary>Whether there is a value, of the file or, where the file is silent, one that the family assumes.</summary>
    internal bool Has(string key) => Find(key) is not null;

    /// <summary>A nested object as a config of its own, or null where there is none.</summary>
    internal ModelConfig? Section(string key) => Find(key) switch
    {
        null => null,
        JsonObject section => new ModelConfig(section, $"{Source}: {key}", []),
        _ => throw Wrong(key, "an object"),
    };

    /// <summary>A list of numbers.</summary>
    internal double[] Numbers(string key) => List<double>(key, "a list of numbers");

    /// <summary>A list of strings.</summary>
    internal string[] Texts(string key) => List<string>(key, "a list of strings");

    internal int Count(string key, int? fallback = null)
    {
        var value = Read(key, fallback);
        return value > 0 ? value : throw Wrong(key, "a positive whole number");
    }

    /// <summary>A whole number that may be zero or negative, where Hugging Face gives that a meaning.</summary>
    internal int Whole(string key, int fallback) => Read(key, (int?)fallback);

    /// <summary>A number of attention heads, which must divide the hidden size.</summary>
    internal int Heads(string key, string hiddenKey) =>
        Count(hiddenKey) % Count(key) == 0 ? Count(key) : throw Wrong(key, $"a divisor of {hiddenKey}, {Count(hiddenKey)}");

    /// <summary>A token's id; null where the config says null.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="absent">What Hugging Face takes where the config does not name it at all.</param>
    internal int? OptionalToken(string key, int? absent = null) => Find(key) is not null ? Read<int>(key, null) : Json.ContainsKey(key) ? null : absent;

    /// <summary>The end-of-sequence token; the first where the config lists several.</summary>
    internal int? EndTokenId =>
        Find("eos_token_id") is not JsonArray { Count: > 0 } several ? OptionalToken("eos_token_id")
        : several[0] is JsonValue first && first.TryGetValue<int>(out var id) ? id
        : throw Wrong("eos_token_id", "a whole number or a list of them");

    internal double Number(string key, double? fallback = null) => Read(key, fallback);

    internal bool Flag(string key, bool fallback) => Read<bool>(key, fallback);

    internal string Text(string key, string? fallback = null)
    {
        if (Find(key) is null && fallback is not null)
        {
            return fallback;
        }
        return Find(key) is JsonValue value && value.TryGetValue<string>(out var text) ? text : throw Wrong(key, "a string");
    }

    /// <summary>Refuses a field whose value would change results and is not supported.</summary>
    internal void Require(string key, string reason, params JsonNode?[] allowed)
    {
        if (Find(key) is { } found && !allowed.Any(value => JsonNode.DeepEquals(found, value)))
        {
            var choices = string.Join(" or ", allowed.Select(value => value?.ToJsonString() ?? "null"));
            throw new ModelException($"{Source}: {key} is {found.ToJsonString()}: {reason}. Supported: {choices}.");
        }
    }

    internal ModelException Wrong(string key, string expected) =>
        new($"{Source}: {key} is {Find(key)?.ToJsonString() ?? "missing"}; expected {expected}");

    /// <summary>All end-of-sequence tokens; empty where the config names none.</summary>
    internal IReadOnlyList<int> EndTokenIds =>
        Find("eos_token_id") is not JsonArray several ? (OptionalToken("eos_token_id") is { } only ? [only] : [])
        : [.. several.Select(item => item is JsonValue value && value.TryGetValue<int>(out var id) ? id : throw Wrong("eos_token_id", "a whole number or a list of them"))];

    /// <summary>Names of the labels of the classification head, in their order, or null where the config says nothing of them.</summary>
    internal IReadOnlyList<string>? LabelNames()
    {
        if (Json["id2label"] is not { } found)
        {
            return Json["num_labels"] is null ? null : [.. Enumerable.Range(0, Count("num_labels")).Select(UnnamedLabel)];
        }
        var names = found as JsonObject ?? throw Wrong("id2label", "an object of label names by number");
        return [.. Enumerable.Range(0, names.Count).Select(index => names[index.ToString(CultureInfo.InvariantCulture)] is JsonValue name
            ? name.ToString()
            : throw Wrong("id2label", $"a name for each of the numbers 0 to {names.Count - 1}"))];
    }

    /// <summary>How Hugging Face calls a label without a name.</summary>
    internal static string UnnamedLabel(int index) => $"LABEL_{index}";

    // As text, because a node made of an int gives no double.
    private static JsonObject Read(JsonObject json) => JsonNode.Parse(json.ToJsonString())!.AsObject();

    private T Read<T>(string key, T? fallback) where T : struct
    {
        if (Find(key) is null && fallback is { } value)
        {
            return value;
        }
        return Find(key) is JsonValue found && found.TryGetValue<T>(out var read)
            ? read
            : throw Wrong(key, typeof(T) == typeof(bool) ? "true or false" : typeof(T) == typeof(int) ? "a whole number" : "a number");
    }

    private T[] List<T>(string key, string expected) =>
        Find(key) is JsonArray list && list.All(item => item is JsonValue value && value.TryGetValue<T>(out _)) ? [.. list.Select(item => item!.GetValue<T>())] : throw Wrong(key, expected);

    // A null in the file says "none" where a missing key says "as usual".
    private JsonNode? Find(string key) => Json.TryGetPropertyValue(key, out var value) ? value : assumed[key];
}
