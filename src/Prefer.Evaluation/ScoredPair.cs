using System.Collections.Immutable;

namespace Prefer.Evaluation;

/// <summary>A comparison with its rewards: what the figures of an evaluation are computed from once the texts are let go.</summary>
public sealed record ScoredPair
{
    /// <summary>Which of the comparisons read, from 0.</summary>
    public required long Index { get; init; }

    /// <summary>The same number for comparisons of the same prompt: the clusters of intervals.</summary>
    public required int Prompt { get; init; }

    /// <summary>The subset it is reported under, or null.</summary>
    public string? Subset { get; init; }

    /// <summary>P(chosen is preferred), in [0.5, 1].</summary>
    public double Label { get; init; } = 1;

    /// <summary>Reward of the chosen response; finite.</summary>
    public required double ChosenReward { get; init; }

    /// <summary>Reward of the rejected response; finite.</summary>
    public required double RejectedReward { get; init; }

    /// <summary>Chosen minus rejected; 0 where both became the same tokens, whatever the rounding of two places in a pass.</summary>
    public required double Difference { get; init; }

    /// <summary>Length and marks of the chosen response.</summary>
    public ResponseTraits Chosen { get; init; }

    /// <summary>Length and marks of the rejected response.</summary>
    public ResponseTraits Rejected { get; init; }

    /// <summary>Of the two sequences, how many lost tokens to the maximum length.</summary>
    public int TruncatedCount { get; init; }

    /// <summary>True where truncation made both sequences the same.</summary>
    public bool BecameIdentical { get; init; }

    /// <summary>The difference by each member of an ensemble; empty for a scorer that is none.</summary>
    public ImmutableArray<double> MemberDifferences { get; init; } = [];

    /// <summary>True for a label of one half: outside accuracy, a soft label of the loss.</summary>
    public bool IsTie => Label == 0.5;

    /// <summary>What the pair is worth in accuracy: 1 right, 0 wrong.</summary>
    /// <param name="equal">What equal rewards are worth.</param>
    public double Credit(double equal) => Difference > 0 ? 1 : Difference < 0 ? 0 : equal;
}
