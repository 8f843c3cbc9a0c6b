namespace Prefer.Statistics;

/// <summary>
/// How often values meet in an item, as sums that coefficients of agreement are functions of.
/// V values; sums: the items' own agreement, the items, then the coincidence matrix [V, V].
/// </summary>
/// <remarks>
/// K. Krippendorff, "Computing Krippendorff's alpha-reliability" (2011): an item with m values adds (its ordered pairs of c and k by different annotators) / (m − 1) to entry (c, k), so that
/// every value counts once. Items with fewer than two values pair with nothing and are left out.
/// </remarks>
internal sealed class Coincidences
{
    private const int AgreementPlace = 0, ItemPlace = 1, MatrixPlace = 2;

    private readonly double[] values;

    private Coincidences(double[] values) => (this.values, Sums) = (values, new ClusterSums(MatrixPlace + values.Length * values.Length));

    /// <summary>Items with two values or more.</summary>
    public int ItemCount { get; private set; }

    /// <summary>Values of those.</summary>
    public int ValueCount { get; private set; }

    /// <summary>The sums, by cluster.</summary>
    public ClusterSums Sums { get; }

    /// <summary>Counts the values of items.</summary>
    /// <exception cref="ArgumentException">A value is not finite, or there are not as many clusters as items.</exception>
    public static Coincidences Of(IReadOnlyList<IReadOnlyList<double?>> items, ReadOnlySpan<int> clusters, bool bothWays)
    {
        if (items.Count != clusters.Length)
        {
            throw new ArgumentException($"Found {items.Count} items and {clusters.Length} cluster labels, expected as many of each.");
        }

        var all = items.SelectMany(item => item).OfType<double>();
        if (all.Any(value => !double.IsFinite(value)))
        {
            throw new ArgumentException("Found a value that is not finite; expected numbers, and null where one is missing.");
        }

        // 0 − x and not −x, which would make a second zero.
        var found = new Coincidences([.. all.Concat(bothWays ? all.Select(value => 0 - value) : []).Distinct().Order()]);
        for (var index = 0; index < items.Count; index++)
        {
            found.Add([.. items[index].OfType<double>().Select(value => Array.BinarySearch(found.values, value))], clusters[index], bothWays);
        }

        return found;
    }

    private void Add(int[] given, int cluster, bool bothWays)
    {
        if (given.Length < 2)
        {
            return;
        }

        var pairs = (double)given.Length * (given.Length - 1);
        ItemCount++;
        ValueCount += given.Length;
        Sums.Add(cluster, ItemPlace, 1);
        var counts = given.CountBy(value => value).ToArray();
        foreach (var (first, firstCount) in counts)
        {
            foreach (var (second, secondCount) in counts)
            {
                var meetings = (double)firstCount * (first == second ? firstCount - 1 : secondCount);
                if (meetings == 0)
                {
                    continue;
                }

                if (first == second)
                {
                    Sums.Add(cluster, AgreementPlace, meetings / pairs);
                }

                // Values are sorted and closed under negation, so the negative of one stands as far from the other end.
                var last = values.Length - 1;
                var share = (bothWays ? 0.5 : 1) * meetings / (given.Length - 1);
                Sums.Add(cluster, MatrixPlace + first * values.Length + second, share);
                if (bothWays)
                {
                    Sums.Add(cluster, MatrixPlace + (last - first) * values.Length + last - second, share);
                }
            }
        }
    }

    /// <summary>Raw agreement, Fleiss's kappa, and nominal, ordinal and interval alpha of such sums.</summary>
    public double?[] Coefficients(double[] sums)
    {
        if (sums[ItemPlace] == 0)
        {
            return new double?[5];
        }

        var totals = Totals(sums);
        var (all, present) = (CompensatedSum.Of(totals), totals.Count(total => total > 0));
        var raw = sums[AgreementPlace] / sums[ItemPlace];
        if (present < 2)
        {
            return [raw, null, null, null, null]; // one value only: by chance everything would agree as well
        }

        var chance = CompensatedSum.Of([.. totals.Select(total => total / all * (total / all))]);
        return
        [
            raw,
            (raw - chance) / (1 - chance),
            Alpha(sums, totals, all, static (_, _, _) => 1),
            Alpha(sums, totals, all, Ordinal),
            Alpha(sums, totals, all, (_, first, second) => (values[first] - values[second]) * (values[first] - values[second])),
        ];
    }

    /// <summary>How often each value was given.</summary>
    private double[] Totals(double[] sums)
    {
        var totals = new double[values.Length];
        for (var first = 0; first < values.Length; first++)
        {
            totals[first] = CompensatedSum.Of(sums.AsSpan(MatrixPlace + first * values.Length, values.Length));
        }

        return totals;
    }

    /// <summary>1 − observed / expected disagreement, with δ² of two values, the smaller first.</summary>
    private double Alpha(double[] sums, double[] totals, double all, Func<double[], int, int, double> distance)
    {
        var (observed, expected) = (new CompensatedSum(), new CompensatedSum());
        for (var first = 0; first < values.Length; first++)
        {
            for (var second = first + 1; second < values.Length; second++)
            {
                var square = distance(totals, first, second);
                observed.Add(sums[MatrixPlace + first * values.Length + second] * square);
                expected.Add(totals[first] * totals[second] * square);
            }
        }

        return 1 - (all - 1) * observed.Value / expected.Value;
    }

    private static double Ordinal(double[] totals, int first, int second)
    {
        var between = CompensatedSum.Of(totals.AsSpan(first, second - first + 1)) - (totals[first] + totals[second]) / 2;
        return between * between;
    }
}
