using System.Text.Json.Nodes;
using Prefer.Models.Forest;
using Prefer.Torch;

namespace Prefer.Models.Families;

/// <summary>
/// DeBERTa-v2 and v3 (He et al. 2021) with Hugging Face's pooler: BERT whose scores also compare content with relative positions.
/// T packed tokens, H heads, D head size, R rows that a pass reads of the table of relative positions. Reads the reward at [CLS].
/// </summary>
internal sealed class DebertaV2 : Network
{
    internal static readonly Family Family = new(
        "deberta-v2", "DebertaV2ForSequenceClassification", IsCausal: false, "deberta.", "deberta.embeddings.word_embeddings.weight", "classifier.weight",
        // A table of absolute positions lies in files of models that only their decoder's pretraining used it for.
        name => name.StartsWith("lm_predictions.", StringComparison.Ordinal) || name.StartsWith("mask_predictions.", StringComparison.Ordinal)
            || name.StartsWith("cls.", StringComparison.Ordinal) || name.EndsWith("position_ids", StringComparison.Ordinal) || name.EndsWith("position_embeddings.weight", StringComparison.Ordinal),
        (config, parameters, head) => new DebertaV2(config, parameters, head));

    private readonly EncoderShape shape;
    private readonly Tensor words;
    private readonly int? padding;
    private readonly Tensor? positions;
    private readonly Tensor? types;
    private readonly (Tensor Weight, Tensor? Bias)? projection;
    private readonly (Tensor Weight, Tensor Bias) embeddingNorm;
    private readonly Layer[] layers;
    private readonly RelativeBuckets? buckets;
    private readonly Tensor? relatives;
    private readonly (Tensor Weight, Tensor Bias)? relativeNorm;
    private readonly Convolution? convolution;
    private readonly Activation poolerActivation;
    private readonly (Tensor Weight, Tensor Bias) pooler;
    private readonly (Tensor Weight, Tensor Bias) classifier;

    private DebertaV2(ModelConfig config, ParameterSet parameters, Head head)
    {
        config.Require("z_steps", "the last layer is not run again", 0);
        var hidden = config.Count("hidden_size");
        var embedding = config.Count("embedding_size", hidden);
        var inner = config.Count("intermediate_size");
        var heads = config.Heads("num_attention_heads", "hidden_size");
        config.Require("attention_head_size", "Hugging Face's output layer takes heads of hidden_size / num_attention_heads", hidden / heads);
        config.Require("pooler_hidden_size", "Hugging Face's pooler reads hidden_size", hidden);
        var kinds = KindsOf(config);
        var isRelative = config.Flag("relative_attention", false);
        shape = new EncoderShape(heads, config.Number("layer_norm_eps", 1e-7), Activation.Of(config, "hidden_act", "gelu"), DropsAttended: true, 1 + kinds.Count);
        (MaxPositions, VocabularySize) = (config.Count("max_position_embeddings", 512), config.Count("vocab_size"));
        var typeCount = config.Whole("type_vocab_size", 0);
        TokenTypeCount = Math.Max(1, typeCount);
        buckets = isRelative ? BucketsOf(config, MaxPositions) : null;

        padding = config.OptionalToken("pad_token_id", absent: 0);
        var declare = new Declarations(parameters, new Initial.Normal(config.Number("initializer_range", 0.02)));
        words = declare.Embedding("deberta.embeddings.word_embeddings", VocabularySize, embedding, padding);
        positions = config.Flag("position_biased_input", true) ? declare.Embedding("deberta.embeddings.position_embeddings", MaxPositions, embedding) : null;
        types = typeCount > 0 ? declare.Embedding("deberta.embeddings.token_type_embeddings", typeCount, embedding) : null;
        projection = embedding == hidden ? null : declare.Projection("deberta.embeddings.embed_proj", embedding, hidden, bias: false);
        embeddingNorm = declare.Norm("deberta.embeddings.LayerNorm", hidden);
        var sharesKeys = config.Flag("share_att_key", false);
        layers = new Layer[config.Count("num_hidden_layers")];
        for (var index = 0; index < layers.Length; index++)
        {
            var name = $"deberta.encoder.layer.{index}";
            var layer = EncoderLayer.Declare(declare, name, hidden, inner, "_proj");
            (Tensor, Tensor)? Relative(string kind, (Tensor, Tensor) shared, string part) =>
                !isRelative || !kinds.Contains(kind) ? null : sharesKeys ? shared : declare.Linear($"{name}.attention.self.{part}", hidden, hidden);
            layers[index] = new Layer(layer, Relative("c2p", layer.Key, "pos_key_proj"), Relative("p2c", layer.Query, "pos_query_proj"));
        }
        relatives = buckets is null ? null : declare.Embedding("deberta.encoder.rel_embeddings", buckets.RowCount, hidden);
        relativeNorm = config.Text("norm_rel_ebd", "none").ToLowerInvariant().Split('|', StringSplitOptions.TrimEntries).Contains("layer_norm") ? declare.Norm("deberta.encoder.LayerNorm", hidden) : null;
        convolution = config.Whole("conv_kernel_size", 0) > 0 ? Convolution.Declare(config, declare, hidden) : null;
        poolerActivation = Activation.Of(config, "pooler_hidden_act", "gelu");
        pooler = declare.Linear("pooler.dense", hidden, hidden, head: true);
        classifier = declare.Linear("classifier", hidden, Family.LabelsOf(head), head: true);
    }

