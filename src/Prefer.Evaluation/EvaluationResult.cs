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

    /// <summary>Wilson's interval for it.</summary>
    public required Interval? AccuracyCi95 { get; init; }

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

/// <summary>The metrics of all comparisons, those of each subset, and what it took.</summary>
public sealed record EvaluationResult : PairMetrics
{
    [SetsRequiredMembers]
    internal EvaluationResult(PairMetrics all, IReadOnlyDictionary<string, PairMetrics> subsets, long scoredPairs, long? tokens, long badRows, double seconds)
        : base(all)
    {
        (Subsets, BadRows, Tokens, Seconds) = (subsets, badRows, tokens, seconds);
        (PairsPerSecond, TokensPerSecond) = (scoredPairs / seconds, tokens / seconds);
    }

    /// <summary>By name, in ordinal order. Comparisons without a subset are in none.</summary>
    [JsonPropertyOrder(1)]
    public IReadOnlyDictionary<string, PairMetrics> Subsets { get; }

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
}
