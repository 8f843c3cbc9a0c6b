using Prefer.Models.Forest;
using Prefer.Torch;

namespace Prefer.Models.Families;

/// <summary>
/// The decoder that Llama's kin share: RMS norms, rotary positions, grouped keys, a gated inner layer. Where the families differ is in
/// <see cref="RotaryDecoderShape"/>, and each family's file says which switches it sets. T packed tokens, h hidden size, H query heads,
/// K key heads, D head size.
/// </summary>
internal sealed class RotaryDecoder : Network
{
    private readonly RotaryDecoderShape shape;
    private readonly Tensor words;
    private readonly int? padding;
    private readonly Layer[] layers;
    private readonly RmsNorm finalNorm;
    private readonly DecoderHead head;

    private RotaryDecoder(ModelConfig config, RotaryDecoderShape shape, ParameterSet parameters, Head head)
    {
        this.shape = shape;
        var (hidden, queries, keys) = (shape.Hidden, shape.Heads * shape.HeadSize, shape.KeyHeads * shape.HeadSize);
        // Gemma 3 stretches the layers that see everything; those with a window never turn further than it.
        MaxPositions = shape.Layers.Max(layer => layer.Rotary.MaxPositions);
        padding = config.OptionalToken("pad_token_id");
        var declare = new Declarations(parameters, new Initial.Normal(config.Number("initializer_range", 0.02)));
        RmsNorm? Norm(string? name, int size) => name is null ? null : new RmsNorm(declare.Scale(name, size, isOffset: shape.NormsAddOne), shape.Epsilon, shape.NormsAddOne);

        words = declare.Embedding("model.embed_tokens", shape.VocabularySize, hidden, padding);
        layers = new Layer[shape.Layers.Count];
        for (var index = 0; index < layers.Length; index++)
        {
            var name = $"model.layers.{index}";
            var (attention, inner) = ($"{name}.self_attn", $"{name}.mlp");
            (Tensor, Tensor?) Project(string part, int input, int output, bool bias) => declare.Projection(part, input, output, bias);
            layers[index] = new Layer(
                shape.IsFused
                    ? [Project($"{attention}.qkv_proj", hidden, queries + (2 * keys), shape.QueryKeyValueBias)]
                    : [
                        Project($"{attention}.q_proj", hidden, queries, shape.QueryKeyValueBias),
                        Project($"{attention}.k_proj", hidden, keys, shape.QueryKeyValueBias),
                        Project($"{attention}.v_proj", hidden, keys, shape.QueryKeyValueBias),
                    ],
                Project($"{attention}.o_proj", queries, hidden, shape.OutputBias),
                shape.IsFused
                    ? [Project($"{inner}.gate_up_proj", hidden, 2 * shape.Inner, shape.InnerBias)]
                    : [Project($"{inner}.gate_proj", hidden, shape.Inner, shape.InnerBias), Project($"{inner}.up_proj", hidden, shape.Inner, shape.InnerBias)],
                Project($"{inner}.down_proj", shape.Inner, hidden, shape.InnerBias),
                Norm(Path(name, shape.Norms.BeforeAttention), hidden),
                Norm(Path(name, shape.Norms.AfterAttention), hidden),
                Norm(Path(name, shape.Norms.BeforeInner), hidden),
                Norm(Path(name, shape.Norms.AfterInner), hidden),
                shape.QueryKeyNorm == QueryKeyNorm.None ? null : Norm($"{attention}.q_norm", shape.QueryKeyNorm == QueryKeyNorm.Heads ? shape.HeadSize : queries),
                shape.QueryKeyNorm == QueryKeyNorm.None ? null : Norm($"{attention}.k_norm", shape.QueryKeyNorm == QueryKeyNorm.Heads ? shape.HeadSize : keys),
                shape.Layers[index]);
        }
        finalNorm = Norm("model.norm", hidden)!;
        this.head = DecoderHead.Declare(head, declare, words, shape.TiesVocabulary, softCap: shape.LogitCap);
    }

    /// <summary>A family of this decoder.</summary>
    /// <param name="modelType">Hugging Face's <c>model_type</c>.</param>
    /// <param name="architecture">The class that Hugging Face loads a reward model of it with.</param>
    /// <param name="shapeOf">The family's switches for a config.</param>
    internal static Family FamilyOf(string modelType, string architecture, Func<ModelConfig, RotaryDecoderShape> shapeOf) => new(
        modelType, architecture, IsCausal: true, "model.", "model.embed_tokens.weight", "score.weight",
        name => name.EndsWith("rotary_emb.inv_freq", StringComparison.Ordinal) || name is "lm_head.weight" or "score.weight",
        (config, parameters, head) => new RotaryDecoder(config, shapeOf(config), parameters, head));

