using Prefer.Data;

namespace Prefer.Evaluation;

/// <summary>Measures a scorer on comparisons.</summary>
public static class PairEvaluation
{
    /// <summary>Scores all comparisons once and computes what docs/metrics.md defines.</summary>
    /// <param name="comparisons">Read as they are needed; of each a few numbers are kept.</param>
    /// <param name="scorer">What is measured.</param>
    /// <param name="skipped">Takes rows that the scorer cannot read, and may hold rows that were left out already; null to stop at the first.</param>
    /// <param name="clock">Time, for the rates.</param>
    /// <param name="onScored">Called with the number of comparisons behind us.</param>
    /// <exception cref="DataException">Nothing can be scored, or a row cannot be read.</exception>
    /// <exception cref="Models.ModelException">A reward is not finite.</exception>
    public static EvaluationResult Run(IEnumerable<Comparison> comparisons, IScorer scorer, ICollection<BadRow>? skipped, TimeProvider clock, Action<long>? onScored = null)
    {
        var all = new PairTally(scorer.EqualRewardsCredit);
        var subsets = new SortedDictionary<string, PairTally>(StringComparer.Ordinal);
        var prompts = new Dictionary<string, int>(StringComparer.Ordinal);
        long done = 0, tokens = 0;
        var hasTokens = false;

        IEnumerable<PairTally> TalliesOf(Comparison comparison)
        {
            yield return all;
            if (comparison.Subset is { } name)
            {
                if (!subsets.TryGetValue(name, out var tally))
                {
                    subsets[name] = tally = new PairTally(scorer.EqualRewardsCredit);
                }
                yield return tally;
            }
        }

        var started = clock.GetTimestamp();
        foreach (var (row, responses) in scorer.Score(comparisons.Index(), row => Sides(row.Item), skipped))
        {
            var (index, comparison) = row;
            onScored?.Invoke(++done);
            if (responses.IsEmpty)
            {
                foreach (var tally in TalliesOf(comparison))
                {
                    tally.AddUnscored(comparison);
                }
                continue;
            }
            var (chosen, rejected) = (responses[0], responses[1]);
            if (chosen.Tokens is not null && rejected.Tokens is not null)
            {
                hasTokens = true;
                tokens += chosen.Tokens.Ids.Length + rejected.Tokens.Ids.Length;
            }
            var fingerprint = PromptFingerprint.Of(comparison);
            if (!prompts.TryGetValue(fingerprint, out var prompt))
            {
                prompts[fingerprint] = prompt = prompts.Count;
            }
            foreach (var tally in TalliesOf(comparison))
            {
                tally.Add(comparison, chosen, rejected, index, prompt);
            }
        }
        var seconds = clock.GetElapsedTime(started).TotalSeconds;

        if (all.ScoredCount == 0)
        {
            var first = skipped?.FirstOrDefault();
            throw new DataException(first is null
                ? "found no comparison with two different responses that are not empty; expected at least one to evaluate on"
                : $"found no comparison that can be scored; expected at least one; repair the rows, beginning with {first}");
        }

        var metrics = subsets.ToDictionary(subset => subset.Key, subset => subset.Value.Metrics(), StringComparer.Ordinal);
        return new EvaluationResult(all, metrics, hasTokens ? tokens : null, skipped?.Count ?? 0, seconds);
    }

    /// <summary>What is scored of a comparison: nothing of one that teaches nothing.</summary>
    private static Candidate[] Sides(Comparison comparison) => comparison.TeachesNothing ? [] :
    [
        new Candidate { Prompt = comparison.Prompt, Response = comparison.Chosen, Origin = comparison.Origin },
        new Candidate { Prompt = comparison.Prompt, Response = comparison.Rejected, Origin = comparison.Origin },
    ];
}
