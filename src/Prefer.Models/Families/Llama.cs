using Prefer.Torch;

namespace Prefer.Models.Families;

/// <summary>Llama (Touvron et al. 2023) with Hugging Face's <c>score</c> head: RMS norms, rotary positions, grouped keys, gated inner layer.</summary>
internal sealed class Llama : Network
{
    internal static readonly Family Family = new(
        "llama", "LlamaForSequenceClassification", IsCausal: true, "model.", "model.embed_tokens.weight", "score.weight",
        name => name.EndsWith("rotary_emb.inv_freq", StringComparison.Ordinal) || name == "lm_head.weight",
        (config, parameters, head) => new Llama(config, parameters, head));

    private readonly int heads;
    private readonly int keyHeads;
    private readonly int headSize;
    private readonly double theta;
    private readonly double epsilon;
    private readonly Func<Tensor, Tensor> activation;
    private readonly Tensor words;
    private readonly int? padding;
    private readonly Layer[] layers;
    private readonly Tensor finalNorm;
    private readonly DecoderHead head;

    private Llama(ModelConfig config, ParameterSet parameters, Head head)
    {
        var hidden = config.Count("hidden_size");
        var inner = config.Count("intermediate_size");
        heads = config.Count("num_attention_heads");
        keyHeads = config.Count("num_key_value_heads", heads);
        headSize = config.Has("head_dim") ? config.Count("head_dim") : hidden / config.Heads("num_attention_heads", "hidden_size");
        if (headSize % 2 != 0)
        {
            throw config.Wrong("head_dim", "an even number: rotary positions turn pairs");
        }
        if (heads % keyHeads != 0)
        {
            throw config.Wrong("num_key_value_heads", $"a divisor of num_attention_heads, {heads}");
        }
        theta = config.RopeTheta();
        epsilon = config.Number("rms_norm_eps", 1e-6);
        activation = Activations.Of(config, "hidden_act", "silu");
        var (attentionBias, innerBias) = (config.Flag("attention_bias", false), config.Flag("mlp_bias", false));
        (MaxPositions, VocabularySize) = (config.Count("max_position_embeddings"), config.Count("vocab_size"));

        padding = config.OptionalToken("pad_token_id");
        var declare = new Declarations(parameters, new Initial.Normal(config.Number("initializer_range", 0.02)));
        words = declare.Embedding("model.embed_tokens", VocabularySize, hidden, padding);
        layers = new Layer[config.Count("num_hidden_layers")];
        for (var index = 0; index < layers.Length; index++)
        {
            var name = $"model.layers.{index}";
            layers[index] = new Layer(
                declare.Projection($"{name}.self_attn.q_proj", hidden, heads * headSize, attentionBias),
                declare.Projection($"{name}.self_attn.k_proj", hidden, keyHeads * headSize, attentionBias),
                declare.Projection($"{name}.self_attn.v_proj", hidden, keyHeads * headSize, attentionBias),
                declare.Projection($"{name}.self_attn.o_proj", heads * headSize, hidden, attentionBias),
                declare.Projection($"{name}.mlp.gate_proj", hidden, inner, innerBias),
                declare.Projection($"{name}.mlp.up_proj", hidden, inner, innerBias),
                declare.Projection($"{name}.mlp.down_proj", inner, hidden, innerBias),
                declare.Scale($"{name}.input_layernorm", hidden),
                declare.Scale($"{name}.post_attention_layernorm", hidden));
        }
        finalNorm = declare.Scale("model.norm", hidden);
        this.head = DecoderHead.Declare(head, declare, words, config.Flag("tie_word_embeddings", false));
    }

    internal override int MaxPositions { get; }

    internal override int VocabularySize { get; }

    internal override Tensor Hidden(ForestPass pass)
    {
        var rotary = new RotaryEmbedding(pass, headSize, theta);
        var x = words.Embedding(pass.Tokens, padding); // [T, h]
        foreach (var layer in layers)
        {
            x += Attend(layer, Normalize(x, layer.AttentionNorm), rotary, pass).Project(layer.Output);
            var normal = Normalize(x, layer.InnerNorm);
            x += (activation(normal.Project(layer.Gate)) * normal.Project(layer.Up)).Project(layer.Down);
        }
        return Normalize(x, finalNorm);
    }

    internal override Tensor Logits(Tensor hidden, ForestPass pass) => head.Apply(hidden);

    private Tensor Attend(Layer layer, Tensor x, RotaryEmbedding rotary, ForestPass pass)
    {
        var queries = rotary.Rotate(x.Project(layer.Query).Reshape(-1, heads, headSize)); // [T, H, D]
        var keys = rotary.Rotate(x.Project(layer.Key).Reshape(-1, keyHeads, headSize)); // [T, K, D]
        var values = x.Project(layer.Value).Reshape(-1, keyHeads, headSize);
        return ForestAttention.Attend(queries, keys, values, pass, causal: true, 1 / Math.Sqrt(headSize));
    }

    private Tensor Normalize(Tensor x, Tensor weight) => weight * (x * ((x * x).Mean([-1], keep: true) + epsilon).Rsqrt());

    private sealed record Layer(
        (Tensor, Tensor?) Query, (Tensor, Tensor?) Key, (Tensor, Tensor?) Value, (Tensor, Tensor?) Output,
        (Tensor, Tensor?) Gate, (Tensor, Tensor?) Up, (Tensor, Tensor?) Down, Tensor AttentionNorm, Tensor InnerNorm);
}
