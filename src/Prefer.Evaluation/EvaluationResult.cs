using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Prefer.Statistics;

namespace Prefer.Evaluation;

/// <summary>
/// How well a scorer tells chosen from rejected, on all comparisons or a subset of them. docs/metrics.md defines every number. Numbers
/// of which there is none (the accuracy of ties alone) are null.
/// </summary>
public record PairMetrics
{
    /// <summary>Comparisons read, those that nothing is computed from included.</summary>
    public required long Pairs { get; init; }

    /// <summary>Comparisons that accuracy counts: neither ties nor empty nor identical.</summary>
    public required long AccuracyPairs { get; init; }

    /// <summary>Share of <see cref="AccuracyPairs"/> in which the chosen response has the higher reward.</summary>
    public required double? Accuracy { get; init; }

    /// <summary>Wilson's interval for it, which takes pairs as independent.</summary>
    public required Interval? AccuracyCi95 { get; init; }

    /// <summary>Its interval clustered by prompt; null with a single prompt.</summary>
    public required Interval? AccuracyCi95ByPrompt { get; init; }

    /// <summary>Mean negative log-likelihood, ties included as soft labels.</summary>
    public required double? Loss { get; init; }

    /// <summary>Mean reward difference, chosen − rejected, over <see cref="AccuracyPairs"/>.</summary>
    public required double? Margin { get; init; }

    /// <summary>Accuracy of "the longer response wins" on the same pairs.</summary>
    public required double? LengthBaselineAccuracy { get; init; }

    /// <summary>Accuracy minus that of the length baseline.</summary>
    public required double? LengthDifference { get; init; }

    /// <summary>Its interval, clustered by prompt; null with a single prompt.</summary>
    public required Interval? LengthDifferenceCi95 { get; init; }

    /// <summary>Pairs of <see cref="AccuracyPairs"/> whose chosen response is the shorter one.</summary>
    public required long ShorterChosenPairs { get; init; }

    /// <summary>Accuracy on those.</summary>
    public required double? ShorterChosenAccuracy { get; init; }

    /// <summary>Pairs of <see cref="AccuracyPairs"/> that got equal rewards.</summary>
    public required long EqualRewards { get; init; }

    /// <summary>Comparisons with label one half.</summary>
    public required long Ties { get; init; }

    /// <summary>Comparisons with an empty side; not scored.</summary>
    public required long Empty { get; init; }

    /// <summary>Comparisons whose sides are the same; not scored.</summary>
    public required long Identical { get; init; }

    /// <summary>Scored responses (not pairs) that truncation shortened.</summary>
    public required long Truncated { get; init; }

    /// <summary>Scored pairs whose sides truncation made the same.</summary>
    public required long BecameIdenticalByTruncation { get; init; }
}

/// <summary>How well a baseline does on the comparisons that another scorer was measured on.</summary>
public sealed record BaselineMetrics : PairMetrics
{
    [SetsRequiredMembers]
    internal BaselineMetrics(EvaluationResult baseline, ClusteredMean? difference)
        : base(baseline)
    {
        (Difference, DifferenceCi95) = (difference?.Mean, difference is { ClusterCount: > 1 } ? difference.Interval : null);
    }

    /// <summary>Accuracy of the measured scorer minus the baseline's, on the pairs that both could read.</summary>
    [JsonPropertyOrder(1)]
    public double? Difference { get; }

    /// <summary>Its interval, pair by pair, clustered by prompt; null with a single prompt.</summary>
    [JsonPropertyOrder(1)]
    public Interval? DifferenceCi95 { get; }
}

/// <summary>The metrics of all comparisons, those of each subset, and what it took.</summary>
public sealed record EvaluationResult : PairMetrics
{
    [SetsRequiredMembers]
    internal EvaluationResult(PairTally all, IReadOnlyDictionary<string, PairMetrics> subsets, long? tokens, long badRows, double seconds)
        : base(all.Metrics())
    {
        Credits = all.Credits;
        (Subsets, BadRows, Tokens, Seconds) = (subsets, badRows, tokens, seconds);
        (PairsPerSecond, TokensPerSecond) = (all.ScoredCount / seconds, tokens / seconds);
    }

    /// <summary>By name, in ordinal order. Comparisons without a subset are in none.</summary>
    [JsonPropertyOrder(1)]
    public IReadOnlyDictionary<string, PairMetrics> Subsets { get; }

    /// <summary>Baselines on the same comparisons, by name, where any were asked for.</summary>
    [JsonPropertyOrder(1)]
    public IReadOnlyDictionary<string, BaselineMetrics> Baselines { get; init; } = new Dictionary<string, BaselineMetrics>();

    /// <summary>Rows left out because they could not be read.</summary>
    [JsonPropertyOrder(1)]
    public long BadRows { get; init; }

    /// <summary>Tokens of the scored sequences, special ones included; no padding, and a shared prompt counts for both sides. Null for scorers without tokens.</summary>
    [JsonPropertyOrder(1)]
    public long? Tokens { get; }

    /// <summary>Time of reading, encoding and scoring; the model was loaded before.</summary>
    [JsonPropertyOrder(1)]
    public double Seconds { get; }

    /// <summary>Scored pairs per second.</summary>
    [JsonPropertyOrder(1)]
    public double PairsPerSecond { get; }

    /// <summary><see cref="Tokens"/> per second.</summary>
    [JsonPropertyOrder(1)]
    public double? TokensPerSecond { get; }

    internal IReadOnlyList<PairCredit> Credits { get; }

    /// <summary>Sets another scorer's figures on the same comparisons, read in the same order, beside these.</summary>
    public BaselineMetrics Beside(EvaluationResult baseline)
    {
        ArgumentNullException.ThrowIfNull(baseline);
        var theirs = baseline.Credits.ToDictionary(pair => pair.Index, pair => pair.Credit);
        var shared = Credits.Where(pair => theirs.ContainsKey(pair.Index)).ToArray();
        return new BaselineMetrics(baseline, shared.Length == 0 ? null : PairedDifference.Of(
            [.. shared.Select(pair => pair.Credit)], [.. shared.Select(pair => theirs[pair.Index])], [.. shared.Select(pair => pair.Prompt)]).Difference);
    }
}
