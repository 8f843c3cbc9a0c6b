using System.Text.Json.Nodes;
using Prefer.Models.Forest;

namespace Prefer.Models.Families;

/// <summary>Llama 1 to 3 (Touvron et al. 2023, Grattafiori et al. 2024): the shared decoder as it is, with optional biases.</summary>
internal static class Llama
{
    internal static readonly Family Family = RotaryDecoder.FamilyOf("llama", "LlamaForSequenceClassification", Shape) with
    {
        Assumed = new JsonObject { ["max_position_embeddings"] = 2048 },
    };

    private static RotaryDecoderShape Shape(ModelConfig config)
    {
        var rotary = Rotary.Of(config, RotaryDecoderShape.HeadSizeOf(config));
        var bias = config.Flag("attention_bias", false);
        return RotaryDecoderShape.Of(config, _ => new DecoderLayerKind(null, rotary)) with
        {
            QueryKeyValueBias = bias,
            OutputBias = bias,
            InnerBias = config.Flag("mlp_bias", false),
        };
    }
}
