using System.Text.Json.Nodes;
using Prefer.Models.Files;
using Prefer.Models.Forest;
using Prefer.Torch;

namespace Prefer.Models.Families;

/// <summary>
/// GPT-NeoX (Black et al. 2022; Pythia): attention and inner layer side by side on the same input, rotary positions over a part of the head,
/// query, key and value of a head after each other in one weight. T packed tokens, h hidden size, H heads, D head size.
/// </summary>
internal sealed class GptNeoX : Network
{
    internal static readonly Family Family = new(
        "gpt_neox", "GPTNeoXForSequenceClassification", IsCausal: true, "gpt_neox.", "gpt_neox.embed_in.weight", "score.weight",
        IsKnownExtra, (config, parameters, head) => new GptNeoX(config, parameters, head))
    {
        Assumed = new JsonObject { ["max_position_embeddings"] = 2048 },
        ToOlder = (_, json) => OlderSpelling.Rope(json, "rotary_emb_base", "rotary_pct", writesNull: false),
    };

    private readonly int heads;
    private readonly int headSize;
    private readonly double epsilon;
    private readonly bool isParallel;
    private readonly Activation activation;
    private readonly Rotary rotary;
    private readonly Tensor words;
    private readonly Layer[] layers;
    private readonly (Tensor Weight, Tensor Bias) finalNorm;
    private readonly DecoderHead head;

    private GptNeoX(ModelConfig config, ParameterSet parameters, Head head)
    {
        var hidden = config.Count("hidden_size");
        var inner = config.Count("intermediate_size");
        heads = config.Heads("num_attention_heads", "hidden_size");
        headSize = hidden / heads;
        epsilon = config.Number("layer_norm_eps", 1e-5);
        isParallel = config.Flag("use_parallel_residual", true);
        activation = Activation.Of(config, "hidden_act", "gelu");
        rotary = Rotary.Of(config, headSize, "rotary_emb_base", "rotary_pct", 0.25);
        VocabularySize = config.Count("vocab_size");
        var bias = config.Flag("attention_bias", true);

        var declare = new Declarations(parameters, new Initial.Normal(config.Number("initializer_range", 0.02)));
        words = declare.Embedding("gpt_neox.embed_in", VocabularySize, hidden);
        layers = new Layer[config.Count("num_hidden_layers")];
        for (var index = 0; index < layers.Length; index++)
        {
            var name = $"gpt_neox.layers.{index}";
            layers[index] = new Layer(
                declare.Norm($"{name}.input_layernorm", hidden),
                declare.Norm($"{name}.post_attention_layernorm", hidden),
                declare.Projection($"{name}.attention.query_key_value", hidden, 3 * hidden, bias),
                declare.Projection($"{name}.attention.dense", hidden, hidden, bias),
                declare.Linear($"{name}.mlp.dense_h_to_4h", hidden, inner),
                declare.Linear($"{name}.mlp.dense_4h_to_h", inner, hidden));
        }
        finalNorm = declare.Norm("gpt_neox.final_layer_norm", hidden);
        this.head = DecoderHead.Declare(head, declare, words, config.Flag("tie_word_embeddings", false), "embed_out");
    }

    internal override int MaxPositions => rotary.MaxPositions;

    internal override int VocabularySize { get; }

    internal override int FrequencyGroup(int length) => rotary.FrequencyGroup(length);

    internal override Tensor Hidden(ForestPass pass)
    {
        var positions = new RotaryEmbedding(pass, rotary);
        var x = pass.Dropout(pass.Enter(words.Embedding(pass.Tokens))); // [T, h]
        foreach (var layer in layers)
        {
            x = pass.Layer(x, x =>
            {
                var attended = pass.Dropout(Attend(layer, x.LayerNorm(layer.AttentionNorm.Weight, layer.AttentionNorm.Bias, epsilon), positions, pass).Project(layer.Output));
                var stream = isParallel ? x : x + attended;
                var inner = activation.Apply(stream.LayerNorm(layer.InnerNorm.Weight, layer.InnerNorm.Bias, epsilon).Linear(layer.Up));
                return x + attended + pass.Dropout(inner.Linear(layer.Down));
            });
        }
        return x.LayerNorm(finalNorm.Weight, finalNorm.Bias, epsilon);
    }

    internal override Tensor Logits(Tensor hidden, ForestPass pass) => head.Apply(hidden);

    private Tensor Attend(Layer layer, Tensor x, RotaryEmbedding positions, ForestPass pass)
    {
        var parts = x.Project(layer.QueryKeyValue).Reshape(-1, heads, 3 * headSize).Split([headSize, headSize, headSize], 2); // [T, H, D] each
        return ForestAttention.Attend(positions.Rotate(parts[0]), positions.Rotate(parts[1]), parts[2], pass, causal: true, 1 / Math.Sqrt(headSize));
    }

    private static bool IsKnownExtra(string name) =>
        name is "embed_out.weight" or "score.weight"
        || name.EndsWith(".attention.bias", StringComparison.Ordinal) || name.EndsWith(".attention.masked_bias", StringComparison.Ordinal)
        || name.EndsWith("rotary_emb.inv_freq", StringComparison.Ordinal);

    private sealed record Layer(
        (Tensor Weight, Tensor Bias) AttentionNorm, (Tensor Weight, Tensor Bias) InnerNorm,
        (Tensor, Tensor?) QueryKeyValue, (Tensor, Tensor?) Output, (Tensor, Tensor) Up, (Tensor, Tensor) Down);
}
