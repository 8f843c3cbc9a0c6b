using Prefer.Models.Forest;
using Prefer.Torch;

namespace Prefer.Models.Families;

/// <summary>DistilBERT (Sanh et al. 2019) with Hugging Face's pre_classifier, ReLU and one-label classifier. Reads the reward at [CLS].</summary>
internal sealed class DistilBert : Network
{
    internal static readonly Family Family = new(
        "distilbert", "DistilBertForSequenceClassification", IsCausal: false, "distilbert.", "distilbert.embeddings.word_embeddings.weight", "classifier.weight",
        name => name.StartsWith("vocab_", StringComparison.Ordinal) || name.EndsWith("position_ids", StringComparison.Ordinal),
        (config, parameters, head) => new DistilBert(config, parameters, head));

    // Fixed in Hugging Face's code, not in the config.
    private const double Epsilon = 1e-12;

    private readonly EncoderShape shape;
    private readonly Tensor words;
    private readonly int? padding;
    private readonly Tensor positions;
    private readonly (Tensor Weight, Tensor Bias) embeddingNorm;
    private readonly EncoderLayer[] layers;
    private readonly (Tensor Weight, Tensor Bias) preClassifier;
    private readonly (Tensor Weight, Tensor Bias) classifier;

    private DistilBert(ModelConfig config, ParameterSet parameters, Head head)
    {
        var hidden = config.Count("dim");
        var inner = config.Count("hidden_dim");
        shape = new EncoderShape(config.Heads("n_heads", "dim"), Epsilon, Activation.Of(config, "activation", "gelu"), DropsAttended: false);
        (MaxPositions, VocabularySize) = (config.Count("max_position_embeddings"), config.Count("vocab_size"));

        padding = config.OptionalToken("pad_token_id", absent: 0);
        var declare = new Declarations(parameters, new Initial.Normal(config.Number("initializer_range", 0.02)));
        words = declare.Embedding("distilbert.embeddings.word_embeddings", VocabularySize, hidden, padding);
        positions = declare.Embedding("distilbert.embeddings.position_embeddings", MaxPositions, hidden);
        embeddingNorm = declare.Norm("distilbert.embeddings.LayerNorm", hidden);
        layers = new EncoderLayer[config.Count("n_layers")];
        for (var index = 0; index < layers.Length; index++)
        {
            var name = $"distilbert.transformer.layer.{index}";
            layers[index] = new EncoderLayer(
                declare.Linear($"{name}.attention.q_lin", hidden, hidden),
                declare.Linear($"{name}.attention.k_lin", hidden, hidden),
                declare.Linear($"{name}.attention.v_lin", hidden, hidden),
                declare.Linear($"{name}.attention.out_lin", hidden, hidden),
                declare.Norm($"{name}.sa_layer_norm", hidden),
                declare.Linear($"{name}.ffn.lin1", hidden, inner),
                declare.Linear($"{name}.ffn.lin2", inner, hidden),
                declare.Norm($"{name}.output_layer_norm", hidden));
        }
        preClassifier = declare.Linear("pre_classifier", hidden, hidden, head: true);
        classifier = declare.Linear("classifier", hidden, Family.LabelsOf(head), head: true);
    }

    internal override int MaxPositions { get; }

    internal override int VocabularySize { get; }

    internal override Tensor Hidden(ForestPass pass)
    {
        var embedded = words.Embedding(pass.Tokens, padding) + positions.Embedding(pass.Positions); // [T, h]
        var x = pass.Dropout(pass.Enter(embedded).LayerNorm(embeddingNorm.Weight, embeddingNorm.Bias, shape.Epsilon));
        foreach (var layer in layers)
        {
            x = pass.Layer(x, x => layer.Forward(x, pass, shape));
        }
        return x;
    }

    internal override Tensor Logits(Tensor hidden, ForestPass pass) =>
        pass.Dropout(hidden.Linear(preClassifier).Relu()).Linear(classifier);
}
