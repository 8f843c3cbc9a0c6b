using Prefer.Models.Forest;
using Prefer.Torch;

namespace Prefer.Models.Families;

/// <summary>BERT (Devlin et al. 2018) with Hugging Face's pooler and one-label classifier. Reads the reward at [CLS].</summary>
internal sealed class Bert : Network
{
    internal static readonly Family Family = new(
        "bert", "BertForSequenceClassification", IsCausal: false, "bert.", "bert.embeddings.word_embeddings.weight", "classifier.weight",
        name => name.StartsWith("cls.", StringComparison.Ordinal) || name.EndsWith("position_ids", StringComparison.Ordinal),
        (config, parameters, head) => new Bert(config, parameters, head));

    private readonly EncoderShape shape;
    private readonly Tensor words;
    private readonly int? padding;
    private readonly Tensor positions;
    private readonly Tensor types;
    private readonly (Tensor Weight, Tensor Bias) embeddingNorm;
    private readonly EncoderLayer[] layers;
    private readonly (Tensor Weight, Tensor Bias) pooler;
    private readonly (Tensor Weight, Tensor Bias) classifier;

    private Bert(ModelConfig config, ParameterSet parameters, Head head)
    {
        config.Require("position_embedding_type", "relative positions are not implemented", "absolute");
        config.Require("is_decoder", "a BERT decoder is not a reward model", false);
        config.Require("add_cross_attention", "there is nothing to attend across", false);
        var hidden = config.Count("hidden_size");
        var inner = config.Count("intermediate_size");
        shape = new EncoderShape(config.Heads("num_attention_heads", "hidden_size"), config.Number("layer_norm_eps", 1e-12), Activation.Of(config, "hidden_act", "gelu"), DropsAttended: true);
        (MaxPositions, VocabularySize, TokenTypeCount) = (config.Count("max_position_embeddings"), config.Count("vocab_size"), config.Count("type_vocab_size", 2));

        padding = config.OptionalToken("pad_token_id", absent: 0);
        var declare = new Declarations(parameters, new Initial.Normal(config.Number("initializer_range", 0.02)));
        words = declare.Embedding("bert.embeddings.word_embeddings", VocabularySize, hidden, padding);
        positions = declare.Embedding("bert.embeddings.position_embeddings", MaxPositions, hidden);
        types = declare.Embedding("bert.embeddings.token_type_embeddings", TokenTypeCount, hidden);
        embeddingNorm = declare.Norm("bert.embeddings.LayerNorm", hidden);
        layers = new EncoderLayer[config.Count("num_hidden_layers")];
        for (var index = 0; index < layers.Length; index++)
        {
            layers[index] = EncoderLayer.Declare(declare, $"bert.encoder.layer.{index}", hidden, inner);
        }
        pooler = declare.Linear("bert.pooler.dense", hidden, hidden, head: true);
        classifier = declare.Linear("classifier", hidden, Family.LabelsOf(head), head: true);
    }

    internal override int MaxPositions { get; }

    internal override int VocabularySize { get; }

    internal override int TokenTypeCount { get; }

    internal override Tensor Hidden(ForestPass pass)
    {
        var embedded = words.Embedding(pass.Tokens, padding) + pass.TypesOf(types) + positions.Embedding(pass.Positions); // [T, h]
        var x = pass.Dropout(pass.Enter(embedded).LayerNorm(embeddingNorm.Weight, embeddingNorm.Bias, shape.Epsilon));
        foreach (var layer in layers)
        {
            x = pass.Layer(x, x => layer.Forward(x, pass, shape));
        }
        return x;
    }

    internal override Tensor Logits(Tensor hidden, ForestPass pass) =>
        pass.Dropout(hidden.Linear(pooler).Tanh()).Linear(classifier);
}