    internal override int MaxPositions { get; }

    internal override int VocabularySize { get; }

    internal override int TokenTypeCount { get; }

    internal override Tensor Hidden(ForestPass pass)
    {
        var embedded = words.Embedding(pass.Tokens, padding); // [T, e]
        embedded = positions is null ? embedded : embedded + positions.Embedding(pass.Positions);
        embedded = types is null ? embedded : embedded + pass.TypesOf(types);
        embedded = projection is { } wider ? embedded.Project(wider) : embedded; // [T, h]
        embedded = pass.Dropout(pass.Enter(embedded).LayerNorm(embeddingNorm.Weight, embeddingNorm.Bias, shape.Epsilon));

        var rows = buckets?.Rows(pass.Forest.Spans.Max(span => span.Length), pass.Device);
        var table = rows is null ? null : relatives?.Narrow(0, rows.First, rows.Count); // [R, h]
        table = relativeNorm is { } norm ? table?.LayerNorm(norm.Weight, norm.Bias, shape.Epsilon) : table;
        table = table is null ? null : pass.Enter(table);
        var x = embedded;
        for (var index = 0; index < layers.Length; index++)
        {
            var layer = layers[index];
            x = pass.Layer(x, table, (x, table) => layer.Content.Forward(x, pass, shape, Relative(layer, table, rows, pass)));
            if (index == 0 && convolution is not null)
            {
                x = convolution.Apply(embedded, x, pass, shape.Epsilon);
            }
        }
        return x;
    }

    internal override Tensor Logits(Tensor hidden, ForestPass pass) =>
        pass.Dropout(poolerActivation.Apply(pass.Dropout(hidden).Linear(pooler))).Linear(classifier);

