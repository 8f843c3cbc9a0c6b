using System.Collections.Immutable;
using Prefer.Data;
using Prefer.Models;

namespace Prefer.Evaluation;

/// <summary>The reward of one response.</summary>
/// <param name="Reward">Finite.</param>
/// <param name="Tokens">What the scorer read; null for scorers that read no tokens.</param>
public sealed record ScoredResponse(double Reward, EncodedSequence? Tokens)
{
    /// <summary>The reward by each member of an ensemble; empty for a scorer that is none.</summary>
    public ImmutableArray<double> MemberRewards { get; init; } = [];
}

/// <summary>A row and the rewards of its responses, in the order the row gives them.</summary>
public sealed record ScoredRow<T>(T Row, ImmutableArray<ScoredResponse> Responses)
{
    /// <summary>True where scoring may begin anew behind this row and gives the rows after it the same rewards, to the last bit: <see cref="Rewarded{T}.EndsWindow"/>.</summary>
    public bool EndsWindow { get; init; } = true;
}

/// <summary>Anything that rewards.</summary>
public interface IScorer
{
    /// <summary>What an equal reward for both sides of a comparison is worth in accuracy: nothing for a model, one half for a baseline.</summary>
    double EqualRewardsCredit { get; }

    /// <summary>Whether σ of a difference of rewards claims to be a probability, as that of a reward model or of a logistic fit does: calibration is measured then.</summary>
    bool IsLogOdds { get; }

    /// <summary>Rewards of rows, in their order.</summary>
    /// <param name="rows">May be read by another thread, ahead of what is given out.</param>
    /// <param name="responses">The responses of a row, called where it is read; a row of none comes back in its place.</param>
    /// <param name="skipped">Takes the rows that this scorer cannot read, which are left out; null to stop at the first.</param>
    /// <exception cref="DataException">A row cannot be read by this scorer.</exception>
    /// <exception cref="ModelException">A reward is not a finite number.</exception>
    IEnumerable<ScoredRow<T>> Score<T>(IEnumerable<T> rows, Func<T, IReadOnlyList<Candidate>> responses, ICollection<BadRow>? skipped);
}
