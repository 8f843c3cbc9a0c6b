namespace Prefer.Statistics;

/// <summary>How a bootstrap draws.</summary>
public sealed record BootstrapOptions
{
    /// <summary>The same seed gives the same interval, on every machine.</summary>
    public required int Seed { get; init; }

    /// <summary>Resamples. With 2000 the ends of a 95 % interval are drawn at levels that are off by a third of a percent (one standard error).</summary>
    public int Resamples { get; init; } = 2000;

    /// <summary>Coverage, between 0 and 1.</summary>
    public double Confidence { get; init; } = 0.95;
}

/// <summary>A statistic of clusters, a cluster as often as it was drawn; null where it does not exist of them.</summary>
/// <param name="clusters">Their numbers.</param>
internal delegate double? ClusterStatistic(ReadOnlySpan<int> clusters);

/// <summary>A statistic of sums over items; null where it does not exist of them (such as a mean of nothing).</summary>
/// <param name="sums">One a column.</param>
public delegate double? SumStatistic(ReadOnlySpan<double> sums);

/// <summary>
/// Confidence intervals of statistics that have no formula for one: whole clusters (the comparisons of a prompt) are drawn again, with replacement, as many as there are, and the
/// interval is where the statistic of what was drawn falls. Nothing is assumed about how items of a cluster depend on one another. With fewer than some 20 clusters it is too narrow.
/// </summary>
/// <remarks>
/// B. Efron, R. J. Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13, percentiles, with clusters as the units. Resamples of which the statistic does not
/// exist are left out.
/// </remarks>
public static class ClusteredBootstrap
{
    /// <summary>Interval of the mean over items, each item with the same weight.</summary>
    /// <param name="values">One finite value an item, at least one.</param>
    /// <param name="clusters">One label an item; equal labels are one cluster, in any order.</param>
    /// <param name="options">How to draw.</param>
    /// <returns>Null with a single cluster.</returns>
    public static Interval? Mean(ReadOnlySpan<double> values, ReadOnlySpan<int> clusters, BootstrapOptions options)
    {
        var columns = new double[values.Length, 2];
        for (var item = 0; item < values.Length; item++)
        {
            (columns[item, 0], columns[item, 1]) = (values[item], 1);
        }

        return OfSums(columns, clusters, sums => sums[0] / sums[1], options);
    }

    /// <summary>Interval of a statistic that is a function of sums over items: a mean, a ratio, a difference of ratios. A resample costs as much as there are clusters, not items.</summary>
    /// <param name="columns">One row an item, what is summed of it in the columns; finite.</param>
    /// <param name="clusters">One label an item; equal labels are one cluster, in any order.</param>
    /// <param name="statistic">Gets the sum of each column.</param>
    /// <param name="options">How to draw.</param>
    /// <returns>Null with a single cluster, or where the statistic does not exist of the items or of half of the resamples.</returns>
    public static Interval? OfSums(double[,] columns, ReadOnlySpan<int> clusters, SumStatistic statistic, BootstrapOptions options)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(statistic);
        var members = Members(columns.GetLength(0), clusters);
        var (clusterCount, columnCount) = (members.Count, columns.GetLength(1));
        var sums = new double[clusterCount][];
        foreach (var (cluster, items) in members.Index())
        {
            var totals = new CompensatedSum[columnCount];
            foreach (var item in items)
            {
                for (var column = 0; column < columnCount; column++)
                {
                    totals[column].Add(double.IsFinite(columns[item, column]) ? columns[item, column]
                        : throw new ArgumentException($"Found {columns[item, column]} as value {column} of item {item}, expected a finite number."));
                }
            }

            sums[cluster] = [.. totals.Select(total => total.Value)];
        }

        var (drawn, sum) = (new CompensatedSum[columnCount], new double[columnCount]);
        return Of(clusterCount, Statistic, options);

        double? Statistic(ReadOnlySpan<int> chosen)
        {
            Array.Clear(drawn);
            foreach (var cluster in chosen)
            {
                for (var column = 0; column < columnCount; column++)
                {
                    drawn[column].Add(sums[cluster][column]);
                }
            }

            for (var column = 0; column < columnCount; column++)
            {
                sum[column] = drawn[column].Value;
            }

            return statistic(sum);
        }
    }

    /// <summary>The statistic of resamples of clusters, ascending; those of which it does not exist are left out.</summary>
    internal static double[] Draw(int clusterCount, ClusterStatistic statistic, BootstrapOptions options)
    {
        var random = new SplitMix64((ulong)(uint)options.Seed);
        var (chosen, counts) = (new int[clusterCount], new int[clusterCount]);
        var found = new List<double>(options.Resamples);
        for (var resample = 0; resample < options.Resamples; resample++)
        {
            Array.Clear(counts);
            for (var place = 0; place < clusterCount; place++)
            {
                counts[random.Below((ulong)clusterCount)]++;
            }

            // In one order, so that two resamples of the same clusters, and the sample itself, have the same sums to the last bit.
            for (var (cluster, place) = (0, 0); cluster < clusterCount; cluster++)
            {
                chosen.AsSpan(place, counts[cluster]).Fill(cluster);
                place += counts[cluster];
            }

            if (Checked(statistic(chosen)) is { } value)
            {
                found.Add(value);
            }
        }

        double[] sorted = [.. found];
        Array.Sort(sorted);
        return sorted;
    }

    private static Interval? Of(int clusterCount, ClusterStatistic statistic, BootstrapOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Resamples);
        if (!(options.Confidence > 0 && options.Confidence < 1))
        {
            throw new ArgumentException($"Found a confidence of {options.Confidence}, expected one between 0 and 1.");
        }

        int[] all = [.. Enumerable.Range(0, clusterCount)];
        if (clusterCount == 1 || Checked(statistic(all)) is null)
        {
            return null;
        }

        var sorted = Draw(clusterCount, statistic, options);
        if (2 * sorted.Length <= options.Resamples)
        {
            return null;
        }

        var (low, high) = (0.5 - options.Confidence / 2, 0.5 + options.Confidence / 2);
        return new Interval(Quantiles.Of(sorted, low), Quantiles.Of(sorted, high));
    }

    private static double? Checked(double? value) => value is not { } found || double.IsFinite(found) ? value
        : throw new ArgumentException($"The statistic of a resample is {found}, expected a finite number, or null where there is none.");

    /// <summary>The items of each cluster, clusters in the order in which they come.</summary>
    private static List<List<int>> Members(int itemCount, ReadOnlySpan<int> clusters)
    {
        if (itemCount == 0 || itemCount != clusters.Length)
        {
            throw new ArgumentException($"Found {itemCount} items and {clusters.Length} cluster labels, expected as many of each, and one at least.");
        }

        var members = new List<List<int>>();
        var numbers = new Dictionary<int, int>();
        for (var item = 0; item < itemCount; item++)
        {
            if (!numbers.TryGetValue(clusters[item], out var number))
            {
                numbers[clusters[item]] = number = members.Count;
                members.Add([]);
            }

            members[number].Add(item);
        }

        return members;
    }
}
