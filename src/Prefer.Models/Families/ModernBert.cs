using System.Text.Json.Nodes;
using Prefer.Models.Forest;
using Prefer.Torch;

namespace Prefer.Models.Families;

/// <summary>
/// ModernBERT (Warner et al. 2024): norms before the layers, rotary positions, local layers that see a window around each token between
/// global ones, gated inner layers. Reads the reward at [CLS], or at the mean of the sequence's tokens where the config says so.
/// </summary>
internal sealed class ModernBert : Network
{
    internal static readonly Family Family = new(
        "modernbert", "ModernBertForSequenceClassification", IsCausal: false, "model.", "model.embeddings.tok_embeddings.weight", "classifier.weight",
        name => name.StartsWith("decoder.", StringComparison.Ordinal),
        (config, parameters, head) => new ModernBert(config, parameters, head)) { ToOlder = SpellOlder };

    private const double GlobalTheta = 160000;
    private const double LocalTheta = 10000;

    private readonly int heads;
    private readonly int headSize;
    private readonly double epsilon;
    private readonly double globalTheta;
    private readonly double localTheta;
    private readonly int window;
    private readonly bool isMean;
    private readonly Activation activation;
    private readonly Activation headActivation;
    private readonly Tensor words;
    private readonly int? padding;
    private readonly (Tensor Weight, Tensor? Bias) embeddingNorm;
    private readonly Layer[] layers;
    private readonly (Tensor Weight, Tensor? Bias) finalNorm;
    private readonly (Tensor Weight, Tensor? Bias) dense;
    private readonly (Tensor Weight, Tensor? Bias) headNorm;
    private readonly (Tensor Weight, Tensor? Bias) classifier;

    private ModernBert(ModelConfig config, ParameterSet parameters, Head head)
    {
        var hidden = config.Count("hidden_size");
        var inner = config.Count("intermediate_size");
        heads = config.Heads("num_attention_heads", "hidden_size");
        headSize = hidden / heads % 2 == 0 ? hidden / heads : throw config.Wrong("num_attention_heads", "heads of even size: rotary positions turn pairs");
        epsilon = config.Number("norm_eps", 1e-5);
        if (config.Has("rope_scaling"))
        {
            throw config.Wrong("rope_scaling", "null: scaled rotary positions of ModernBERT are not supported");
        }
        globalTheta = Theta(config, "full_attention", config.Number("global_rope_theta", GlobalTheta));
        localTheta = Theta(config, "sliding_attention", OlderLocalTheta(config));
        window = config.Count("local_attention", 128);
        config.Require("classifier_pooling", "the reward would be read elsewhere", "cls", "mean");
        isMean = config.Text("classifier_pooling", "cls") == "mean";
        activation = Activation.Of(config, "hidden_activation", "gelu");
        headActivation = Activation.Of(config, "classifier_activation", "gelu");
        var (normBias, attentionBias, innerBias) = (config.Flag("norm_bias", false), config.Flag("attention_bias", false), config.Flag("mlp_bias", false));
        (MaxPositions, VocabularySize) = (config.Count("max_position_embeddings", 8192), config.Count("vocab_size"));
        var isGlobal = GlobalLayers(config);

        padding = config.OptionalToken("pad_token_id", absent: 50283);
        // Hugging Face cuts the normal distribution off, and starts what is added to the residual stream smaller.
        var cutoff = config.Number("initializer_cutoff_factor", config.Json.ContainsKey("initializer_cutoff_factor") ? 3 : 2);
        Initial Start(double deviation) => new Initial.TruncatedNormal(deviation, cutoff);
        var incoming = Start(config.Number("initializer_range", 0.02));
        var outgoing = Start(config.Number("initializer_range", 0.02) / Math.Sqrt(2.0 * isGlobal.Length));
        var declare = new Declarations(parameters, new Initial.Normal(config.Number("initializer_range", 0.02)));
        words = parameters.Declare("model.embeddings.tok_embeddings.weight", [VocabularySize, hidden], incoming);
        embeddingNorm = declare.Norm("model.embeddings.norm", hidden, normBias);
        layers = new Layer[isGlobal.Length];
        for (var index = 0; index < layers.Length; index++)
        {
            var name = $"model.layers.{index}";
            layers[index] = new Layer(
                isGlobal[index],
                // The first layer reads the embeddings' norm as it is.
                index == 0 ? null : declare.Norm($"{name}.attn_norm", hidden, normBias),
                declare.Projection($"{name}.attn.Wqkv", hidden, 3 * hidden, attentionBias, start: incoming),
                declare.Projection($"{name}.attn.Wo", hidden, hidden, attentionBias, start: outgoing),
                declare.Norm($"{name}.mlp_norm", hidden, normBias),
                declare.Projection($"{name}.mlp.Wi", hidden, 2 * inner, innerBias, start: incoming),
                declare.Projection($"{name}.mlp.Wo", inner, hidden, innerBias, start: outgoing));
        }
        finalNorm = declare.Norm("model.final_norm", hidden, normBias);
        dense = declare.Projection("head.dense", hidden, hidden, config.Flag("classifier_bias", false), head: true, start: outgoing);
        headNorm = declare.Norm("head.norm", hidden, normBias, head: true);
        classifier = declare.Projection("classifier", hidden, Family.LabelsOf(head), bias: true, head: true, start: Start(1 / Math.Sqrt(hidden)));
    }

    internal override int MaxPositions { get; }

    internal override int VocabularySize { get; }

