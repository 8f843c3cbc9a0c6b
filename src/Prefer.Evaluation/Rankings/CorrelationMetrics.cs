using Prefer.Statistics;

namespace Prefer.Evaluation;

/// <summary>A correlation with its intervals.</summary>
/// <param name="Value">In [−1, 1].</param>
/// <param name="Ci95">For independent items; null for a mean of several correlations, and of too few items.</param>
/// <param name="Ci95ByPrompt">Clustered by prompt; null where a prompt less leaves no correlation, or one of ±1.</param>
public sealed record CorrelationEstimate(double Value, Interval? Ci95, Interval? Ci95ByPrompt);

/// <summary>The three correlations of two series; each null where one of the series does not vary.</summary>
public sealed record CorrelationMetrics
{
    /// <summary>Of the numbers.</summary>
    public required CorrelationEstimate? Pearson { get; init; }

    /// <summary>Of their ranks.</summary>
    public required CorrelationEstimate? Spearman { get; init; }

    /// <summary>Tau-b.</summary>
    public required CorrelationEstimate? Kendall { get; init; }

    /// <summary>Of one series of (x, y), or the mean over several.</summary>
    /// <param name="series">At least one, of a value an item; an item without x or y is not in that series.</param>
    /// <param name="prompts">The prompt of each item.</param>
    internal static CorrelationMetrics Of(IReadOnlyList<(double?[] X, double?[] Y)> series, int[] prompts)
    {
        int[] all = [.. Enumerable.Range(0, prompts.Length)];
        CorrelationEstimate? Estimate(Func<double[], double[], double?> correlation, Func<double, long, double, Interval?> interval)
        {
            double? Mean(int[] items)
            {
                double?[] values = [.. series.Select(pair => Complete(pair, items)).Select(pair => correlation(pair.X, pair.Y))];
                return values.Contains(null) ? null : values.Average();
            }
            return Mean(all) is not { } value ? null : new CorrelationEstimate(
                value, series.Count == 1 ? interval(value, Complete(series[0], all).X.Length, 0.95) : null, CorrelationInterval.Clustered(Mean, prompts));
        }
        return new CorrelationMetrics
        {
            Pearson = Estimate((x, y) => Correlation.Of(x, y).Pearson(), CorrelationInterval.Pearson),
            Spearman = Estimate((x, y) => RankCorrelation.Spearman(x, y), CorrelationInterval.Spearman),
            Kendall = Estimate((x, y) => RankCorrelation.KendallTauB(x, y), CorrelationInterval.Kendall),
        };
    }

    private static (double[] X, double[] Y) Complete((double?[] X, double?[] Y) pair, int[] items)
    {
        int[] complete = [.. items.Where(item => pair.X[item] is not null && pair.Y[item] is not null)];
        return (Array.ConvertAll(complete, item => pair.X[item]!.Value), Array.ConvertAll(complete, item => pair.Y[item]!.Value));
    }
}
