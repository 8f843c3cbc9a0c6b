using System.Text.Json.Nodes;
using Prefer.Models.Forest;
using Prefer.Torch;

namespace Prefer.Models.Families;

/// <summary>
/// OPT (Zhang et al. 2022): learned positions that begin at row 2, norms before each part or (OPT-350m) after, token embeddings that may be
/// narrower than the hidden states and are then projected on the way in and out. T packed tokens, h hidden size, w embedding size.
/// </summary>
internal sealed class Opt : Network
{
    internal static readonly Family Family = new(
        "opt", "OPTForSequenceClassification", IsCausal: true, "model.", "model.decoder.embed_tokens.weight", "score.weight",
        name => name is "lm_head.weight" or "score.weight", (config, parameters, head) => new Opt(config, parameters, head))
    {
        Assumed = new JsonObject { ["max_position_embeddings"] = 2048, ["pad_token_id"] = 1 },
    };

    // Both fixed in Hugging Face's code, not in the config.
    private const double Epsilon = 1e-5;
    private const int FirstPosition = 2;

    private readonly int heads;
    private readonly bool normsBefore;
    private readonly Func<Tensor, Tensor> activation;
    private readonly int? padding;
    private readonly Tensor words;
    private readonly Tensor positions;
    private readonly (Tensor, Tensor?)? projectIn;
    private readonly (Tensor, Tensor?)? projectOut;
    private readonly Layer[] layers;
    private readonly Norm? finalNorm;
    private readonly DecoderHead head;

    private Opt(ModelConfig config, ParameterSet parameters, Head head)
    {
        var hidden = config.Count("hidden_size");
        var inner = config.Count("ffn_dim");
        var width = config.Count("word_embed_proj_dim", hidden);
        heads = config.Heads("num_attention_heads", "hidden_size");
        normsBefore = config.Flag("do_layer_norm_before", true);
        activation = Activations.Of(config, "activation_function", "relu");
        (MaxPositions, VocabularySize) = (config.Count("max_position_embeddings"), config.Count("vocab_size"));
        var (bias, affine) = (config.Flag("enable_bias", true), config.Flag("layer_norm_elementwise_affine", true));

        padding = config.OptionalToken("pad_token_id");
        var declare = new Declarations(parameters, new Initial.Normal(config.Number("init_std", 0.02)));
        Norm NormOf(string name) => affine ? new Norm(hidden, declare.Norm(name, hidden)) : new Norm(hidden, null);
        words = declare.Embedding("model.decoder.embed_tokens", VocabularySize, width, padding);
        positions = declare.Embedding("model.decoder.embed_positions", MaxPositions + FirstPosition, hidden);
        projectIn = width == hidden ? null : declare.Projection("model.decoder.project_in", width, hidden, bias: false);
        projectOut = width == hidden ? null : declare.Projection("model.decoder.project_out", hidden, width, bias: false);
        layers = new Layer[config.Count("num_hidden_layers")];
        for (var index = 0; index < layers.Length; index++)
        {
            var name = $"model.decoder.layers.{index}";
            layers[index] = new Layer(
                declare.Projection($"{name}.self_attn.q_proj", hidden, hidden, bias),
                declare.Projection($"{name}.self_attn.k_proj", hidden, hidden, bias),
                declare.Projection($"{name}.self_attn.v_proj", hidden, hidden, bias),
                declare.Projection($"{name}.self_attn.out_proj", hidden, hidden, bias),
                NormOf($"{name}.self_attn_layer_norm"),
                declare.Projection($"{name}.fc1", hidden, inner, bias),
                declare.Projection($"{name}.fc2", inner, hidden, bias),
                NormOf($"{name}.final_layer_norm"));
        }
        // Early checkpoints were converted without the last norm.
        finalNorm = normsBefore && !config.Flag("_remove_final_layer_norm", false) ? NormOf("model.decoder.final_layer_norm") : null;
        this.head = DecoderHead.Declare(head, declare, words, config.Flag("tie_word_embeddings", true));
    }

    internal override int MaxPositions { get; }

    internal override int VocabularySize { get; }

    internal override Tensor Hidden(ForestPass pass)
    {
        var embedded = words.Embedding(pass.Tokens, padding); // [T, w]
        var x = (projectIn is { } widen ? embedded.Project(widen) : embedded) + positions.Narrow(0, FirstPosition, MaxPositions).Embedding(pass.Positions); // [T, h]
        foreach (var layer in layers)
        {
            x = pass.Layer(x, x =>
            {
                x += pass.Dropout(Attend(layer, normsBefore ? layer.AttentionNorm.Apply(x) : x, pass).Project(layer.Output));
                x = normsBefore ? x : layer.AttentionNorm.Apply(x);
                x += pass.Dropout(activation((normsBefore ? layer.InnerNorm.Apply(x) : x).Project(layer.Up)).Project(layer.Down));
                return normsBefore ? x : layer.InnerNorm.Apply(x);
            });
        }
        x = finalNorm is null ? x : finalNorm.Apply(x);
        return projectOut is { } narrow ? x.Project(narrow) : x; // [T, w]
    }

    internal override Tensor Logits(Tensor hidden, ForestPass pass) => head.Apply(hidden);

    private Tensor Attend(Layer layer, Tensor x, ForestPass pass)
    {
        var size = x.Shape[1] / heads;
        Tensor Heads((Tensor, Tensor?) projection) => x.Project(projection).Reshape(-1, heads, size); // [T, H, D]
        return ForestAttention.Attend(Heads(layer.Query), Heads(layer.Key), Heads(layer.Value), pass, causal: true, 1 / Math.Sqrt(size));
    }

    /// <param name="Hidden">h</param>
    /// <param name="Affine">Weight and bias, or null for a norm without parameters (Galactica).</param>
    private sealed record Norm(int Hidden, (Tensor Weight, Tensor Bias)? Affine)
    {
        internal Tensor Apply(Tensor x) => Affine is { } affine ? x.LayerNorm(affine.Weight, affine.Bias, Epsilon) : x.LayerNorm(Hidden, Epsilon);
    }

    private sealed record Layer(
        (Tensor, Tensor?) Query, (Tensor, Tensor?) Key, (Tensor, Tensor?) Value, (Tensor, Tensor?) Output, Norm AttentionNorm,
        (Tensor, Tensor?) Up, (Tensor, Tensor?) Down, Norm InnerNorm);
}
