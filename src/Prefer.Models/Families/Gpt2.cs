using Prefer.Models.Forest;
using Prefer.Torch;

namespace Prefer.Models.Families;

/// <summary>GPT-2 (Radford et al. 2019) with Hugging Face's <c>score</c> head. Linear layers keep GPT-2's [in, out] layout.</summary>
internal sealed class Gpt2 : Network
{
    internal static readonly Family Family = new(
        "gpt2", "GPT2ForSequenceClassification", IsCausal: true, "transformer.", "transformer.wte.weight", "score.weight",
        name => name.EndsWith(".attn.bias", StringComparison.Ordinal) || name.EndsWith(".attn.masked_bias", StringComparison.Ordinal) || name == "lm_head.weight",
        (config, parameters, head) => new Gpt2(config, parameters, head));

    private readonly int heads;
    private readonly double epsilon;
    private readonly bool scaleWeights;
    private readonly bool scaleByLayer;
    private readonly Activation activation;
    private readonly Tensor words;
    private readonly Tensor positions;
    private readonly Layer[] layers;
    private readonly (Tensor Weight, Tensor Bias) finalNorm;
    private readonly DecoderHead head;

    private Gpt2(ModelConfig config, ParameterSet parameters, Head head)
    {
        config.Require("add_cross_attention", "there is nothing to attend across", false);
        var hidden = config.Count("n_embd");
        var inner = config.Has("n_inner") ? config.Count("n_inner") : 4 * hidden;
        heads = config.Heads("n_head", "n_embd");
        epsilon = config.Number("layer_norm_epsilon", 1e-5);
        scaleWeights = config.Flag("scale_attn_weights", true);
        scaleByLayer = config.Flag("scale_attn_by_inverse_layer_idx", false);
        activation = Activation.Of(config, "activation_function", "gelu_new");
        (MaxPositions, VocabularySize) = (config.Count("n_positions"), config.Count("vocab_size"));

        var declare = new Declarations(parameters, new Initial.Normal(config.Number("initializer_range", 0.02)));
        words = declare.Embedding("transformer.wte", VocabularySize, hidden);
        positions = declare.Embedding("transformer.wpe", MaxPositions, hidden);
        layers = new Layer[config.Count("n_layer")];
        // What is added to the residual stream starts smaller, as in GPT-2's paper, section 2.3.
        var residual = 1 / Math.Sqrt(2.0 * layers.Length);
        for (var index = 0; index < layers.Length; index++)
        {
            var name = $"transformer.h.{index}";
            layers[index] = new Layer(
                declare.Norm($"{name}.ln_1", hidden),
                declare.Columns($"{name}.attn.c_attn", hidden, 3 * hidden),
                declare.Columns($"{name}.attn.c_proj", hidden, hidden, residual),
                declare.Norm($"{name}.ln_2", hidden),
                declare.Columns($"{name}.mlp.c_fc", hidden, inner),
                declare.Columns($"{name}.mlp.c_proj", inner, hidden, residual));
        }
        finalNorm = declare.Norm("transformer.ln_f", hidden);
        this.head = DecoderHead.Declare(head, declare, words, config.Flag("tie_word_embeddings", true));
    }

    internal override int MaxPositions { get; }

    internal override int VocabularySize { get; }

    internal override Tensor Hidden(ForestPass pass)
    {
        var x = pass.Dropout(pass.Enter(words.Embedding(pass.Tokens) + positions.Embedding(pass.Positions))); // [T, h]
        for (var index = 0; index < layers.Length; index++)
        {
            var (layer, number) = (layers[index], index);
            x = pass.Layer(x, x =>
            {
                var attended = Attend(layer, number, x.LayerNorm(layer.AttentionNorm.Weight, layer.AttentionNorm.Bias, epsilon), pass);
                (x, var normal) = x.AddNormalize(pass.Dropout(attended.AffineColumns(layer.Output)), layer.InnerNorm, epsilon);
                return x + pass.Dropout(activation.Apply(normal.AffineColumns(layer.Up)).AffineColumns(layer.Down));
            });
        }
        return x.LayerNorm(finalNorm.Weight, finalNorm.Bias, epsilon);
    }

    internal override Tensor Logits(Tensor hidden, ForestPass pass) => head.Apply(hidden);

    private Tensor Attend(Layer layer, int index, Tensor x, ForestPass pass)
    {
        var (hidden, size) = (x.Shape[1], x.Shape[1] / heads);
        var joined = x.AffineColumns(layer.QueryKeyValue).Split([hidden, hidden, hidden], 1);
        Tensor Heads(int part) => joined[part].Reshape(-1, heads, size); // [T, H, D]
        var scale = (scaleWeights ? 1 / Math.Sqrt(size) : 1) / (scaleByLayer ? index + 1 : 1);
        return ForestAttention.Attend(Heads(0), Heads(1), Heads(2), pass, causal: true, scale);
    }

    private sealed record Layer(
        (Tensor Weight, Tensor Bias) AttentionNorm, (Tensor, Tensor) QueryKeyValue, (Tensor, Tensor) Output,
        (Tensor Weight, Tensor Bias) InnerNorm, (Tensor, Tensor) Up, (Tensor, Tensor) Down);
}
