namespace Prefer.Statistics;

/// <summary>
/// Sums over items, kept by cluster, for statistics that are functions of such sums: the bootstrap of <see cref="ClusteredBootstrap.OfSums"/> with the same draws, for many sums
/// of which a cluster has few, and for several statistics that come of one computation.
/// </summary>
/// <param name="size">How many sums.</param>
internal sealed class ClusterSums(int size)
{
    /// <summary>Percentiles of a 95 % interval.</summary>
    private const double Low = 0.025, High = 0.975;

    private readonly Dictionary<int, Dictionary<int, double>> clusters = [];

    /// <summary>Adds to a sum.</summary>
    /// <param name="cluster">Label of the item's cluster.</param>
    /// <param name="place">Which sum, from 0.</param>
    public void Add(int cluster, int place, double value)
    {
        if (!clusters.TryGetValue(cluster, out var sums))
        {
            clusters[cluster] = sums = [];
        }

        sums[place] = sums.GetValueOrDefault(place) + value;
    }

    /// <summary>The sums over all items.</summary>
    public double[] Total()
    {
        var total = new CompensatedSum[size];
        foreach (var (place, value) in clusters.Values.SelectMany(sums => sums))
        {
            total[place].Add(value);
        }

        return [.. total.Select(sum => sum.Value)];
    }

    /// <summary>
    /// 95 % percentile intervals from resampled clusters: as many as there are, drawn with replacement (B. Efron, R. J. Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13).
    /// </summary>
    /// <param name="statistics">The statistics of sums, null where one does not exist; always as many.</param>
    /// <returns>One a statistic. Null with a single cluster, and where the statistic does not exist in more draws than lie beyond one end: the interval could then end where nothing is known.</returns>
    public Interval?[] Intervals(Func<double[], double?[]> statistics, int replicateCount, int seed)
    {
        var rows = new SparseRows();
        foreach (var sums in clusters.Values)
        {
            rows.Add(sums.OrderBy(sum => sum.Key).Select(sum => (sum.Key, sum.Value)));
        }

        var random = new SplitMix64((ulong)(uint)seed);
        var drawn = new List<double>[statistics(Total()).Length];
        for (var index = 0; index < drawn.Length; index++)
        {
            drawn[index] = [];
        }

        var (times, sample) = (new double[rows.RowCount], new double[size]);
        for (var replicate = 0; replicate < replicateCount && rows.RowCount > 1; replicate++)
        {
            Array.Clear(times);
            Array.Clear(sample);
            for (var draw = 0; draw < times.Length; draw++)
            {
                times[random.Below((ulong)times.Length)]++;
            }

            rows.AddTransposed(times, sample);
            foreach (var (index, value) in statistics(sample).Index())
            {
                if (value is { } known)
                {
                    drawn[index].Add(known);
                }
            }
        }

        return [.. drawn.Select(values => values.Count > 0 && replicateCount - values.Count <= Low * replicateCount ? Ends(values) : (Interval?)null)];
    }

    private static Interval Ends(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        return new Interval(Quantiles.Of(sorted, Low), Quantiles.Of(sorted, High));
    }
}
