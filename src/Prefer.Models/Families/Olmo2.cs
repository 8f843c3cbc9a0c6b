using System.Text.Json.Nodes;
using Prefer.Models.Forest;

namespace Prefer.Models.Families;

/// <summary>OLMo 2 (OLMo Team 2024): Llama with its norms after each part instead of before, and norms of the whole query and key projections.</summary>
internal static class Olmo2
{
    internal static readonly Family Family = RotaryDecoder.FamilyOf("olmo2", "Olmo2ForSequenceClassification", Shape) with
    {
        Assumed = new JsonObject { ["max_position_embeddings"] = 2048, ["pad_token_id"] = 1 },
    };

    private static RotaryDecoderShape Shape(ModelConfig config)
    {
        var rotary = Rotary.Of(config, RotaryDecoderShape.HeadSizeOf(config));
        var bias = config.Flag("attention_bias", false);
        return RotaryDecoderShape.Of(config, _ => new DecoderLayerKind(null, rotary), epsilon: 1e-5) with
        {
            Norms = LayerNorms.After,
            QueryKeyNorm = QueryKeyNorm.Whole,
            QueryKeyValueBias = bias,
            OutputBias = bias,
        };
    }
}
