using System.Collections.Immutable;

namespace Prefer.Evaluation;

/// <summary>A ranking of k responses with their rewards.</summary>
public sealed record ScoredRanking
{
    /// <summary>The same number for rows of the same prompt.</summary>
    public required int Prompt { get; init; }

    /// <summary>The subset it is reported under, or null.</summary>
    public string? Subset { get; init; }

    /// <summary>Rewards of the k responses, as the row lists them; finite.</summary>
    public required ImmutableArray<double> Rewards { get; init; }

    /// <summary>One score a response, higher is better, equal is a tie.</summary>
    public required ImmutableArray<double> Scores { get; init; }
}
