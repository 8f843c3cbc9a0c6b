using System.Collections.Immutable;
using Prefer.Statistics;

namespace Prefer.Evaluation;

/// <summary>How far the members of an ensemble agree, over the pairs that accuracy counts.</summary>
public sealed record EnsembleMetrics
{
    /// <summary>Members.</summary>
    public required int Members { get; init; }

    /// <summary>Accuracy of each member, in their order.</summary>
    public required ImmutableArray<double> MemberAccuracies { get; init; }

    /// <summary>Two members and a pair drawn at random: how often both prefer the same response (or both neither). Null for one member.</summary>
    public required double? MeanAgreement { get; init; }

    /// <summary>Share of the pairs on which all members prefer the same response.</summary>
    public required double UnanimousShare { get; init; }

    /// <summary>Accuracy of the ensemble on those; null without any.</summary>
    public required double? UnanimousAccuracy { get; init; }

    /// <summary>Its Wilson interval.</summary>
    public required Interval? UnanimousAccuracyCi95 { get; init; }

    /// <summary>Accuracy of the ensemble on the other pairs; null without any.</summary>
    public required double? SplitAccuracy { get; init; }

    /// <summary>Its Wilson interval.</summary>
    public required Interval? SplitAccuracyCi95 { get; init; }

    /// <summary>Mean over pairs of the standard deviation (n − 1) of the members' reward differences.</summary>
    public required double MeanDeviation { get; init; }

    /// <summary>Computes them; null where the scorer was no ensemble or no pair counts.</summary>
    public static EnsembleMetrics? Of(ScoredComparisons scored)
    {
        ScoredPair[] pairs = [.. scored.Pairs.Where(pair => !pair.IsTie && !pair.MemberDifferences.IsEmpty)];
        if (pairs.Length == 0)
        {
            return null;
        }

        var members = pairs[0].MemberDifferences.Length;
        double agreements = 0;
        double[] deviations = new double[pairs.Length];
        var (unanimous, split) = (new List<double>(), new List<double>());
        foreach (var (index, pair) in pairs.Index())
        {
            int[] signs = [.. pair.MemberDifferences.Select(Math.Sign)];
            agreements += signs.GroupBy(sign => sign).Sum(same => (double)same.Count() * (same.Count() - 1));
            deviations[index] = CompensatedSum.Deviation(pair.MemberDifferences.AsSpan()) ?? 0;
            (signs.Distinct().Count() == 1 ? unanimous : split).Add(pair.Credit(scored.EqualRewardsCredit));
        }

        return new EnsembleMetrics
        {
            Members = members,
            MemberAccuracies = [.. Enumerable.Range(0, members).Select(member => pairs.Count(pair => pair.MemberDifferences[member] > 0) / (double)pairs.Length)],
            MeanAgreement = members < 2 ? null : agreements / ((double)members * (members - 1) * pairs.Length),
            UnanimousShare = unanimous.Count / (double)pairs.Length,
            UnanimousAccuracy = Mean(unanimous),
            UnanimousAccuracyCi95 = Wilson(unanimous),
            SplitAccuracy = Mean(split),
            SplitAccuracyCi95 = Wilson(split),
            MeanDeviation = CompensatedSum.Mean(deviations),
        };
    }

    private static double? Mean(List<double> credits) => credits.Count == 0 ? null : credits.Average();

    private static Interval? Wilson(List<double> credits) => credits.Count == 0 ? null : Proportion.Wilson(credits.Sum(), credits.Count);
}