    internal override Tensor Hidden(ForestPass pass)
    {
        var (globalRotary, localRotary) = (Positions(pass, globalTheta), Positions(pass, localTheta));
        var x = pass.Dropout(pass.Enter(words.Embedding(pass.Tokens, padding)).Normalize(embeddingNorm, epsilon)); // [T, h]
        foreach (var layer in layers)
        {
            x = pass.Layer(x, x =>
            {
                var normal = layer.AttentionNorm is { } norm ? x.Normalize(norm, epsilon) : x;
                var attended = pass.Dropout(Attend(layer, normal, layer.IsGlobal ? globalRotary : localRotary, pass).Project(layer.Output));
                (x, var inner) = x.AddNormalize(attended, layer.InnerNorm, epsilon);
                var gated = inner.Project(layer.Up); // [T, 2i]
                var parts = gated.Split([gated.Shape[1] / 2, gated.Shape[1] / 2], 1);
                return x + pass.Dropout(activation.Gate(parts[0], parts[1])).Project(layer.Down);
            });
        }
        return x.Normalize(finalNorm, epsilon);
    }

    internal override Tensor Pool(Tensor hidden, ForestPass pass, long[] pooled)
    {
        if (!isMean)
        {
            return base.Pool(hidden, pass, pooled);
        }
        // An encoder's sequences lie behind each other as they were added.
        var sequences = hidden.Split([.. pass.Forest.SequenceLengths.Select(length => (long)length)]);
        return Tensor.Cat(Array.ConvertAll(sequences, sequence => sequence.Mean([0], keep: true)));
    }

    internal override Tensor Logits(Tensor hidden, ForestPass pass) =>
        pass.Dropout(headActivation.Apply(hidden.Project(dense)).Normalize(headNorm, epsilon)).Project(classifier);

    /// <summary>Rewrites the newer spelling of rotary bases and layer types into that of transformers 4.</summary>
    private static void SpellOlder(ModelConfig config, JsonObject json)
    {
        if (json.Remove("rope_parameters"))
        {
            json["global_rope_theta"] = Theta(config, "full_attention", config.Number("global_rope_theta", GlobalTheta));
            json["local_rope_theta"] = Theta(config, "sliding_attention", OlderLocalTheta(config));
        }
        if (json["layer_types"] is null)
        {
            return;
        }
        var isGlobal = GlobalLayers(config);
        // Transformers 4 knows one pattern only; layers that do not follow it keep the list, which transformers 5 reads.
        var periods = Enumerable.Range(1, isGlobal.Length).Where(period => isGlobal.Select((global, index) => global == (index % period == 0)).All(isEqual => isEqual)).ToList();
        if (periods.Count > 0)
        {
            var own = config.Count("global_attn_every_n_layers", 3);
            json["global_attn_every_n_layers"] = isGlobal.Select((global, index) => global == (index % own == 0)).All(isEqual => isEqual) ? own : periods[0];
            json.Remove("layer_types");
        }
    }

    private RotaryEmbedding Positions(ForestPass pass, double theta) => new(pass, new Rotary(theta, headSize, new RotaryScaling.None(), MaxPositions));

    private Tensor Attend(Layer layer, Tensor x, RotaryEmbedding rotary, ForestPass pass)
    {
        var parts = x.Project(layer.QueryKeyValue).Reshape(-1, 3 * heads, headSize).Split([heads, heads, heads], 1); // [T, H, D] each
        return ForestAttention.Attend(rotary.Rotate(parts[0]), rotary.Rotate(parts[1]), parts[2], pass, causal: false, 1 / Math.Sqrt(headSize), layer.IsGlobal ? null : window);
    }

    // Transformers 4 gives local layers the global base where the local one is null.
    private static double OlderLocalTheta(ModelConfig config) =>
        config.Json.ContainsKey("local_rope_theta") && !config.Has("local_rope_theta") ? config.Number("global_rope_theta", GlobalTheta) : config.Number("local_rope_theta", LocalTheta);

    private static double Theta(ModelConfig config, string layerType, double older)
    {
        if (config.Json["rope_parameters"] is not { } all)
        {
            return older;
        }
        var found = (all as JsonObject ?? throw config.Wrong("rope_parameters", "an object"))[layerType];
        if (found is null)
        {
            return older;
        }
        var rope = found as JsonObject ?? throw config.Wrong("rope_parameters", $"an object for {layerType}");
        if ((rope["rope_type"] ?? rope["type"])?.ToString() is not (null or "default"))
        {
            throw config.Wrong("rope_parameters", "rope_type default: scaled rotary positions of ModernBERT are not supported");
        }
        return rope["rope_theta"] switch
        {
            null => older,
            JsonValue value when value.TryGetValue<double>(out var theta) => theta,
            _ => throw config.Wrong("rope_parameters", "an object with a number rope_theta"),
        };
    }

    /// <summary>For each layer whether it is global: from the list of layer types, or every n-th from the first on.</summary>
    private static bool[] GlobalLayers(ModelConfig config)
    {
        var count = config.Count("num_hidden_layers");
        if (config.Json["layer_types"] is not { } listed)
        {
            var period = config.Count("global_attn_every_n_layers", 3);
            return [.. Enumerable.Range(0, count).Select(index => index % period == 0)];
        }
        var types = (listed as JsonArray)?.Select(type => type?.ToString()).ToArray() ?? [];
        return types.Length == count && types.All(type => type is "full_attention" or "sliding_attention")
            ? Array.ConvertAll(types, type => type == "full_attention")
            : throw config.Wrong("layer_types", $"full_attention or sliding_attention for each of {count} layers");
    }

    private sealed record Layer(
        bool IsGlobal, (Tensor Weight, Tensor? Bias)? AttentionNorm, (Tensor, Tensor?) QueryKeyValue, (Tensor, Tensor?) Output,
        (Tensor Weight, Tensor? Bias) InnerNorm, (Tensor, Tensor?) Up, (Tensor, Tensor?) Down);
}
