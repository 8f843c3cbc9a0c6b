using System.Text.Json.Nodes;
using Prefer.Models.Files;
using Prefer.Models.Forest;

namespace Prefer.Models.Families;

/// <summary>
/// Gemma 2 (Gemma Team 2024): norms around each part with weights stored as w − 1, embeddings scaled by √h, soft caps of scores and logits,
/// a score factor of its own, and a sliding window in every other layer, the first included.
/// </summary>
internal static class Gemma2
{
    internal static readonly Family Family = RotaryDecoder.FamilyOf("gemma2", "Gemma2ForSequenceClassification", Shape) with
    {
        Assumed = new JsonObject
        {
            ["num_key_value_heads"] = 4, ["head_dim"] = 256, ["max_position_embeddings"] = 8192, ["pad_token_id"] = 0, ["query_pre_attn_scalar"] = 256,
            ["sliding_window"] = 4096, ["attn_logit_softcapping"] = 50.0, ["final_logit_softcapping"] = 30.0,
        },
        ToOlder = (config, json) =>
        {
            OlderSpelling.Rope(json);
            OlderSpelling.LayerTypes(json, RotaryDecoderShape.LayerTypes(config, IsSliding));
        },
    };

    /// <summary>What Gemma 2 and 3 have in common.</summary>
    /// <param name="config">The config.</param>
    /// <param name="layer">One layer's attention by its index.</param>
    internal static RotaryDecoderShape Common(ModelConfig config, Func<int, DecoderLayerKind> layer)
    {
        config.Require("use_bidirectional_attention", "such a model is no decoder", false);
        var bias = config.Flag("attention_bias", false);
        return RotaryDecoderShape.Of(config, layer, ties: true, "hidden_activation", "gelu_pytorch_tanh") with
        {
            Norms = LayerNorms.Around,
            NormsAddOne = true,
            QueryKeyValueBias = bias,
            OutputBias = bias,
            EmbeddingScale = Math.Sqrt(config.Count("hidden_size")),
            ScoreScale = 1 / Math.Sqrt(config.Number("query_pre_attn_scalar")),
            LogitCap = Cap(config, "final_logit_softcapping"),
        };
    }

    private static RotaryDecoderShape Shape(ModelConfig config)
    {
        var rotary = Rotary.Of(config, RotaryDecoderShape.HeadSizeOf(config));
        var sliding = RotaryDecoderShape.Sliding(config, IsSliding);
        return Common(config, index => new DecoderLayerKind(sliding[index] ? config.Count("sliding_window") : null, rotary)) with { ScoreCap = Cap(config, "attn_logit_softcapping") };
    }

    private static bool IsSliding(int index) => index % 2 == 0;

    private static double? Cap(ModelConfig config, string key) => config.Has(key) ? config.Number(key) : null;
}
