using Prefer.Models.Forest;

namespace Prefer.Models.Families;

/// <summary>What is normalised of queries and keys before the rotation.</summary>
internal enum QueryKeyNorm
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Each head by itself, with one weight for all heads: Qwen3, Gemma 3.</summary>
    Heads,

    /// <summary>The whole projection, before it is cut into heads: OLMo 2.</summary>
    Whole,
}

/// <summary>The names of a layer's norms by where they stand; null where there is none.</summary>
internal sealed record LayerNorms(string? BeforeAttention, string? AfterAttention, string? BeforeInner, string? AfterInner)
{
    /// <summary>Llama's: before each part.</summary>
    internal static LayerNorms Before { get; } = new("input_layernorm", null, "post_attention_layernorm", null);

    /// <summary>Gemma's: before and after each part.</summary>
    internal static LayerNorms Around { get; } = new("input_layernorm", "post_attention_layernorm", "pre_feedforward_layernorm", "post_feedforward_layernorm");

    /// <summary>OLMo 2's: after each part, and the residual stream goes in as it is.</summary>
    internal static LayerNorms After { get; } = new(null, "post_attention_layernorm", null, "post_feedforward_layernorm");
}

/// <summary>What one layer's attention sees and how its positions turn.</summary>
/// <param name="Window">Tokens that a query sees, itself included; null sees all before it.</param>
/// <param name="Rotary">Layers with equal ones share the computed angles.</param>
internal sealed record DecoderLayerKind(int? Window, Rotary Rotary);

/// <summary>The switches of <see cref="RotaryDecoder"/>. The defaults are Llama's.</summary>
internal sealed record RotaryDecoderShape
{
    /// <summary>Rows of the token embedding.</summary>
    internal required int VocabularySize { get; init; }

    /// <summary>h.</summary>
    internal required int Hidden { get; init; }

    /// <summary>Width of the inner layer.</summary>
    internal required int Inner { get; init; }

    /// <summary>Query heads.</summary>
    internal required int Heads { get; init; }

    /// <summary>Key heads, a divisor of the query heads.</summary>
    internal required int KeyHeads { get; init; }

    /// <summary>Columns of a head; heads × columns need not be h.</summary>
    internal required int HeadSize { get; init; }

    /// <summary>The layers, first to last.</summary>
    internal required IReadOnlyList<DecoderLayerKind> Layers { get; init; }

    /// <summary>Of the RMS norms.</summary>
    internal required double Epsilon { get; init; }

    /// <summary>Of the inner layer's gate.</summary>
    internal required Activation Activation { get; init; }

    /// <summary>Factor of the attention's scores.</summary>
    internal required double ScoreScale { get; init; }

    /// <summary>Whether the vocabulary head is the token embedding.</summary>
    internal bool TiesVocabulary { get; init; }

    /// <summary>Where the norms stand.</summary>
    internal LayerNorms Norms { get; init; } = LayerNorms.Before;

    /// <summary>Whether norms' weights are stored as w − 1.</summary>
    internal bool NormsAddOne { get; init; }

    /// <summary>Norms of queries and keys.</summary>
    internal QueryKeyNorm QueryKeyNorm { get; init; }

    /// <summary>Biases of the query, key and value projections.</summary>
    internal bool QueryKeyValueBias { get; init; }

    /// <summary>Bias of the attention's output projection.</summary>
    internal bool OutputBias { get; init; }

    /// <summary>Biases of the inner layer.</summary>
    internal bool InnerBias { get; init; }

    /// <summary>Whether query, key and value are one weight, and gate and up another: Phi-3.</summary>
    internal bool IsFused { get; init; }

    /// <summary>Factor of the token embeddings, or null.</summary>
    internal double? EmbeddingScale { get; init; }

    /// <summary>c in c·tanh(score/c) over the attention's scores, or null.</summary>
    internal double? ScoreCap { get; init; }

    /// <summary>The same over the vocabulary's logits.</summary>
    internal double? LogitCap { get; init; }

    /// <summary>Whether dropout falls on what is added to the residual stream, too.</summary>
    internal bool DropsBranches { get; init; }

    /// <summary>Reads what all families of this decoder spell alike.</summary>
    /// <param name="config">The config.</param>
    /// <param name="layer">One layer's attention by its index.</param>
    /// <param name="ties">Whether embeddings are tied where the config is silent.</param>
    /// <param name="activationKey">The family's name of the activation.</param>
    /// <param name="activation">The activation where the config is silent.</param>
    /// <param name="epsilon">Of the norms where the config is silent.</param>
    internal static RotaryDecoderShape Of(
        ModelConfig config, Func<int, DecoderLayerKind> layer, bool ties = false, string activationKey = "hidden_act", string activation = "silu", double epsilon = 1e-6)
    {
        var heads = config.Count("num_attention_heads");
        var keyHeads = config.Count("num_key_value_heads", heads);
        if (heads % keyHeads != 0)
        {
            throw config.Wrong("num_key_value_heads", $"a divisor of num_attention_heads, {heads}");
        }
        var headSize = HeadSizeOf(config);
        return new RotaryDecoderShape
        {
            VocabularySize = config.Count("vocab_size"),
            Hidden = config.Count("hidden_size"),
            Inner = config.Count("intermediate_size"),
            Heads = heads,
            KeyHeads = keyHeads,
            HeadSize = headSize,
            Layers = [.. Enumerable.Range(0, config.Count("num_hidden_layers")).Select(layer)],
            Epsilon = config.Number("rms_norm_eps", epsilon),
            Activation = Families.Activation.Of(config, activationKey, activation),
            ScoreScale = 1 / Math.Sqrt(headSize),
            TiesVocabulary = config.Flag("tie_word_embeddings", ties),
        };
    }

    /// <summary>Columns of a head.</summary>
    internal static int HeadSizeOf(ModelConfig config) =>
        config.Has("head_dim") ? config.Count("head_dim") : config.Count("hidden_size") / config.Heads("num_attention_heads", "hidden_size");

    /// <summary>Whether each layer has a sliding window: <c>layer_types</c>, or the family's rule where the config has none.</summary>
    internal static bool[] Sliding(ModelConfig config, Func<int, bool> usual)
    {
        var count = config.Count("num_hidden_layers");
        if (!config.Has("layer_types"))
        {
            return [.. Enumerable.Range(0, count).Select(usual)];
        }
        var types = config.Texts("layer_types");
        return types.Length == count && types.All(type => type is FullAttention or SlidingAttention)
            ? Array.ConvertAll(types, type => type == SlidingAttention)
            : throw config.Wrong("layer_types", $"{count} entries, each {FullAttention} or {SlidingAttention}");
    }

    /// <summary>Names of layer types by the family's rule.</summary>
    internal static IEnumerable<string> LayerTypes(ModelConfig config, Func<int, bool> usual) =>
        Enumerable.Range(0, config.Count("num_hidden_layers")).Select(index => usual(index) ? SlidingAttention : FullAttention);

    internal const string FullAttention = "full_attention";

    internal const string SlidingAttention = "sliding_attention";
}
