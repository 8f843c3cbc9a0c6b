using System.Collections.Immutable;

namespace Prefer.Evaluation;

/// <summary>A rating in one dimension with the reward of its response.</summary>
public sealed record ScoredRating
{
    /// <summary>The same number for ratings of the same prompt.</summary>
    public required int Prompt { get; init; }

    /// <summary>The subset it is reported under, or null.</summary>
    public string? Subset { get; init; }

    /// <summary>Reward of the response; finite.</summary>
    public required double Reward { get; init; }

    /// <summary>The score; of several raters their mean.</summary>
    public required double Score { get; init; }

    /// <summary>One score a rater, null where a rater gave none; empty where there is one number and no raters.</summary>
    public ImmutableArray<double?> RaterScores { get; init; } = [];

    /// <summary>Length and marks of the response.</summary>
    public ResponseTraits Traits { get; init; }
}
