namespace Prefer.Statistics;

/// <summary>
/// How far annotators agree who gave values to the same items, whoever gave which: coefficients are 1 for perfect agreement and 0 for what chance would give, and null where they
/// do not exist. The 95 % intervals are percentiles over resampled clusters of items.
/// </summary>
public sealed record Agreement
{
    /// <summary>Items with two values or more; the others are not counted anywhere.</summary>
    public required int Items { get; init; }

    /// <summary>Values of those.</summary>
    public required int Votes { get; init; }

    /// <summary>Mean over items of the share of pairs of values that are equal.</summary>
    public required double? Raw { get; init; }

    /// <summary>Its interval.</summary>
    public required Interval? RawCi95 { get; init; }

    /// <summary>(raw − chance) / (1 − chance), where chance is the sum of the squared shares of the values.</summary>
    public required double? FleissKappa { get; init; }

    /// <summary>Its interval.</summary>
    public required Interval? FleissKappaCi95 { get; init; }

    /// <summary>Krippendorff's alpha where values are equal or different.</summary>
    public required double? AlphaNominal { get; init; }

    /// <summary>Its interval.</summary>
    public required Interval? AlphaNominalCi95 { get; init; }

    /// <summary>Alpha where values have an order: two are as far apart as values were given from one to the other.</summary>
    public required double? AlphaOrdinal { get; init; }

    /// <summary>Its interval.</summary>
    public required Interval? AlphaOrdinalCi95 { get; init; }

    /// <summary>Alpha where values are numbers: squared differences.</summary>
    public required double? AlphaInterval { get; init; }

    /// <summary>Its interval.</summary>
    public required Interval? AlphaIntervalCi95 { get; init; }

    /// <summary>Computes all coefficients.</summary>
    /// <param name="items">The values of each item; null for one that is missing, which is the same as leaving it out.</param>
    /// <param name="clusters">One label an item; equal labels are one cluster, in any order.</param>
    /// <param name="options">Draws, seed, and whether items count both ways.</param>
    /// <remarks>
    /// J. L. Fleiss, "Measuring nominal scale agreement among many raters", Psychological Bulletin 76 (1971), where all items have as many values; with unequal numbers an item's
    /// agreement counts once and a value's share is of all values. K. Krippendorff, "Content Analysis", chapter on reliability, and "Computing Krippendorff's alpha-reliability"
    /// (2011). Intervals: A. Zapf et al., BMC Medical Research Methodology 16:93 (2016), who find the bootstrap over items right for both coefficients.
    /// </remarks>
    /// <exception cref="ArgumentException">A value is not finite, or there are not as many clusters as items.</exception>
    public static Agreement Of(IReadOnlyList<IReadOnlyList<double?>> items, ReadOnlySpan<int> clusters, AgreementOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(items);
        options ??= new AgreementOptions();
        var found = Coincidences.Of(items, clusters, options.BothWays);
        var values = found.Coefficients(found.Sums.Total());
        var intervals = found.Sums.Intervals(found.Coefficients, options.ReplicateCount, options.Seed);
        return new Agreement
        {
            Items = found.ItemCount,
            Votes = found.ValueCount,
            Raw = values[0],
            RawCi95 = intervals[0],
            FleissKappa = values[1],
            FleissKappaCi95 = intervals[1],
            AlphaNominal = values[2],
            AlphaNominalCi95 = intervals[2],
            AlphaOrdinal = values[3],
            AlphaOrdinalCi95 = intervals[3],
            AlphaInterval = values[4],
            AlphaIntervalCi95 = intervals[4],
        };
    }
}
