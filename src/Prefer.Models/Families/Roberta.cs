using Prefer.Models.Forest;
using Prefer.Torch;

namespace Prefer.Models.Families;

/// <summary>
/// RoBERTa (Liu et al. 2019), and XLM-RoBERTa and CamemBERT, which differ in their vocabulary only: BERT whose positions depend on the
/// tokens and begin behind the pad token's id, with a head of two layers. Reads the reward at &lt;s&gt;.
/// </summary>
internal sealed class Roberta : Network
{
    internal static readonly Family Family = Of("roberta", "RobertaForSequenceClassification");

    internal static readonly Family Multilingual = Of("xlm-roberta", "XLMRobertaForSequenceClassification");

    internal static readonly Family Camembert = Of("camembert", "CamembertForSequenceClassification");

    private readonly EncoderShape shape;
    private readonly Tensor words;
    private readonly int padding;
    private readonly Tensor positions;
    private readonly Tensor types;
    private readonly (Tensor Weight, Tensor Bias) embeddingNorm;
    private readonly EncoderLayer[] layers;
    private readonly (Tensor Weight, Tensor Bias) dense;
    private readonly (Tensor Weight, Tensor Bias) output;

    private Roberta(ModelConfig config, ParameterSet parameters, Head head)
    {
        config.Require("position_embedding_type", "relative positions are not implemented", "absolute");
        config.Require("is_decoder", "a RoBERTa decoder is not a reward model", false);
        config.Require("add_cross_attention", "there is nothing to attend across", false);
        var hidden = config.Count("hidden_size");
        var inner = config.Count("intermediate_size");
        shape = new EncoderShape(config.Heads("num_attention_heads", "hidden_size"), config.Number("layer_norm_eps", 1e-12), Activation.Of(config, "hidden_act", "gelu"), DropsAttended: true);
        (VocabularySize, TokenTypeCount) = (config.Count("vocab_size"), config.Count("type_vocab_size", 2));
        padding = config.OptionalToken("pad_token_id", absent: 1) ?? throw config.Wrong("pad_token_id", "a token id: positions are counted from it");
        var rows = config.Count("max_position_embeddings");
        MaxPositions = rows > padding + 1 ? rows - padding - 1 : throw config.Wrong("max_position_embeddings", $"more than {padding + 1}: positions begin behind pad_token_id");

        var declare = new Declarations(parameters, new Initial.Normal(config.Number("initializer_range", 0.02)));
        words = declare.Embedding("roberta.embeddings.word_embeddings", VocabularySize, hidden, padding);
        positions = declare.Embedding("roberta.embeddings.position_embeddings", rows, hidden, padding);
        types = declare.Embedding("roberta.embeddings.token_type_embeddings", TokenTypeCount, hidden);
        embeddingNorm = declare.Norm("roberta.embeddings.LayerNorm", hidden);
        layers = new EncoderLayer[config.Count("num_hidden_layers")];
        for (var index = 0; index < layers.Length; index++)
        {
            layers[index] = EncoderLayer.Declare(declare, $"roberta.encoder.layer.{index}", hidden, inner);
        }
        dense = declare.Linear("classifier.dense", hidden, hidden, head: true);
        output = declare.Linear("classifier.out_proj", hidden, Family.LabelsOf(head), head: true);
    }

    internal override int MaxPositions { get; }

    internal override int VocabularySize { get; }

    internal override int TokenTypeCount { get; }

    internal override Tensor Hidden(ForestPass pass)
    {
        var embedded = words.Embedding(pass.Tokens, padding) + pass.TypesOf(types) + positions.Embedding(PositionsOf(pass), padding); // [T, h]
        var x = pass.Dropout(pass.Enter(embedded).LayerNorm(embeddingNorm.Weight, embeddingNorm.Bias, shape.Epsilon));
        foreach (var layer in layers)
        {
            x = pass.Layer(x, x => layer.Forward(x, pass, shape));
        }
        return x;
    }

    internal override Tensor Logits(Tensor hidden, ForestPass pass) =>
        pass.Dropout(pass.Dropout(hidden).Linear(dense).Tanh()).Linear(output);

    /// <summary>Positions [T]: pad + 1, pad + 2, … over a sequence's tokens that are not the pad token, which itself is at pad.</summary>
    private Tensor PositionsOf(ForestPass pass)
    {
        var (tokens, depths) = (pass.Forest.Tokens, pass.Forest.Positions);
        var values = new long[tokens.Length];
        var last = padding;
        for (var index = 0; index < values.Length; index++)
        {
            last = depths[index] == 0 ? padding : last;
            values[index] = tokens[index] == padding ? padding : ++last;
        }
        return Tensor.From<long>(values, pass.Device);
    }

    private static Family Of(string modelType, string architecture) => new(
        modelType, architecture, IsCausal: false, "roberta.", "roberta.embeddings.word_embeddings.weight", "classifier.out_proj.weight",
        name => name.StartsWith("lm_head.", StringComparison.Ordinal) || name.Contains("pooler.dense.", StringComparison.Ordinal) || name.EndsWith("position_ids", StringComparison.Ordinal),
        (config, parameters, head) => new Roberta(config, parameters, head));
}
