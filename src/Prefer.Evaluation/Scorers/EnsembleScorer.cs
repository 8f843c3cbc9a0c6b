using System.Collections.Immutable;
using Prefer.Data;
using Prefer.Statistics;

namespace Prefer.Evaluation;

/// <summary>How the members' rewards of a response become one.</summary>
public enum CombineRule
{
    /// <summary>Their mean.</summary>
    Mean,

    /// <summary>The lowest: a response is as good as the most doubtful member says.</summary>
    Min,

    /// <summary>Their mean less their standard deviation (n − 1 in the denominator; 0 for one member).</summary>
    MeanMinusStd,
}

/// <summary>
/// Several scorers as one. Rewards are combined as they stand, so members should have one scale, as models of the same recipe with different seeds do.
/// </summary>
/// <param name="members">One at least.</param>
/// <param name="rule">How their rewards become one.</param>
/// <remarks>T. Coste, U. Anwar, R. Kirk, D. Krueger, "Reward model ensembles help mitigate overoptimization" (ICLR 2024), whose uncertainty-weighted rule subtracts a multiple of the variance.</remarks>
public sealed class EnsembleScorer(IReadOnlyList<IScorer> members, CombineRule rule) : IScorer
{
    /// <summary>Rows that are held while each member in turn scores them.</summary>
    private const int RowsAtOnce = 512;

    /// <inheritdoc/>
    public double EqualRewardsCredit => members.Max(member => member.EqualRewardsCredit);

    /// <inheritdoc/>
    public bool IsLogOdds => members.All(member => member.IsLogOdds);

    /// <inheritdoc/>
    public IEnumerable<ScoredRow<T>> Score<T>(IEnumerable<T> rows, Func<T, IReadOnlyList<Candidate>> responses, ICollection<BadRow>? skipped)
    {
        foreach (var chunk in rows.Chunk(RowsAtOnce))
        {
            // A row that one member cannot read is left out for all; the members after it are not asked.
            var kept = chunk.Select(row => (Row: row, Rewards: ImmutableArray<ScoredRow<T>>.Empty)).ToList();
            foreach (var member in members)
            {
                kept = [.. member.Score(kept, entry => responses(entry.Row), skipped).Select(scored => (scored.Row.Row, scored.Row.Rewards.Add(new ScoredRow<T>(scored.Row.Row, scored.Responses))))];
            }

            foreach (var (row, byMember) in kept)
            {
                yield return new ScoredRow<T>(row, [.. Enumerable.Range(0, byMember[0].Responses.Length).Select(index => Combined(byMember, index))]);
            }
        }
    }

    /// <summary>One reward of several.</summary>
    public static double Combine(ReadOnlySpan<double> rewards, CombineRule rule) => rule switch
    {
        CombineRule.Min => Min(rewards),
        CombineRule.MeanMinusStd => CompensatedSum.Mean(rewards) - (CompensatedSum.Deviation(rewards) ?? 0),
        _ => CompensatedSum.Mean(rewards),
    };

    private ScoredResponse Combined<T>(ImmutableArray<ScoredRow<T>> byMember, int index)
    {
        double[] rewards = [.. byMember.Select(row => row.Responses[index].Reward)];
        return new ScoredResponse(Combine(rewards, rule), byMember[0].Responses[index].Tokens) { MemberRewards = [.. rewards] };
    }

    private static double Min(ReadOnlySpan<double> rewards)
    {
        var least = rewards[0];
        foreach (var reward in rewards)
        {
            least = Math.Min(least, reward);
        }

        return least;
    }
}
