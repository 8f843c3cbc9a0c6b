using System.Collections.Immutable;
using Prefer.Data;

namespace Prefer.Evaluation.Benchmarks;

/// <summary>One question of a benchmark: a prompt and its responses, of which some are right.</summary>
internal sealed record BenchmarkItem
{
    /// <summary>The part of the benchmark that it belongs to.</summary>
    public required string Subset { get; init; }

    public required ImmutableArray<Message> Prompt { get; init; }

    /// <summary>Two or more; each is scored once.</summary>
    public required ImmutableArray<string> Responses { get; init; }

    /// <summary>0-based indices of the responses that are right; none where people found them equal.</summary>
    public required ImmutableArray<int> Right { get; init; }

    /// <summary>What ties it to another item, where the benchmark's scoring looks at items together.</summary>
    public string? Id { get; init; }

    /// <summary>Where it was read.</summary>
    public required RowOrigin Origin { get; init; }

    /// <summary>A prompt of one user turn.</summary>
    public static ImmutableArray<Message> Asked(string prompt) => [new Message("user", prompt)];

    /// <summary>Each response as a row to be scored.</summary>
    public IReadOnlyList<Candidate> Candidates() => [.. Responses.Select(response => new Candidate { Prompt = Prompt, Response = Response.FromText(response), Origin = Origin })];
}

/// <summary>What scoring leaves of an item once its texts are let go.</summary>
/// <param name="Subset">As of the item.</param>
/// <param name="Prompt">The same number for items of the same prompt: the clusters of intervals.</param>
/// <param name="Rewards">Finite, one a response; equal where two became the same tokens.</param>
/// <param name="Right">As of the item.</param>
/// <param name="Id">As of the item.</param>
internal sealed record ScoredItem(string Subset, int Prompt, ImmutableArray<double> Rewards, ImmutableArray<int> Right, string? Id)
{
    /// <summary>True where every right response has a higher reward than every other one. For a pair: where the preferred response wins; equal rewards do not.</summary>
    public bool IsRight => WorstRight > BestWrong;

    public double BestRight => Right.Max(index => Rewards[index]);

    public double WorstRight => Right.Min(index => Rewards[index]);

    public double BestWrong => Rewards.Where((_, index) => !Right.Contains(index)).Max();
}
