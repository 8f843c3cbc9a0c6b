using System.Collections.Immutable;
using Prefer.Statistics;

namespace Prefer.Evaluation;

/// <summary>A level and the value that this share of a sample lies below.</summary>
/// <param name="Level">From 0 to 1.</param>
/// <param name="Value">By <see cref="Quantiles.Of"/>.</param>
public sealed record LevelValue(double Level, double Value)
{
    private static readonly double[] Levels = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1];

    /// <summary>The smallest of values, their 5th, 25th, 50th, 75th and 95th percentile, the largest.</summary>
    /// <param name="sorted">Ascending, at least one.</param>
    internal static ImmutableArray<LevelValue> Of(double[] sorted) => [.. Levels.Select(level => new LevelValue(level, Quantiles.Of(sorted, level)))];
}

/// <summary>How reward differences, chosen − rejected, are spread over the pairs that accuracy counts.</summary>
public sealed record MarginDistribution
{
    /// <summary>A difference is near zero below this share of the root mean square of all.</summary>
    private const double NearZero = 0.1;

    /// <summary>Pairs that are no ties.</summary>
    public required int Pairs { get; init; }

    /// <summary>Standard deviation of the differences (over pairs − 1); null of a single pair.</summary>
    public required double? Deviation { get; init; }

    /// <summary>Share of pairs whose difference is below a tenth of the root mean square of all: those that the scorer hardly tells apart.</summary>
    public required double NearZeroShare { get; init; }

    /// <summary>The smallest, the 5th, 25th, 50th, 75th and 95th percentile, the largest.</summary>
    public required ImmutableArray<LevelValue> Quantiles { get; init; }

    /// <summary>All differences, in bins of which 0 is an edge.</summary>
    public required ImmutableArray<HistogramBin> Histogram { get; init; }

    /// <summary>The distribution; null where all pairs are ties.</summary>
    public static MarginDistribution? Of(IReadOnlyList<ScoredPair> pairs)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        double[] differences = [.. pairs.Where(pair => !pair.IsTie).Select(pair => pair.Difference).Order()];
        if (differences.Length == 0)
        {
            return null;
        }

        var rootMeanSquare = Math.Sqrt(CompensatedSum.Mean([.. differences.Select(difference => difference * difference)]));
        return new MarginDistribution
        {
            Pairs = differences.Length,
            Deviation = CompensatedSum.Deviation(differences),
            NearZeroShare = (double)differences.Count(difference => difference == 0 || Math.Abs(difference) < NearZero * rootMeanSquare) / differences.Length,
            Quantiles = LevelValue.Of(differences),
            Histogram = Statistics.Histogram.Of(differences).Bins,
        };
    }
}
