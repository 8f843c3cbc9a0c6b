using System.Text.Json.Nodes;
using Prefer.Models.Files;
using Prefer.Models.Forest;

namespace Prefer.Models.Families;

/// <summary>
/// Gemma 3's text model (Gemma Team 2025): Gemma 2 with norms of queries and keys in each head, five layers with a window to each without,
/// and rotary positions of their own for either kind. It has no soft cap of scores: Hugging Face's code ignores the config's.
/// </summary>
internal static class Gemma3
{
    internal static readonly Family Family = RotaryDecoder.FamilyOf("gemma3_text", "Gemma3TextForSequenceClassification", Shape) with
    {
        Assumed = new JsonObject
        {
            ["num_key_value_heads"] = 4, ["head_dim"] = 256, ["max_position_embeddings"] = 131072, ["pad_token_id"] = 0, ["query_pre_attn_scalar"] = 256,
            ["sliding_window"] = 4096, ["sliding_window_pattern"] = 6, ["rope_theta"] = 1000000.0, ["rope_local_base_freq"] = 10000.0,
        },
        ToOlder = ToOlder,
    };

    private static RotaryDecoderShape Shape(ModelConfig config)
    {
        var size = RotaryDecoderShape.HeadSizeOf(config);
        if (config.Section("rope_parameters") is { } nested && !nested.Json.All(pair => pair.Key is RotaryDecoderShape.FullAttention or RotaryDecoderShape.SlidingAttention))
        {
            throw config.Wrong("rope_parameters", $"an object with {RotaryDecoderShape.FullAttention} and {RotaryDecoderShape.SlidingAttention}");
        }
        // The older spelling scales the layers without a window only.
        var global = Of(config, config.Section("rope_scaling"), RotaryDecoderShape.FullAttention, "rope_theta", size);
        var local = Of(config, null, RotaryDecoderShape.SlidingAttention, "rope_local_base_freq", size);
        var sliding = RotaryDecoderShape.Sliding(config, IsSliding(config));
        return Gemma2.Common(config, index => sliding[index] ? new DecoderLayerKind(config.Count("sliding_window"), local) : new DecoderLayerKind(null, global)) with
        {
            QueryKeyNorm = QueryKeyNorm.Heads,
        };
    }

    private static Rotary Of(ModelConfig config, ModelConfig? older, string layerType, string thetaKey, int size)
    {
        var section = config.Section("rope_parameters")?.Section(layerType);
        return Rotary.Of(config, older ?? section, size, section?.Has("rope_theta") == true ? section.Number("rope_theta") : config.Number(thetaKey));
    }

    private static Func<int, bool> IsSliding(ModelConfig config)
    {
        var pattern = config.Count("sliding_window_pattern");
        return index => (index + 1) % pattern != 0;
    }

    private static void ToOlder(ModelConfig config, JsonObject json)
    {
        OlderSpelling.LayerTypes(json, RotaryDecoderShape.LayerTypes(config, IsSliding(config)));
        if (json["rope_parameters"] is not JsonObject rope || (rope[RotaryDecoderShape.SlidingAttention] is JsonObject sliding && OlderSpelling.Scaling(sliding) is not null))
        {
            return;
        }
        json.Remove("rope_parameters");
        json["rope_theta"] = rope[RotaryDecoderShape.FullAttention]?["rope_theta"]?.DeepClone() ?? config.Number("rope_theta");
        json["rope_local_base_freq"] = rope[RotaryDecoderShape.SlidingAttention]?["rope_theta"]?.DeepClone() ?? config.Number("rope_local_base_freq");
        if (json["rope_scaling"] is null)
        {
            json["rope_scaling"] = rope[RotaryDecoderShape.FullAttention] is JsonObject full ? OlderSpelling.Scaling(full) : null;
        }
    }
}
