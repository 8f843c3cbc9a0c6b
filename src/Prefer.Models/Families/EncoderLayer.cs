using Prefer.Models.Forest;
using Prefer.Torch;

namespace Prefer.Models.Families;

/// <summary>
/// The layer of BERT and its kin: attention both ways and an inner layer, each added to what came in and normalised after. T packed
/// tokens, h hidden size, H heads, D head size. A projection is a weight and a bias.
/// </summary>
internal sealed record EncoderLayer(
    (Tensor, Tensor) Query, (Tensor, Tensor) Key, (Tensor, Tensor) Value, (Tensor, Tensor) Output, (Tensor Weight, Tensor Bias) AttentionNorm,
    (Tensor, Tensor) Up, (Tensor, Tensor) Down, (Tensor Weight, Tensor Bias) OutputNorm)
{
    /// <summary>Declares a layer under BERT's names.</summary>
    /// <param name="declare">Where parameters come from.</param>
    /// <param name="name">Of the layer, without a dot at the end.</param>
    /// <param name="hidden">h</param>
    /// <param name="inner">Width of the inner layer.</param>
    /// <param name="suffix">What follows query, key and value: <c>_proj</c> in DeBERTa.</param>
    internal static EncoderLayer Declare(Declarations declare, string name, long hidden, long inner, string suffix = "") => new(
        declare.Linear($"{name}.attention.self.query{suffix}", hidden, hidden),
        declare.Linear($"{name}.attention.self.key{suffix}", hidden, hidden),
        declare.Linear($"{name}.attention.self.value{suffix}", hidden, hidden),
        declare.Linear($"{name}.attention.output.dense", hidden, hidden),
        declare.Norm($"{name}.attention.output.LayerNorm", hidden),
        declare.Linear($"{name}.intermediate.dense", hidden, inner),
        declare.Linear($"{name}.output.dense", inner, hidden),
        declare.Norm($"{name}.output.LayerNorm", hidden));

    /// <summary>The next hidden states, [T, h].</summary>
    /// <param name="x">[T, h]</param>
    /// <param name="pass">The forest.</param>
    /// <param name="shape">What the layers of a model have in common.</param>
    /// <param name="bias">What is added to the scores.</param>
    internal Tensor Forward(Tensor x, ForestPass pass, EncoderShape shape, ForestAttention.ScoreBias? bias = null)
    {
        var size = x.Shape[1] / shape.Heads;
        var heads = Array.ConvertAll(x.Project(Query, Key, Value), part => part.Reshape(-1, shape.Heads, size)); // [T, H, D] each
        var attended = ForestAttention.Attend(heads[0], heads[1], heads[2], pass, causal: false, shape.Scale(size), bias: bias).Linear(Output);
        (_, x) = x.AddNormalize(shape.DropsAttended ? pass.Dropout(attended) : attended, AttentionNorm, shape.Epsilon);
        var inner = shape.Activation.Apply(x.Linear(Up)).Linear(Down);
        return x.AddNormalize(pass.Dropout(inner), OutputNorm, shape.Epsilon).Normal;
    }
}

/// <summary>What the encoder layers of a model have in common.</summary>
/// <param name="Heads">Attention heads.</param>
/// <param name="Epsilon">Of the layer norms.</param>
/// <param name="Activation">Of the inner layer.</param>
/// <param name="DropsAttended">Whether dropout falls on the attention's output too, as in BERT and not in DistilBERT.</param>
/// <param name="ScoreTerms">How many products are summed to a score; more than one with DeBERTa's relative positions.</param>
internal sealed record EncoderShape(int Heads, double Epsilon, Activation Activation, bool DropsAttended, int ScoreTerms = 1)
{
    /// <summary>Factor of the scores for heads of this size.</summary>
    internal double Scale(long size) => 1 / Math.Sqrt(size * ScoreTerms);
}
