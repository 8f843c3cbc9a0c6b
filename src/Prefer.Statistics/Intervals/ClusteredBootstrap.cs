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

    /// <summary>Whether the levels of the ends are corrected for bias and skewness (BCa), which needs the statistic once more for each cluster; otherwise they are the plain percentiles.</summary>
    public bool IsCorrected { get; init; }
}

/// <summary>A statistic of some items, an item as often as it was drawn; null where it does not exist of them.</summary>
/// <param name="items">Indices of items.</param>
public delegate double? ItemStatistic(ReadOnlySpan<int> items);

/// <summary>A statistic of sums over items; null where it does not exist of them (such as a mean of nothing).</summary>
/// <param name="sums">One a column.</param>
public delegate double? SumStatistic(ReadOnlySpan<double> sums);

/// <summary>
/// Confidence intervals of statistics that have no formula for one: whole clusters (the comparisons of a prompt) are drawn again, with replacement, as many as there are, and the
/// interval is where the statistic of what was drawn falls. Nothing is assumed about how items of a cluster depend on one another. With fewer than some 20 clusters it is too narrow.
/// </summary>
/// <remarks>
/// B. Efron, R. J. Tibshirani, "An Introduction to the Bootstrap" (1993), chapters 13 (percentiles) and 14 (BCa), with clusters as the units. Resamples of which the statistic does not
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

    /// <summary>Interval of any statistic of items. A resample costs what the statistic costs of that many items.</summary>
    /// <param name="clusters">One label an item, at least one; equal labels are one cluster, in any order.</param>
    /// <param name="statistic">Gets the indices of the items drawn, those of a cluster together.</param>
    /// <param name="options">How to draw.</param>
    /// <returns>Null with a single cluster, or where the statistic does not exist of the items or of half of the resamples.</returns>
    public static Interval? OfItems(ReadOnlySpan<int> clusters, ItemStatistic statistic, BootstrapOptions options)
    {
        ArgumentNullException.ThrowIfNull(statistic);
        var members = Members(clusters.Length, clusters);
        var items = new List<int>(clusters.Length);
        return Of(members.Count, Statistic, options);

        double? Statistic(ReadOnlySpan<int> chosen)
        {
            items.Clear();
            foreach (var cluster in chosen)
            {
                items.AddRange(members[cluster]);
            }

            return statistic(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(items));
        }
    }

    /// <summary>The statistic of resamples of clusters, ascending; those of which it does not exist are left out.</summary>
    internal static double[] Draw(int clusterCount, ItemStatistic statistic, BootstrapOptions options)
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

    private static Interval? Of(int clusterCount, ItemStatistic statistic, BootstrapOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Resamples);
        if (!(options.Confidence > 0 && options.Confidence < 1))
        {
            throw new ArgumentException($"Found a confidence of {options.Confidence}, expected one between 0 and 1.");
        }

        int[] all = [.. Enumerable.Range(0, clusterCount)];
        if (clusterCount == 1 || Checked(statistic(all)) is not { } estimate)
        {
            return null;
        }

        var sorted = Draw(clusterCount, statistic, options);
        if (2 * sorted.Length <= options.Resamples)
        {
            return null;
        }

        var (low, high) = (0.5 - options.Confidence / 2, 0.5 + options.Confidence / 2);
        if (options.IsCorrected)
        {
            var bias = Bias(sorted, estimate);
            var acceleration = Acceleration(all, statistic);
            if (double.IsInfinity(bias) || Corrected(low, bias, acceleration) is not { } correctedLow || Corrected(high, bias, acceleration) is not { } correctedHigh)
            {
                return null;
            }

            (low, high) = (correctedLow, correctedHigh);
        }

        return new Interval(Quantiles.Of(sorted, low), Quantiles.Of(sorted, high));
    }

    /// <summary>z₀: the normal quantile of the share of resamples below the estimate, those equal to it counted half.</summary>
    private static double Bias(double[] sorted, double estimate) =>
        Normal.Quantile(sorted.Sum(value => value < estimate ? 1.0 : value == estimate ? 0.5 : 0) / sorted.Length);

    /// <summary>â = Σ dᵢ³ / (6 (Σ dᵢ²)^1.5), with dᵢ how far the statistic without cluster i lies below the mean of those; 0 where it does not vary.</summary>
    private static double Acceleration(int[] all, ItemStatistic statistic)
    {
        double[] without = [.. all.Select(left => Checked(statistic(all.Where(cluster => cluster != left).ToArray()))).OfType<double>()];
        if (without.Length == 0)
        {
            return 0;
        }

        var mean = CompensatedSum.Mean(without);
        var squares = CompensatedSum.Of([.. without.Select(value => (mean - value) * (mean - value))]);
        var cubes = CompensatedSum.Of([.. without.Select(value => Math.Pow(mean - value, 3))]);
        return squares == 0 ? 0 : cubes / (6 * Math.Pow(squares, 1.5));
    }

    /// <summary>The level whose percentile takes the place of another's; null where the correction turns round, which it does for few and very skewed clusters.</summary>
    private static double? Corrected(double level, double bias, double acceleration)
    {
        var shifted = bias + Normal.Quantile(level);
        var shrink = 1 - acceleration * shifted;
        return shrink > 0 ? Normal.Cdf(bias + shifted / shrink) : null;
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