    internal override int MaxPositions { get; }

    internal override int VocabularySize => shape.VocabularySize;

    internal override int FrequencyGroup(int length) => shape.Layers.Max(layer => layer.Rotary.FrequencyGroup(length));

    internal override Tensor Hidden(ForestPass pass)
    {
        var rotaries = shape.Layers.Select(layer => layer.Rotary).Distinct().ToDictionary(rotary => rotary, rotary => new RotaryEmbedding(pass, rotary));
        var x = pass.Enter(words.Embedding(pass.Tokens, padding)); // [T, h]
        if (shape.EmbeddingScale is { } scale)
        {
            // As a tensor, so that it is rounded to the computation's type, as Hugging Face rounds it.
            x *= Tensor.Full([], scale, pass.DType, pass.Device);
        }
        foreach (var layer in layers)
        {
            x = pass.Layer(x, x =>
            {
                var attended = Attend(layer, Normalized(x, layer.BeforeAttention), rotaries[layer.Kind.Rotary], pass).Project(layer.Output);
                var branch = Dropped(Normalized(attended, layer.AfterAttention), pass);
                (x, var normal) = layer.BeforeInner is { } norm ? norm.Add(x, branch) : (x + branch, null);
                return x + Dropped(Normalized(Gated(layer, normal ?? x), layer.AfterInner), pass);
            });
        }
        return finalNorm.Apply(x);
    }

    internal override Tensor Logits(Tensor hidden, ForestPass pass) => head.Apply(hidden);

    private Tensor Attend(Layer layer, Tensor x, RotaryEmbedding rotary, ForestPass pass)
    {
        long[] widths = [shape.Heads * shape.HeadSize, shape.KeyHeads * shape.HeadSize, shape.KeyHeads * shape.HeadSize];
        var parts = shape.IsFused ? x.Project(layer.QueryKeyValue[0]).Split(widths, 1) : x.Project(layer.QueryKeyValue.AsSpan());
        Tensor Heads(Tensor values, RmsNorm? norm, int heads) => shape.QueryKeyNorm == QueryKeyNorm.Whole
            ? Normalized(values, norm).Reshape(-1, heads, shape.HeadSize)
            : Normalized(values.Reshape(-1, heads, shape.HeadSize), norm);
        var queries = rotary.Rotate(Heads(parts[0], layer.QueryNorm, shape.Heads)); // [T, H, D]
        var keys = rotary.Rotate(Heads(parts[1], layer.KeyNorm, shape.KeyHeads)); // [T, K, D]
        var values = parts[2].Reshape(-1, shape.KeyHeads, shape.HeadSize);
        return ForestAttention.Attend(queries, keys, values, pass, causal: true, shape.ScoreScale, layer.Kind.Window, shape.ScoreCap);
    }

    private Tensor Gated(Layer layer, Tensor x)
    {
        var parts = shape.IsFused ? x.Project(layer.GateUp[0]).Split([shape.Inner, shape.Inner], 1) : x.Project(layer.GateUp.AsSpan());
        return shape.Activation.Gate(parts[0], parts[1]).Project(layer.Down);
    }

    private Tensor Dropped(Tensor values, ForestPass pass) => shape.DropsBranches ? pass.Dropout(values) : values;

    private static Tensor Normalized(Tensor x, RmsNorm? norm) => norm is null ? x : norm.Apply(x);

    private static string? Path(string layer, string? norm) => norm is null ? null : $"{layer}.{norm}";

    /// <param name="QueryKeyValue">Three projections, or one that holds them after each other.</param>
    /// <param name="Output">Of the attention.</param>
    /// <param name="GateUp">Two projections, or one that holds them after each other.</param>
    /// <param name="Down">Of the inner layer.</param>
    /// <param name="BeforeAttention">The norms by place; null where the family has none there.</param>
    /// <param name="AfterAttention">Of what is added to the residual stream.</param>
    /// <param name="BeforeInner">Of the inner layer's input.</param>
    /// <param name="AfterInner">Of what is added to the residual stream.</param>
    /// <param name="QueryNorm">Before the rotation.</param>
    /// <param name="KeyNorm">Before the rotation.</param>
    /// <param name="Kind">Window and rotary positions.</param>
    private sealed record Layer(
        (Tensor, Tensor?)[] QueryKeyValue, (Tensor, Tensor?) Output, (Tensor, Tensor?)[] GateUp, (Tensor, Tensor?) Down,
        RmsNorm? BeforeAttention, RmsNorm? AfterAttention, RmsNorm? BeforeInner, RmsNorm? AfterInner, RmsNorm? QueryNorm, RmsNorm? KeyNorm, DecoderLayerKind Kind);
}
