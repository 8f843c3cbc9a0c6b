using System.Collections.Immutable;
using Prefer.Data;

namespace Prefer.Evaluation;

/// <summary>The pass of a scorer over comparisons and rankings. Every response of a row is scored once; a ranking gives all its pairs.</summary>
public static class PairEvaluation
{
    /// <summary>Scores all rows once.</summary>
    /// <param name="rows">Comparisons and rankings, read as they are needed; of each pair a few numbers are kept.</param>
    /// <param name="scorer">What is measured.</param>
    /// <param name="skipped">Takes rows that the scorer cannot read, and may hold rows that were left out already; null to stop at the first.</param>
    /// <param name="clock">Time, for the rates.</param>
    /// <param name="onScored">Called with the number of comparisons behind us.</param>
    /// <param name="onPair">Called with each comparison, what its chosen and rejected response got (nothing of one that is not scored) and its number, while the texts are still there.</param>
    /// <exception cref="DataException">Nothing can be scored, or a row cannot be read.</exception>
    /// <exception cref="Models.ModelException">A reward is not finite.</exception>
    public static ScoredComparisons Run(IEnumerable<Judgement> rows, IScorer scorer, ICollection<BadRow>? skipped, TimeProvider clock, Action<long>? onScored = null, Action<Comparison, ImmutableArray<ScoredResponse>, long>? onPair = null)
    {
        var pairs = new List<ScoredPair>();
        var unscored = new List<UnscoredPair>();
        var rankings = new List<ScoredRanking>();
        var prompts = new Dictionary<string, int>(StringComparer.Ordinal);
        long done = 0, tokens = 0;
        var hasTokens = false;

        var started = clock.GetTimestamp();
        foreach (var (row, responses) in scorer.Score(Number(rows), row => row.Candidates, skipped))
        {
            foreach (var response in responses)
            {
                hasTokens |= response.Tokens is not null;
                tokens += response.Tokens?.Ids.Length ?? 0;
            }

            var index = row.FirstPair;
            foreach (var pair in row.Pairs)
            {
                if (pair.Comparison.TeachesNothing)
                {
                    unscored.Add(new UnscoredPair(pair.Comparison.Subset, pair.Comparison.HasEmptySide));
                    onPair?.Invoke(pair.Comparison, [], index);
                }
                else
                {
                    pairs.Add(Scored(pair.Comparison, responses[pair.Chosen], responses[pair.Rejected], index, PromptOf(pair.Comparison)));
                    onPair?.Invoke(pair.Comparison, [responses[pair.Chosen], responses[pair.Rejected]], index);
                }

                index++;
                onScored?.Invoke(++done);
            }

            if (row.Judgement is Ranking ranking && responses.Length > 1)
            {
                rankings.Add(new ScoredRanking
                {
                    Prompt = PromptOf(row.Pairs[0].Comparison), Subset = ranking.Subset, Rewards = [.. responses.Select(response => response.Reward)],
                    Scores = [.. ranking.Scores.Where((_, response) => !ranking.Responses[response].IsEmpty)],
                });
            }
        }
        var seconds = clock.GetElapsedTime(started).TotalSeconds;

        if (pairs.Count == 0)
        {
            var first = skipped?.FirstOrDefault();
            throw new DataException(first is null
                ? "found no comparison with two different responses that are not empty; expected at least one to evaluate on"
                : $"found no comparison that can be scored; expected at least one; repair the rows, beginning with {first}");
        }

        return new ScoredComparisons
        {
            EqualRewardsCredit = scorer.EqualRewardsCredit, IsLogOdds = scorer.IsLogOdds, Pairs = pairs, Unscored = unscored, Rankings = rankings, Tokens = hasTokens ? tokens : null, Seconds = seconds,
        };

        int PromptOf(Comparison comparison)
        {
            var fingerprint = PromptFingerprint.Of(comparison);
            if (!prompts.TryGetValue(fingerprint, out var prompt))
            {
                prompts[fingerprint] = prompt = prompts.Count;
            }

            return prompt;
        }
    }

    private static ScoredPair Scored(Comparison comparison, ScoredResponse chosen, ScoredResponse rejected, long index, int prompt)
    {
        var isSameSequence = chosen.Tokens is not null && rejected.Tokens is not null && chosen.Tokens.SameAs(rejected.Tokens);
        var truncated = (chosen.Tokens is { RemovedCount: > 0 } ? 1 : 0) + (rejected.Tokens is { RemovedCount: > 0 } ? 1 : 0);
        return new ScoredPair
        {
            Index = index,
            Prompt = prompt,
            Subset = comparison.Subset,
            Label = comparison.Label,
            ChosenReward = chosen.Reward,
            RejectedReward = rejected.Reward,

            // The same tokens have one reward, whatever a difference in rounding between two places of a pass says.
            Difference = isSameSequence ? 0 : chosen.Reward - rejected.Reward,
            Chosen = ResponseTraits.Of(comparison.Chosen),
            Rejected = ResponseTraits.Of(comparison.Rejected),
            Votes = comparison.Votes,
            Systems = comparison.Systems,
            TruncatedCount = truncated,
            BecameIdentical = isSameSequence && truncated > 0,
            MemberDifferences = [.. chosen.MemberRewards.Zip(rejected.MemberRewards, (first, second) => isSameSequence ? 0 : first - second)],
        };
    }

    /// <summary>Rows with the numbers of their pairs, counted over all rows that were read: the same pair has the same number for every scorer.</summary>
    private static IEnumerable<NumberedRow> Number(IEnumerable<Judgement> rows)
    {
        var next = 0L;
        foreach (var row in rows)
        {
            var numbered = NumberedRow.Of(row, next);
            next += numbered.Pairs.Length;
            yield return numbered;
        }
    }

    /// <summary>A comparison of a row, and which of the row's candidates its sides are.</summary>
    private readonly record struct RowPair(Comparison Comparison, int Chosen, int Rejected);

    private sealed record NumberedRow(Judgement Judgement, long FirstPair, ImmutableArray<RowPair> Pairs, ImmutableArray<Candidate> Candidates)
    {
        public static NumberedRow Of(Judgement judgement, long firstPair)
        {
            Candidate Candidate(Response response) => new() { Prompt = judgement.Prompt, Response = response, Origin = judgement.Origin };
            if (judgement is Comparison comparison)
            {
                return new NumberedRow(judgement, firstPair, [new RowPair(comparison, 0, 1)], comparison.TeachesNothing ? [] : [Candidate(comparison.Chosen), Candidate(comparison.Rejected)]);
            }

            // Empty responses are not scored, so places among the candidates are not places in the ranking.
            var ranking = (Ranking)judgement;
            var places = new int[ranking.Responses.Length];
            var candidates = ImmutableArray.CreateBuilder<Candidate>();
            foreach (var (index, response) in ranking.Responses.Index())
            {
                places[index] = candidates.Count;
                if (!response.IsEmpty)
                {
                    candidates.Add(Candidate(response));
                }
            }

            return new NumberedRow(judgement, firstPair, [.. ranking.OrderedPairs().Select(pair => new RowPair(pair.Pair, places[pair.Chosen], places[pair.Rejected]))], candidates.DrainToImmutable());
        }
    }
}
