using System.Text.Json;
using System.Text.Json.Nodes;

namespace Prefer.Models;

/// <summary>A Hugging Face <c>config.json</c>, read by key with a message for what is missing, of another type, or not supported.</summary>
internal sealed class ModelConfig
{
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
            return From(JsonNode.Parse(File.ReadAllText(path)), path);
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
            ? new ModelConfig(json, source)
            : throw new ModelException($"{source}: found {node?.GetValueKind().ToString() ?? "null"} where a config object was expected");

    internal bool Has(string key) => Json[key] is not null;

    internal int Count(string key, int? fallback = null)
    {
        var value = Read(key, fallback);
        return value > 0 ? value : throw Wrong(key, "a positive whole number");
    }

    internal int? OptionalToken(string key) => Json[key] is null ? null : Read<int>(key, null);

    /// <summary>The end-of-sequence token; the first where the config lists several.</summary>
    internal int? EndTokenId => Json["eos_token_id"] is JsonArray { Count: > 0 } several ? several[0]!.GetValue<int>() : OptionalToken("eos_token_id");

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

    /// <summary>Number of labels of the classification head the config describes; 1 is a reward.</summary>
    internal int LabelCount => Json["num_labels"] is not null ? Read<int>("num_labels", null) : Json["id2label"] is JsonObject labels ? labels.Count : 1;

    /// <summary>Base of the rotary angles, in either generation's spelling; refuses scaled rotary embeddings.</summary>
    internal double RopeTheta()
    {
        foreach (var key in new[] { "rope_scaling", "rope_parameters" })
        {
            if (Json[key] is JsonObject rope && (rope["rope_type"] ?? rope["type"])?.ToString() is { } type && type != "default")
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
