using System.Text.Json.Nodes;
using Prefer.Models.Files;
using Prefer.Models.Forest;

namespace Prefer.Models.Families;

/// <summary>Qwen2 and Qwen2.5 (Yang et al. 2024): Llama with biases on query, key and value, and sliding windows in the upper layers where asked for.</summary>
internal static class Qwen2
{
    internal static readonly Family Family = RotaryDecoder.FamilyOf("qwen2", "Qwen2ForSequenceClassification", Shape) with
    {
        Assumed = new JsonObject { ["num_key_value_heads"] = 32, ["max_position_embeddings"] = 32768, ["sliding_window"] = 4096, ["max_window_layers"] = 28 },
        ToOlder = ToOlder,
    };

    /// <summary>Qwen's windows: none unless <c>use_sliding_window</c>, then in the layers from <c>max_window_layers</c> on, or where <c>layer_types</c> says.</summary>
    internal static Func<int, DecoderLayerKind> Layers(ModelConfig config)
    {
        var rotary = Rotary.Of(config, RotaryDecoderShape.HeadSizeOf(config));
        var sliding = RotaryDecoderShape.Sliding(config, IsSliding(config));
        if (sliding.Contains(true) && !config.Flag("use_sliding_window", false))
        {
            throw config.Wrong("layer_types", $"no {RotaryDecoderShape.SlidingAttention} without use_sliding_window");
        }
        return index => new DecoderLayerKind(sliding[index] ? config.Count("sliding_window") : null, rotary);
    }

    internal static void ToOlder(ModelConfig config, JsonObject json)
    {
        OlderSpelling.Rope(json);
        OlderSpelling.LayerTypes(json, RotaryDecoderShape.LayerTypes(config, IsSliding(config)));
    }

    private static RotaryDecoderShape Shape(ModelConfig config) => RotaryDecoderShape.Of(config, Layers(config)) with { QueryKeyValueBias = true };

    private static Func<int, bool> IsSliding(ModelConfig config)
    {
        var first = config.Flag("use_sliding_window", false) && config.Has("sliding_window") ? config.Number("max_window_layers") : double.PositiveInfinity;
        return index => index >= first;
    }
}
