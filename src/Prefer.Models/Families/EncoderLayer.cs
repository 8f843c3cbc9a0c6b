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
    /// <summary>The next hidden states, [T, h].</summary>
    /// <param name="x">[T, h]</param>
    /// <param name="pass">The forest.</param>
    /// <param name="shape">What the layers of a model have in common.</param>
    internal Tensor Forward(Tensor x, ForestPass pass, EncoderShape shape)
    {
        var size = x.Shape[1] / shape.Heads;
        Tensor Heads((Tensor, Tensor) projection) => x.Linear(projection).Reshape(-1, shape.Heads, size); // [T, H, D]
        var attended = ForestAttention.Attend(Heads(Query), Heads(Key), Heads(Value), pass, causal: false, 1 / Math.Sqrt(size)).Linear(Output);
        x = (x + (shape.DropsAttended ? pass.Dropout(attended) : attended)).LayerNorm(AttentionNorm.Weight, AttentionNorm.Bias, shape.Epsilon);
        var inner = shape.Activation(x.Linear(Up)).Linear(Down);
        return (x + pass.Dropout(inner)).LayerNorm(OutputNorm.Weight, OutputNorm.Bias, shape.Epsilon);
    }
}

/// <summary>What the encoder layers of a model have in common.</summary>
/// <param name="Heads">Attention heads.</param>
/// <param name="Epsilon">Of the layer norms.</param>
/// <param name="Activation">Of the inner layer.</param>
/// <param name="DropsAttended">Whether dropout falls on the attention's output too, as in BERT and not in DistilBERT.</param>
internal sealed record EncoderShape(int Heads, double Epsilon, Func<Tensor, Tensor> Activation, bool DropsAttended);
