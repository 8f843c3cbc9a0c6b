using Prefer.Models;
using Prefer.Torch;

namespace Prefer.Benchmarks.Padded;

/// <summary>
/// The ordinary way to compute a reward model, as a yardstick: padded rows, libtorch's own operators, eager attention over all
/// pairs of columns with a mask. In bf16 as autocast does it: products in bf16 of weights that are cast once a pass, norms and the
/// residual stream in fp32. Shares the parameters with the model, and nothing else. B rows, L columns, h hidden size, H heads, D head size.
/// </summary>
internal abstract class PaddedNetwork(RewardModel model, Precision precision)
{
    private readonly Dictionary<string, Tensor> casts = [];

    /// <summary>Element type of the matrix products.</summary>
    protected DType ProductType { get; } = precision == Precision.Bf16 ? DType.BFloat16 : DType.Float32;

    protected ModelConfig Config => model.Config;

    /// <summary>Heads of the attention.</summary>
    protected abstract int HeadCount { get; }

    internal static PaddedNetwork Of(RewardModel model, Precision precision) => model.IsCausal ? new PaddedDecoder(model, precision) : new PaddedEncoder(model, precision);

    /// <summary>Rewards of the rows as one batch, [B], in fp32, part of the gradient graph.</summary>
    internal Tensor Rewards(IReadOnlyList<EncodedSequence> rows)
    {
        casts.Clear();
        var batch = new PaddedBatch(rows, row => model.PooledPosition(row.Ids.AsSpan()), model.PadTokenId ?? 0, model.IsCausal, ProductType);
        var hidden = Hidden(batch); // [B, L, h]
        return Head(hidden.Reshape(-1, hidden.Shape[2]).IndexSelect(0, batch.Pooled)).To(DType.Float32).Reshape(-1);
    }

    /// <summary>Rewards without gradients.</summary>
    internal double[] Score(IReadOnlyList<EncodedSequence> rows)
    {
        using var scope = new TensorScope();
        using var noGrad = TorchRuntime.NoGrad();
        return Rewards(rows).To(DType.Float64).ToArray<double>();
    }

    /// <summary>Bytes that the attention of so many rows keeps for the backward pass: scores and weights of every layer.</summary>
    internal double AttentionBytes(int rowCount, int length) => 2.0 * LayerCount * rowCount * HeadCount * length * length * ProductType.Size();

    protected abstract int LayerCount { get; }

    protected abstract Tensor Hidden(PaddedBatch batch);

    /// <summary>The layers one after another, given their numbers; what a layer makes and no gradient needs is let go when it ends.</summary>
    /// <param name="x">[B, L, h]</param>
    /// <param name="layer">Gets hidden states and a number.</param>
    protected Tensor Layers(Tensor x, Func<Tensor, int, Tensor> layer)
    {
        for (var index = 0; index < LayerCount; index++)
        {
            using var scope = new TensorScope();
            x = scope.MoveOut(layer(x, index));
        }
        return x;
    }

    /// <summary>[B, h] to [B, 1].</summary>
    protected abstract Tensor Head(Tensor pooled);

    protected Tensor Weight(string name) => model.Parameters[name];

    /// <summary>x·Wᵀ + b, b where the model has it.</summary>
    protected Tensor Linear(Tensor x, string name) =>
        x.To(ProductType).PlainLinear(Cast($"{name}.weight"), model.Parameters.Names.Contains($"{name}.bias") ? Cast($"{name}.bias") : null);

    /// <summary>[B, L, h] to [B, H, L, D].</summary>
    protected Tensor Heads(Tensor x) => x.Reshape(x.Shape[0], x.Shape[1], HeadCount, -1).Transpose(1, 2);

    /// <summary>softmax(q·kᵀ/√D + mask)·v of [B, H, L, D]: [B, L, h].</summary>
    protected static Tensor Attend(Tensor queries, Tensor keys, Tensor values, PaddedBatch batch)
    {
        var scores = queries.Matmul(keys.Transpose(2, 3)) * (1 / Math.Sqrt(queries.Shape[3])); // [B, H, L, L]
        var attended = (scores + batch.Mask).Softmax(-1).Matmul(values); // [B, H, L, D]
        return attended.Transpose(1, 2).Reshape(batch.RowCount, batch.Length, -1);
    }

    private Tensor Cast(string name)
    {
        if (!casts.TryGetValue(name, out var cast))
        {
            casts.Add(name, cast = Weight(name).To(ProductType));
        }
        return cast;
    }
}
