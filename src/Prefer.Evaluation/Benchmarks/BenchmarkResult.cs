using System.Text.Json.Serialization;
using Prefer.Statistics;

namespace Prefer.Evaluation.Benchmarks;

/// <summary>A score of a benchmark or of a part of it.</summary>
/// <param name="Score">By the benchmark's own formula, 1 at best; null where there is nothing to compute it from.</param>
/// <param name="ScoreCi95">Wilson's where the items of one subset are right or wrong, else clustered by prompt; null where there is none.</param>
/// <param name="Items">Items that it is computed from.</param>
/// <param name="PublishedItems">Items that the published files have; null where nobody counted. With fewer the score compares with no published one.</param>
public sealed record BenchmarkPart(double? Score, Interval? ScoreCi95, long Items, long? PublishedItems = null);

/// <summary>What a scorer reaches on a benchmark. docs/benchmarks.md defines every score.</summary>
public sealed record BenchmarkResult
{
    public required BenchmarkKind Benchmark { get; init; }

    /// <summary>The benchmark's overall score, of <see cref="ScoreOf"/>; null where none of them is there.</summary>
    public required double? Score { get; init; }

    /// <summary>Its interval, clustered by prompt.</summary>
    public required Interval? ScoreCi95 { get; init; }

    /// <summary>The sections that the score is of: those that the data has.</summary>
    public required IReadOnlyList<string> ScoreOf { get; init; }

    /// <summary>Sections, and subsets of sections that are there, which the score should have and the data has not.</summary>
    public required IReadOnlyList<string> Missing { get; init; }

    /// <summary>The scores that the benchmark reports besides, in its order.</summary>
    public required IReadOnlyDictionary<string, BenchmarkPart> Sections { get; init; }

    /// <summary>What they are made of.</summary>
    public required IReadOnlyDictionary<string, BenchmarkPart> Subsets { get; init; }

    /// <summary>Items scored.</summary>
    public long Items { get; init; }

    /// <summary>Items of which two responses have equal rewards.</summary>
    public long EqualRewards { get; init; }

    /// <summary>Responses that truncation shortened.</summary>
    public long Truncated { get; init; }

    /// <summary>Items of which truncation made two responses the same.</summary>
    public long BecameIdenticalByTruncation { get; init; }

    /// <summary>Rows left out because they could not be read.</summary>
    public long BadRows { get; init; }

    /// <summary>Tokens of the scored sequences; a shared prompt counts for each response. Null for scorers without tokens.</summary>
    public long? Tokens { get; init; }

    /// <summary>Time of reading, encoding and scoring.</summary>
    public double Seconds { get; init; }

    /// <summary>Other scorers on the same items, by name, where any were asked for.</summary>
    [JsonPropertyOrder(1)]
    public IReadOnlyDictionary<string, BenchmarkResult> Baselines { get; init; } = new Dictionary<string, BenchmarkResult>();
}
