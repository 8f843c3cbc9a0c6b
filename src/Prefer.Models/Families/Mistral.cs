using System.Text.Json.Nodes;
using Prefer.Models.Forest;

namespace Prefer.Models.Families;

/// <summary>Mistral (Jiang et al. 2023): Llama with one sliding window in every layer, where the config has one.</summary>
internal static class Mistral
{
    internal static readonly Family Family = RotaryDecoder.FamilyOf("mistral", "MistralForSequenceClassification", Shape) with
    {
        Assumed = new JsonObject { ["num_key_value_heads"] = 8, ["sliding_window"] = 4096, ["max_position_embeddings"] = 131072 },
    };

    private static RotaryDecoderShape Shape(ModelConfig config)
    {
        var rotary = Rotary.Of(config, RotaryDecoderShape.HeadSizeOf(config));
        int? window = config.Has("sliding_window") ? config.Count("sliding_window") : null;
        return RotaryDecoderShape.Of(config, _ => new DecoderLayerKind(window, rotary));
    }
}
