namespace Prefer.Statistics;

/// <summary>What a coefficient of agreement is asked for besides the values.</summary>
public sealed record AgreementOptions
{
    /// <summary>
    /// Count every item half as it stands and half with its values negated. For preferences between two responses (1 the first, −1 the second, 0 a tie), whose order means
    /// nothing: what agreement by chance would be must not depend on which of them is called the first. Exact agreement is the same either way.
    /// </summary>
    public bool BothWays { get; init; }

    /// <summary>Draws of the bootstrap; 0 for no intervals.</summary>
    public int ReplicateCount { get; init; } = 2000;

    /// <summary>Seed of the draws.</summary>
    public int Seed { get; init; } = 42;
}
