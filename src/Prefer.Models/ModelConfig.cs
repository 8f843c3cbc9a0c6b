using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Prefer.Models;

/// <summary>A Hugging Face <c>config.json</c>, read by key with a message for what is missing, of another type, or not supported.</summary>
internal sealed class ModelConfig
{
    /// <summary>Python would take the last of two equal names and others the first: refused instead.</summary>
    internal static readonly JsonDocumentOptions NoDuplicates = new() { AllowDuplicateProperties = false };

    private readonly string source;

    private ModelConfig(JsonObject json, string source) => (Json, this.source) = (json, source);

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
            // As text, because a node made of an int gives no double.
            ? new ModelConfig(JsonNode.Parse(json.ToJsonString())!.AsObject(), source)
            : throw new ModelException($"{source}: found {node?.GetValueKind().ToString() ?? "null"} where a config object was expected");

    internal bool Has(string key) => Json[key] is not null;

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
    internal int? OptionalToken(string key, int? absent = null) => !Json.ContainsKey(key) ? absent : Json[key] is null ? null : Read<int>(key, null);

    /// <summary>The end-of-sequence token; the first where the config lists several.</summary>
    internal int? EndTokenId =>
        Json["eos_token_id"] is not JsonArray { Count: > 0 } several ? OptionalToken("eos_token_id")
        : several[0] is JsonValue first && first.TryGetValue<int>(out var id) ? id
        : throw Wrong("eos_token_id", "a whole number or a list of them");

    internal double Number(string key, double? fallback = null) => Read(key, fallback);

    internal bool Flag(string key, bool fallback) => Read<bool>(key, fallback);

    internal string Text(string key, string? fallback = null)
    {
        if (Json[key] is null && fallback is not null)
        {
            return fallback;
        }
        return Json[key] is JsonValue value && value.TryGetValue<string>(out var text) ? text : throw Wrong(key, "a string");
    }

    /// <summary>Refuses a field whose value would change results and is not supported.</summary>
    internal void Require(string key, string reason, params JsonNode?[] allowed)
    {
        if (Json[key] is { } found && !allowed.Any(value => JsonNode.DeepEquals(found, value)))
        {
            var choices = string.Join(" or ", allowed.Select(value => value?.ToJsonString() ?? "null"));
            throw new ModelException($"{source}: {key} is {found.ToJsonString()}: {reason}. Supported: {choices}.");
        }
    }

    internal ModelException Wrong(string key, string expected) =>
        new($"{source}: {key} is {Json[key]?.ToJsonString() ?? "missing"}; expected {expected}");

    /// <summary>All end-of-sequence tokens; empty where the config names none.</summary>
    internal IReadOnlyList<int> EndTokenIds =>
        Json["eos_token_id"] is not JsonArray several ? (OptionalToken("eos_token_id") is { } only ? [only] : [])
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

    /// <summary>Base of the rotary angles, in either generation's spelling; refuses scaled rotary embeddings.</summary>
    internal double RopeTheta()
    {
        foreach (var key in new[] { "rope_scaling", "rope_parameters" })
        {
            if (Json[key] is not { } found)
            {
                continue;
            }
            var rope = found as JsonObject ?? throw Wrong(key, "an object");
            var type = (rope["rope_type"] ?? rope["type"])?.ToString();
            if (type is null && rope.ContainsKey("factor"))
            {
                throw Wrong(key, "an object with a rope_type");
            }
            if (type is not (null or "default"))
            {
                throw new ModelException($"{source}: {key} asks for rotary embeddings of type {type}, which are not supported. Supported: default.");
            }
        }
        if (Json["rope_parameters"] is JsonObject parameters && parameters["rope_theta"] is JsonValue theta)
        {
            return theta.TryGetValue<double>(out var value) ? value : throw Wrong("rope_parameters", "an object with a number rope_theta");
        }
        return Number("rope_theta", 10000);
    }

    private T Read<T>(string key, T? fallback) where T : struct
    {
        if (Json[key] is null && fallback is { } value)
        {
            return value;
        }
        return Json[key] is JsonValue found && found.TryGetValue<T>(out var read)
            ? read
            : throw Wrong(key, typeof(T) == typeof(bool) ? "true or false" : typeof(T) == typeof(int) ? "a whole number" : "a number");
    }
}
