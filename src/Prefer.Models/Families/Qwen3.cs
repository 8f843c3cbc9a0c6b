using System.Text.Json.Nodes;

namespace Prefer.Models.Families;

/// <summary>Qwen3 (Yang et al. 2025): Qwen2 with norms of queries and keys in each head, and biases only where asked for.</summary>
internal static class Qwen3
{
    internal static readonly Family Family = RotaryDecoder.FamilyOf("qwen3", "Qwen3ForSequenceClassification", Shape) with
    {
        Assumed = new JsonObject
        {
            ["num_key_value_heads"] = 32, ["head_dim"] = 128, ["max_position_embeddings"] = 32768, ["sliding_window"] = 4096, ["max_window_layers"] = 28,
        },
        ToOlder = Qwen2.ToOlder,
    };

    private static RotaryDecoderShape Shape(ModelConfig config)
    {
        var bias = config.Flag("attention_bias", false);
        return RotaryDecoderShape.Of(config, Qwen2.Layers(config)) with { QueryKeyNorm = QueryKeyNorm.Heads, QueryKeyValueBias = bias, OutputBias = bias };
    }
}
