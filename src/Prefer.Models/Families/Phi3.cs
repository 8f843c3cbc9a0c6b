using System.Text.Json.Nodes;
using Prefer.Models.Files;
using Prefer.Models.Forest;

namespace Prefer.Models.Families;

/// <summary>Phi-3 (Abdin et al. 2024): Llama with fused projections, LongRoPE over a part of the head, one optional window, dropout on the residual branches.</summary>
internal static class Phi3
{
    internal static readonly Family Family = RotaryDecoder.FamilyOf("phi3", "Phi3ForSequenceClassification", Shape) with
    {
        Assumed = new JsonObject { ["max_position_embeddings"] = 4096, ["original_max_position_embeddings"] = 4096, ["pad_token_id"] = 32000 },
        ToOlder = ToOlder,
    };

    private static RotaryDecoderShape Shape(ModelConfig config)
    {
        // "su" and "yarn" are what early checkpoints called longrope.
        var rotary = Rotary.Of(config, RotaryDecoderShape.HeadSizeOf(config), partKey: "partial_rotary_factor", longRopeNames: ["su", "yarn"]);
        int? window = config.Has("sliding_window") ? config.Count("sliding_window") : null;
        return RotaryDecoderShape.Of(config, _ => new DecoderLayerKind(window, rotary), epsilon: 1e-5) with { IsFused = true, DropsBranches = true };
    }

    // The older code accepts rope_scaling with a type and two lists, and takes the original length from beside it.
    private static void ToOlder(ModelConfig config, JsonObject json)
    {
        OlderSpelling.Rope(json, partKey: "partial_rotary_factor");
        if (json["rope_scaling"] is JsonObject scaling)
        {
            scaling["type"] ??= scaling["rope_type"]?.DeepClone();
            scaling.Remove("rope_type");
            if (json["original_max_position_embeddings"] is null && scaling["original_max_position_embeddings"] is { } original)
            {
                json["original_max_position_embeddings"] = original.DeepClone();
            }
            scaling.Remove("original_max_position_embeddings");
        }
    }
}