    /// <summary>
    /// What relative positions add to a layer's scores: of a query's content with the position of the key (c2p), and of a key's content
    /// with the position of the query (p2c). Both read the row of the distance from key to query.
    /// </summary>
    private ForestAttention.ScoreBias? Relative(Layer layer, Tensor? table, RelativeRows? rows, ForestPass pass)
    {
        if (table is null || rows is null || (layer.PositionKey is null && layer.PositionQuery is null))
        {
            return null;
        }
        var size = table.Shape[1] / shape.Heads;
        var dropped = pass.Dropout(table);
        Tensor? Heads((Tensor, Tensor)? projection) => projection is { } part ? dropped.Linear(part).Reshape(-1, shape.Heads, size).Permute(1, 2, 0) : null; // [H, D, R]
        var positionKeys = Heads(layer.PositionKey);
        var positionQueries = Heads(layer.PositionQuery) is { } unscaled ? unscaled * shape.Scale(size) : null;
        return (queries, keys) =>
        {
            var length = (int)queries.Shape[1];
            var (first, count) = rows.RangeOf(length);
            var index = rows.IndexOf(length).Unsqueeze(0).Expand(shape.Heads, length, length); // [H, t, t]
            var fromContent = positionKeys is null ? null : queries.BatchedMatmul(positionKeys.Narrow(2, first, count)).Gather(2, index);
            var toContent = positionQueries is null ? null : keys.BatchedMatmul(positionQueries.Narrow(2, first, count)).Gather(2, index.Transpose(1, 2)).Transpose(1, 2);
            return fromContent is null ? toContent! : toContent is null ? fromContent : fromContent + toContent;
        };
    }

    /// <summary>The kinds of relative scores: a list, or a string with bars between.</summary>
    private static HashSet<string> KindsOf(ModelConfig config)
    {
        const string expected = "c2p and p2c, in a list or in a string with | between";
        IEnumerable<string> kinds = config.Json["pos_att_type"] switch
        {
            null => [],
            JsonArray list => list.Select(item => item?.ToString() ?? ""),
            JsonValue value when value.TryGetValue<string>(out var text) => text.ToLowerInvariant().Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
            _ => throw config.Wrong("pos_att_type", expected),
        };
        // Position with position is in the paper's formula, and Hugging Face's v2 has no code for it.
        var found = kinds.Where(kind => kind != "p2p").ToHashSet();
        return found.IsSubsetOf(["c2p", "p2c"]) ? found : throw config.Wrong("pos_att_type", expected);
    }

    private static RelativeBuckets BucketsOf(ModelConfig config, int maxPositions)
    {
        var limit = config.Whole("max_relative_positions", -1);
        var farthest = limit < 1 ? maxPositions : limit;
        var count = config.Whole("position_buckets", -1);
        if (count < 1)
        {
            return new RelativeBuckets(null, farthest);
        }
        // The logarithm of (farthest − 1) / (count / 2) divides.
        return count > 1 && (farthest - 1 > count / 2 || maxPositions - 1 <= count / 2)
            ? new RelativeBuckets(count, farthest)
            : throw config.Wrong("position_buckets", $"at least 2, and less than twice the farthest relative position, {farthest - 1}");
    }

    private sealed record Layer(EncoderLayer Content, (Tensor, Tensor)? PositionKey, (Tensor, Tensor)? PositionQuery);

    /// <summary>The convolution over the embeddings that is added behind the first layer, in the larger v2 models.</summary>
    private sealed record Convolution(Tensor Weight, Tensor Bias, int Groups, Activation Activation, (Tensor Weight, Tensor Bias) Norm)
    {
        internal static Convolution Declare(ModelConfig config, Declarations declare, int hidden)
        {
            var (size, groups) = (config.Count("conv_kernel_size"), config.Count("conv_groups", 1));
            if (size % 2 == 0)
            {
                throw config.Wrong("conv_kernel_size", "an odd number: an even one would change the length");
            }
            if (hidden % groups != 0)
            {
                throw config.Wrong("conv_groups", $"a divisor of hidden_size, {hidden}");
            }
            var (weight, bias) = declare.Kernel("deberta.encoder.conv.conv", hidden / groups, hidden, size);
            return new Convolution(weight, bias, groups, Families.Activation.Of(config, "conv_act", "tanh"), declare.Norm("deberta.encoder.conv.LayerNorm", hidden));
        }

        internal Tensor Apply(Tensor embedded, Tensor x, ForestPass pass, double epsilon)
        {
            var convolved = ForestConvolution.Convolve(embedded, Weight, Bias, Groups, pass.Forest);
            return x.AddNormalize(Activation.Apply(pass.Dropout(convolved)), Norm, epsilon).Normal;
        }
    }
}
