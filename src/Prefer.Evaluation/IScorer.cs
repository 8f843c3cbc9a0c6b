using System.Collections.Immutable;
using Prefer.Data;
using Prefer.Models;

namespace Prefer.Evaluation;

/// <summary>The reward of one response.</summary>
/// <param name="Reward">Finite.</param>
/// <param name="Tokens">What the scorer read; null for scorers that read no tokens.</param>
public sealed record ScoredResponse(double Reward, EncodedSequence? Tokens);

/// <summary>A row and the rewards of its responses, in the order the row gives them.</summary>
public sealed record ScoredRow<T>(T Row, ImmutableArray<ScoredResponse> Responses);

/// <summary>Anything that rewards.</summary>
public interface IScorer
{
    /// <summary>What an equal reward for both sides of a comparison is worth in accuracy: nothing for a model, one half for a baseline.</summary>
    double EqualRewardsCredit { get; }

    /// <summary>Rewards of rows, in their order, read as they are needed.</summary>
    /// <param name="rows">Rows of one response or more.</param>
    /// <param name="responses">The responses of a row.</param>
    /// <param name="skipped">Takes the rows that this scorer cannot read, which are left out; null to stop at the first.</param>
    /// <exception cref="DataException">A row cannot be read by this scorer.</exception>
    /// <exception cref="ModelException">A reward is not a finite number.</exception>
    IEnumerable<ScoredRow<T>> Score<T>(IEnumerable<T> rows, Func<T, IReadOnlyList<Candidate>> responses, ICollection<BadRow>? skipped);
}
