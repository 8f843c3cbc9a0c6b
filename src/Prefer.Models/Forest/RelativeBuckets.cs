using Prefer.Torch;

namespace Prefer.Models.Forest;

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

    /// <summary>The rows of the distances in sequences up to this length.</summary>
    internal RelativeRows Rows(int longest, string device)
    {
        var steps = Steps(longest);
        var rows = new long[(2 * longest) - 1];
        for (var index = 0; index < rows.Length; index++)
        {
            var distance = index - (longest - 1);
            rows[index] = Math.Clamp(span + (Math.Sign(distance) * steps[Math.Abs(distance)]), 0, RowCount - 1);
        }
        return new RelativeRows(rows, device);
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

/// <summary>The rows of relative positions that the sequences of a pass read; they lie together, since rows grow with the distance.</summary>
/// <param name="byDistance">The row of each distance, query minus key, from −(n − 1) to n − 1 for the longest sequence, n tokens.</param>
/// <param name="device">Where indices go.</param>
internal sealed class RelativeRows(long[] byDistance, string device)
{
    private readonly TensorScope? home = TensorScope.Current; // one layer makes what the others read
    private readonly Dictionary<int, Tensor> indices = [];
    private readonly int longest = (byDistance.Length + 1) / 2;

    /// <summary>The first row that any sequence reads.</summary>
    internal long First => byDistance[0];

    /// <summary>How many rows, from the first to the last that is read.</summary>
    internal long Count => byDistance[^1] - First + 1;

    /// <summary>The rows that a sequence reads, counted from <see cref="First"/>.</summary>
    internal (long First, long Count) RangeOf(int length)
    {
        var first = byDistance[longest - length];
        return (first - First, byDistance[longest + length - 2] - first + 1);
    }

    /// <summary>The row that query i reads for key j, counted from the first of the sequence's range: int64 [n, n].</summary>
    internal Tensor IndexOf(int length)
    {
        if (!indices.TryGetValue(length, out var index))
        {
            var first = First + RangeOf(length).First;
            var rows = new long[length * length];
            for (var pair = 0; pair < rows.Length; pair++)
            {
                rows[pair] = byDistance[longest - 1 + (pair / length) - (pair % length)] - first;
            }
            index = TensorScope.Keep(home, Tensor.From<long>(rows, [length, length], device));
            indices.Add(length, index);
        }
        return index;
    }
}
