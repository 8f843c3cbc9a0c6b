using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Prefer.Statistics;

namespace Prefer.Evaluation;

/// <summary>How well another scorer does on the comparisons that the first was measured on.</summary>
public sealed record BaselineMetrics : PairMetrics
{
    /// <summary>An empty record, to be filled.</summary>
    public BaselineMetrics()
    {
    }

    [SetsRequiredMembers]
    internal BaselineMetrics(PairMetrics metrics)
        : base(metrics)
    {
    }

    /// <summary>Accuracy of the measured scorer minus this one's, on the pairs that both could read.</summary>
    [JsonPropertyOrder(1)]
    public double? Difference { get; init; }

    /// <summary>Its interval, pair by pair, clustered by prompt; null with a single prompt.</summary>
    [JsonPropertyOrder(1)]
    public Interval? DifferenceCi95 { get; init; }

    /// <summary>Sets another scorer's figures on the same comparisons, read in the same order, beside the first's.</summary>
    /// <param name="measured">The pass of the scorer that is measured.</param>
    /// <param name="other">The pass of this one.</param>
    /// <param name="seed">Seed of the resamples.</param>
    public static BaselineMetrics Of(ScoredComparisons measured, ScoredComparisons other, int seed = 0)
    {
        var theirs = other.Pairs.Where(pair => !pair.IsTie).ToDictionary(pair => pair.Index, pair => pair.Credit(other.EqualRewardsCredit));
        var shared = measured.Pairs.Where(pair => theirs.ContainsKey(pair.Index)).ToArray();
        var difference = shared.Length == 0 ? null : PairedDifference.Of(
            [.. shared.Select(pair => pair.Credit(measured.EqualRewardsCredit))], [.. shared.Select(pair => theirs[pair.Index])], [.. shared.Select(pair => pair.Prompt)]).Difference;
        return new BaselineMetrics(PairMetrics.Of(other, seed)) { Difference = difference?.Mean, DifferenceCi95 = difference is { ClusterCount: > 1 } ? difference.Interval : null };
    }
}
