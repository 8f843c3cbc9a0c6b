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
    private readonly Activation activation;
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
        activation = Activation.Of(config, "activation_function", "relu");
        (MaxPositions, VocabularySize) = (config.Count("max_position_embeddings"), config.Count("vocab_size"));
        var (bias, affine) = (config.Flag("enable_bias", true), config.Flag("layer_norm_elementwise_affine", true));

        padding = config.OptionalToken("pad_token_id");
        var declare = new Declarations(parameters, new Initial.Normal(config.Number("init_std", 0.02)));
        Norm NormOf(string name) => new(affine ? declare.Norm(name, hidden) : null);
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
        var x = pass.Enter((projectIn is { } widen ? embedded.Project(widen) : embedded) + positions.Embedding(PositionRows(pass))); // [T, h]
        foreach (var layer in layers)
        {
            x = pass.Layer(x, x =>
            {
                var attended = pass.Dropout(Attend(layer, normsBefore ? layer.AttentionNorm.Apply(x) : x, pass).Project(layer.Output));
                var (sum, normal) = (normsBefore ? layer.InnerNorm : layer.AttentionNorm).Add(x, attended);
                var inner = pass.Dropout(activation.Apply(normal.Project(layer.Up)).Project(layer.Down));
                return normsBefore ? sum + inner : layer.InnerNorm.Add(normal, inner).Normal;
            });
        }
        x = finalNorm is null ? x : finalNorm.Apply(x);
        return projectOut is { } narrow ? x.Project(narrow) : x; // [T, w]
    }

    internal override Tensor Logits(Tensor hidden, ForestPass pass) => head.Apply(hidden);

    private static Tensor PositionRows(ForestPass pass) => Tensor.From<long>(Array.ConvertAll(pass.Forest.Positions, position => (long)position + FirstPosition), pass.Device);

    private Tensor Attend(Layer layer, Tensor x, ForestPass pass)
    {
        var size = x.Shape[1] / heads;
        var parts = Array.ConvertAll(x.Project(layer.Query, layer.Key, layer.Value), part => part.Reshape(-1, heads, size)); // [T, H, D] each
        return ForestAttention.Attend(parts[0], parts[1], parts[2], pass, causal: true, 1 / Math.Sqrt(size));
    }

    /// <param name="Affine">Weight and bias, or null for a norm without parameters (Galactica).</param>
    private sealed record Norm((Tensor Weight, Tensor Bias)? Affine)
    {
        internal Tensor Apply(Tensor x) => x.LayerNorm(Affine?.Weight, Affine?.Bias, Epsilon);

        internal (Tensor Sum, Tensor Normal) Add(Tensor x, Tensor branch) => x.AddLayerNorm(branch, Affine?.Weight, Affine?.Bias, Epsilon);
    }

    private sealed record Layer(
        (Tensor, Tensor?) Query, (Tensor, Tensor?) Key, (Tensor, Tensor?) Value, (Tensor, Tensor?) Output, Norm AttentionNorm,
        (Tensor, Tensor?) Up, (Tensor, Tensor?) Down, Norm InnerNorm);
}
