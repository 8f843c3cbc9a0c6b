using Prefer.Models;
using Prefer.Torch;

namespace Prefer.Benchmarks.Padded;

/// <summary>Rows padded on the right to the longest, as tensors. B rows, L columns. Lives in one scope.</summary>
internal sealed class PaddedBatch
{
    /// <summary>What hides a key: as far below every score as both element types can say, and finite, so that a row of pads is no NaN.</summary>
    private const double Hidden = -1e30;

    internal PaddedBatch(IReadOnlyList<EncodedSequence> rows, Func<EncodedSequence, int> pooledOf, int pad, bool isCausal, DType dtype)
    {
        (RowCount, Length) = (rows.Count, rows.Max(row => row.Ids.Length));
        var ids = new long[RowCount * Length];
        var mask = new float[RowCount * Length];
        var pooled = new long[RowCount];
        Array.Fill(ids, pad);
        Array.Fill(mask, (float)Hidden);
        for (var row = 0; row < RowCount; row++)
        {
            for (var column = 0; column < rows[row].Ids.Length; column++)
            {
                ids[(row * Length) + column] = rows[row].Ids[column];
                mask[(row * Length) + column] = 0;
            }
            pooled[row] = (row * Length) + pooledOf(rows[row]);
        }
        Ids = Tensor.From<long>(ids, [RowCount, Length]);
        Pooled = Tensor.From<long>(pooled);
        var keys = Tensor.From<float>(mask, [RowCount, 1, 1, Length]);
        Mask = (isCausal ? keys + Later(Length) : keys).To(dtype);
    }

    internal int RowCount { get; }

    internal int Length { get; }

    /// <summary>[B, L]</summary>
    internal Tensor Ids { get; }

    /// <summary>Added to scores: [B, 1, 1, L], or [B, 1, L, L] of causal models.</summary>
    internal Tensor Mask { get; }

    /// <summary>Where each row's reward is read, among B·L tokens: [B].</summary>
    internal Tensor Pooled { get; }

    private static Tensor Later(int length)
    {
        var values = new float[length * length];
        for (var query = 0; query < length; query++)
        {
            values.AsSpan((query * length) + query + 1, length - query - 1).Fill((float)Hidden);
        }
        return Tensor.From<float>(values, [1, 1, length, length]);
    }
}
