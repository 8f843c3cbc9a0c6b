namespace Prefer.Evaluation;

/// <summary>A comparison that is not scored: it has an empty side, or its sides are the same.</summary>
/// <param name="Subset">The subset it is reported under, or null.</param>
/// <param name="IsEmpty">An empty side; otherwise identical ones.</param>
public readonly record struct UnscoredPair(string? Subset, bool IsEmpty);

/// <summary>What a pass of a scorer over comparisons leaves: a few numbers of each, from which every figure is computed.</summary>
public sealed record ScoredComparisons
{
    /// <summary>What equal rewards are worth in accuracy: see <see cref="IScorer.EqualRewardsCredit"/>.</summary>
    public required double EqualRewardsCredit { get; init; }

    /// <summary>See <see cref="IScorer.IsLogOdds"/>.</summary>
    public bool IsLogOdds { get; init; }

    /// <summary>In the order they were read.</summary>
    public required IReadOnlyList<ScoredPair> Pairs { get; init; }

    /// <summary>Comparisons that were read and not scored.</summary>
    public IReadOnlyList<UnscoredPair> Unscored { get; init; } = [];

    /// <summary>Rows that were rankings; their pairs are in <see cref="Pairs"/> too.</summary>
    public IReadOnlyList<ScoredRanking> Rankings { get; init; } = [];

    /// <summary>Tokens of the sequences; null for a scorer that reads none.</summary>
    public long? Tokens { get; init; }

    /// <summary>From the first row to the last reward.</summary>
    public double Seconds { get; init; }

    /// <summary>Names of the subsets, in ordinal order.</summary>
    public IReadOnlyList<string> Subsets() =>
        [.. Pairs.Select(pair => pair.Subset).Concat(Unscored.Select(pair => pair.Subset)).OfType<string>().Distinct().Order(StringComparer.Ordinal)];

    /// <summary>The comparisons of some subsets.</summary>
    public ScoredComparisons Of(Func<string?, bool> isWanted) => this with
    {
        Pairs = [.. Pairs.Where(pair => isWanted(pair.Subset))],
        Unscored = [.. Unscored.Where(pair => isWanted(pair.Subset))],
        Rankings = [.. Rankings.Where(ranking => isWanted(ranking.Subset))],
    };
}
