namespace Prefer.Statistics;

/// <summary>How far two annotators agree, each with habits of its own.</summary>
/// <param name="Items">Items that both gave a value.</param>
/// <param name="Raw">Share of them with equal values; null without items.</param>
/// <param name="Kappa">(raw − chance) / (1 − chance), where chance is what two annotators who use the values as often, independently, would have; null where both always gave the same one.</param>
/// <param name="KappaCi95">95 % percentile interval over resampled clusters; null with a single one.</param>
public sealed record CohenKappa(int Items, double? Raw, double? Kappa, Interval? KappaCi95)
{
    /// <summary>Compares two annotators.</summary>
    /// <param name="first">One value an item, null where there is none.</param>
    /// <param name="second">The other's values of the same items.</param>
    /// <param name="clusters">One label an item; equal labels are one cluster, in any order.</param>
    /// <param name="options">Draws, seed, and whether items count both ways.</param>
    /// <remarks>J. Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological Measurement 20 (1960).</remarks>
    /// <exception cref="ArgumentException">A value is not finite, or the lists are not of one length.</exception>
    public static CohenKappa Of(IReadOnlyList<double?> first, IReadOnlyList<double?> second, ReadOnlySpan<int> clusters, AgreementOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        options ??= new AgreementOptions();
        if (first.Count != second.Count || first.Count != clusters.Length)
        {
            throw new ArgumentException($"Found {first.Count} and {second.Count} values and {clusters.Length} cluster labels, expected one of each for every item.");
        }

        var both = first.Zip(second).Index().Where(item => item.Item.First is not null && item.Item.Second is not null)
            .Select(item => (item.Index, First: item.Item.First!.Value, Second: item.Item.Second!.Value)).ToArray();
        if (both.Any(item => !double.IsFinite(item.First) || !double.IsFinite(item.Second)))
        {
            throw new ArgumentException("Found a value that is not finite; expected numbers, and null where one is missing.");
        }

        var values = both.SelectMany(item => new[] { item.First, item.Second }).SelectMany(value => options.BothWays ? [value, 0 - value] : new[] { value }).Distinct().Order().ToArray();
        var sums = new ClusterSums(values.Length * values.Length);
        foreach (var (index, firstValue, secondValue) in both)
        {
            var place = Array.BinarySearch(values, firstValue) * values.Length + Array.BinarySearch(values, secondValue);
            sums.Add(clusters[index], place, options.BothWays ? 0.5 : 1);
            if (options.BothWays)
            {
                sums.Add(clusters[index], values.Length * values.Length - 1 - place, 0.5); // both values negated
            }
        }

        double? Kappa(double[] table) => Coefficients(table, values.Length).Kappa;
        var (raw, kappa) = Coefficients(sums.Total(), values.Length);
        return new CohenKappa(both.Length, raw, kappa, sums.Intervals(table => [Kappa(table)], options.ReplicateCount, options.Seed)[0]);
    }

    private static (double? Raw, double? Kappa) Coefficients(double[] table, int size)
    {
        var all = CompensatedSum.Of(table);
        if (all == 0)
        {
            return (null, null);
        }

        var (equal, chance) = (new CompensatedSum(), new CompensatedSum());
        var isConstant = false;
        for (var value = 0; value < size; value++)
        {
            var (byFirst, bySecond) = (0.0, 0.0);
            for (var other = 0; other < size; other++)
            {
                byFirst += table[value * size + other];
                bySecond += table[other * size + value];
            }

            equal.Add(table[value * size + value]);
            chance.Add(byFirst / all * (bySecond / all));
            isConstant |= byFirst == all && bySecond == all;
        }

        var raw = equal.Value / all;
        return (raw, isConstant ? null : (raw - chance.Value) / (1 - chance.Value));
    }
}
