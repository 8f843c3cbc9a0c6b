using Prefer.Models.Forest;
using Prefer.Torch;

namespace Prefer.Models.Families;

/// <summary>
/// ELECTRA (Clark et al. 2020), discriminator or generator: BERT whose embeddings may be narrower than its layers, without a pooler, with a
/// head of two layers and GELU. Reads the reward at [CLS].
/// </summary>
internal sealed class Electra : Network
{
    internal static readonly Family Family = new(
        "electra", "ElectraForSequenceClassification", IsCausal: false, "electra.", "electra.embeddings.word_embeddings.weight", "classifier.out_proj.weight",
        name => name.StartsWith("discriminator_predictions.", StringComparison.Ordinal) || name.StartsWith("generator_", StringComparison.Ordinal) || name.EndsWith("position_ids", StringComparison.Ordinal),
        (config, parameters, head) => new Electra(config, parameters, head));

    private readonly EncoderShape shape;
    private readonly Tensor words;
    private readonly int? padding;
    private readonly Tensor positions;
    private readonly Tensor types;
    private readonly (Tensor Weight, Tensor Bias) embeddingNorm;
    private readonly (Tensor Weight, Tensor Bias)? projection;
    private readonly EncoderLayer[] layers;
    private readonly (Tensor Weight, Tensor Bias) dense;
    private readonly (Tensor Weight, Tensor Bias) output;

    private Electra(ModelConfig config, ParameterSet parameters, Head head)
    {
        config.Require("position_embedding_type", "relative positions are not implemented", "absolute");
        config.Require("is_decoder", "an ELECTRA decoder is not a reward model", false);
        config.Require("add_cross_attention", "there is nothing to attend across", false);
        var hidden = config.Count("hidden_size");
        var embedding = config.Count("embedding_size", 128);
        var inner = config.Count("intermediate_size");
        shape = new EncoderShape(config.Heads("num_attention_heads", "hidden_size"), config.Number("layer_norm_eps", 1e-12), Activation.Of(config, "hidden_act", "gelu"), DropsAttended: true);
        (MaxPositions, VocabularySize, TokenTypeCount) = (config.Count("max_position_embeddings"), config.Count("vocab_size"), config.Count("type_vocab_size", 2));

        padding = config.OptionalToken("pad_token_id", absent: 0);
        var declare = new Declarations(parameters, new Initial.Normal(config.Number("initializer_range", 0.02)));
        words = declare.Embedding("electra.embeddings.word_embeddings", VocabularySize, embedding, padding);
        positions = declare.Embedding("electra.embeddings.position_embeddings", MaxPositions, embedding);
        types = declare.Embedding("electra.embeddings.token_type_embeddings", TokenTypeCount, embedding);
        embeddingNorm = declare.Norm("electra.embeddings.LayerNorm", embedding);
        projection = embedding == hidden ? null : declare.Linear("electra.embeddings_project", embedding, hidden);
        layers = new EncoderLayer[config.Count("num_hidden_layers")];
        for (var index = 0; index < layers.Length; index++)
        {
            layers[index] = EncoderLayer.Declare(declare, $"electra.encoder.layer.{index}", hidden, inner);
        }
        dense = declare.Linear("classifier.dense", hidden, hidden, head: true);
        output = declare.Linear("classifier.out_proj", hidden, Family.LabelsOf(head), head: true);
    }

    internal override int MaxPositions { get; }

    internal override int VocabularySize { get; }

    internal override int TokenTypeCount { get; }

    internal override Tensor Hidden(ForestPass pass)
    {
        var embedded = words.Embedding(pass.Tokens, padding) + pass.TypesOf(types) + positions.Embedding(pass.Positions); // [T, e]
        var x = pass.Dropout(pass.Enter(embedded).LayerNorm(embeddingNorm.Weight, embeddingNorm.Bias, shape.Epsilon));
        x = projection is { } wider ? x.Linear(wider) : x; // [T, h]
        foreach (var layer in layers)
        {
            x = pass.Layer(x, x => layer.Forward(x, pass, shape));
        }
        return x;
    }

    // GELU whatever hidden_act says: it is fixed in Hugging Face's code.
    internal override Tensor Logits(Tensor hidden, ForestPass pass) =>
        pass.Dropout(Activation.Gelu.Apply(pass.Dropout(hidden).Linear(dense))).Linear(output);
}
