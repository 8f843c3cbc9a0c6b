using Prefer.Torch;

namespace Prefer.Models;

/// <summary>
/// Which row of DeBERTa's table of relative positions a distance reads (He et al. 2021): one row a distance up to a limit, or
/// buckets that are exact up to half their number and grow with the logarithm behind it.
/// </summary>
/// <param name="bucketCount">Buckets to each side; null gives each distance a row of its own.</param>
/// <param name="farthest">The distance where the rows end.</param>
internal sealed class RelativeBuckets(int? bucketCount, int farthest)
{
    private readonly int span = bucketCount ?? farthest;

    /// <summary>Rows of the table: as many for keys before the query as for keys at it and behind.</summary>
    internal int RowCount => 2 * span;

    /// <summary>The row that each query i reads for each key j, int64 [n, n].</summary>
    internal Tensor Rows(int length, string device)
    {
        var steps = Steps(length);
        var rows = new long[length * length];
        for (var index = 0; index < rows.Length; index++)
        {
            var distance = (index / length) - (index % length);
            rows[index] = Math.Clamp(span + (Math.Sign(distance) * steps[Math.Abs(distance)]), 0, RowCount - 1);
        }
        return Tensor.From<long>(rows, [length, length], device);
    }

    /// <summary>How many rows from the middle the distances 0, 1, … lie. In single precision with libtorch's logarithm, since a ceiling shows every rounding.</summary>
    private long[] Steps(int count)
    {
        var distances = Enumerable.Range(0, count).Select(distance => (long)distance).ToArray();
        if (bucketCount is not { } buckets || count <= (buckets / 2) + 1)
        {
            return distances;
        }
        var exact = buckets / 2;
        Tensor Number(double value) => Tensor.Full([1], value);
        var ratio = (Tensor.Arange(count, DType.Float32) / Number(exact)).Log() / Number((farthest - 1.0) / exact).Log();
        var steps = ((ratio * (exact - 1.0)).Ceiling() + exact).ToArray<float>();
        return Array.ConvertAll(distances, distance => distance <= exact ? distance : (long)steps[distance]);
    }
}
