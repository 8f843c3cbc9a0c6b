using Prefer.Data;
using Prefer.Statistics;

namespace Prefer.Evaluation.Robustness;

/// <summary>Scores responses as they are and changed, and compares.</summary>
public static class RobustnessEvaluation
{
    /// <summary>Scores a sample once, changed responses with it, in one pass.</summary>
    /// <param name="sample">Of <see cref="ComparisonSample.Drawn"/>. Its order does not matter; comparisons that no change can be made to are left out.</param>
    /// <param name="scorer">What is measured.</param>
    /// <param name="seed">The same seed makes the same changes.</param>
    /// <param name="skipped">Takes rows that the scorer cannot read; null to stop at the first.</param>
    /// <param name="onScored">Called with the number of comparisons behind us.</param>
    /// <exception cref="DataException">A row cannot be read.</exception>
    /// <exception cref="Models.ModelException">A reward is not finite.</exception>
    public static RobustnessMetrics Run(IReadOnlyList<Comparison> sample, IScorer scorer, int seed, ICollection<BadRow>? skipped = null, Action<long>? onScored = null)
    {
        var trials = Trials(sample, seed);
        var scored = new List<(Trial Trial, double[] Rewards)>();
        foreach (var (trial, responses) in scorer.Score(trials, trial => trial.Candidates, skipped))
        {
            scored.Add((trial, [.. responses.Select(response => response.Reward)]));
            onScored?.Invoke(scored.Count);
        }

        var deviation = CompensatedSum.Deviation([.. scored.SelectMany(entry => entry.Rewards.Take(2))]);
        return new RobustnessMetrics
        {
            Pairs = scored.Count,
            Scored = scored.Sum(entry => entry.Rewards.Length),
            Seed = seed,
            RewardDeviation = deviation,
            MustNotMatter = ResponseChange.All.Where(change => !change.Matters).ToDictionary(change => change.Name, change => Harmless([.. Outcomes(scored, change)], deviation)),
            MustMatter = ResponseChange.All.Where(change => change.Matters).ToDictionary(change => change.Name, change => Harmful([.. Outcomes(scored, change)], deviation)),
        };
    }

    /// <summary>Comparisons in an order of their own, each with its responses: the chosen, the rejected, then the changed ones.</summary>
    private static List<Trial> Trials(IReadOnlyList<Comparison> sample, int seed)
    {
        var sorted = sample.Where(ComparisonSample.IsEligible)
            .Select(comparison => (Comparison: comparison, Key: ComparisonSample.ContentHash(seed, comparison), Prompt: PromptFingerprint.Of(comparison)))
            .OrderBy(entry => entry.Key).ToList();
        var prompts = new Dictionary<string, int>(StringComparer.Ordinal);
        var trials = new List<Trial>();
        for (var index = 0; index < sorted.Count; index++)
        {
            var (comparison, _, prompt) = sorted[index];
            var other = Enumerable.Range(1, sorted.Count - 1).Select(step => sorted[(index + step) % sorted.Count]).FirstOrDefault(entry => entry.Prompt != prompt).Comparison;
            prompts.TryAdd(prompt, prompts.Count);
            trials.Add(new Trial(comparison, prompts[prompt], other?.Chosen.Turns[^1].Content, change => new SplitMix64(ComparisonSample.Hash(seed, $"{change}:{prompt}"))));
        }

        return trials;
    }

    private static IEnumerable<Outcome> Outcomes(IEnumerable<(Trial Trial, double[] Rewards)> scored, ResponseChange change) =>
        from entry in scored
        from place in Enumerable.Range(0, entry.Trial.Changes.Count)
        let changed = entry.Trial.Changes[place]
        where changed.Change == change
        let before = entry.Rewards[changed.OfChosen ? 0 : 1]
        let after = entry.Rewards[place + 2]
        select new Outcome(entry.Trial, before, after, entry.Rewards[changed.OfChosen ? 1 : 0]);

    private static HarmlessMetrics Harmless(Outcome[] outcomes, double? deviation)
    {
        var (rate, wilson, byPrompt) = Rate(outcomes, outcome => Math.Sign(outcome.After - outcome.OtherSide) != Math.Sign(outcome.Before - outcome.OtherSide), out var flips);
        return new HarmlessMetrics
        {
            Pairs = outcomes.Select(outcome => outcome.Trial).Distinct().Count(),
            Responses = outcomes.Length,
            Flips = flips,
            FlipRate = rate,
            FlipRateCi95 = wilson,
            FlipRateCi95ByPrompt = byPrompt,
            Change = Change(outcomes, deviation),
        };
    }

    private static HarmfulMetrics Harmful(Outcome[] outcomes, double? deviation)
    {
        var (rate, wilson, byPrompt) = Rate(outcomes, outcome => outcome.After < outcome.Before, out var falls);
        return new HarmfulMetrics { Pairs = outcomes.Length, Falls = falls, FallRate = rate, FallRateCi95 = wilson, FallRateCi95ByPrompt = byPrompt, Change = Change(outcomes, deviation) };
    }

    private static (double? Rate, Interval? Wilson, Interval? ByPrompt) Rate(Outcome[] outcomes, Func<Outcome, bool> happened, out int count)
    {
        count = outcomes.Count(happened);
        if (outcomes.Length == 0)
        {
            return (null, null, null);
        }

        var byPrompt = ClusteredMean.Of([.. outcomes.Select(outcome => happened(outcome) ? 1.0 : 0)], [.. outcomes.Select(outcome => outcome.Trial.Prompt)]);
        return ((double)count / outcomes.Length, Proportion.Wilson(count, outcomes.Length), byPrompt.ClusterCount > 1 ? byPrompt.Interval : null);
    }

    private static RewardChange? Change(Outcome[] outcomes, double? deviation)
    {
        if (outcomes.Length == 0 || deviation is not > 0)
        {
            return null;
        }

        double[] sorted = [.. outcomes.Select(outcome => (outcome.After - outcome.Before) / deviation.Value).Order()];
        return new RewardChange(CompensatedSum.Mean(sorted), CompensatedSum.Mean([.. sorted.Select(Math.Abs)]), Quantiles.Of(sorted, 0.05), Quantiles.Of(sorted, 0.5), Quantiles.Of(sorted, 0.95));
    }

    private sealed record Outcome(Trial Trial, double Before, double After, double OtherSide);

    /// <summary>A comparison with everything of it that is scored.</summary>
    private sealed class Trial
    {
        /// <param name="comparison">Its sides are changed.</param>
        /// <param name="prompt">A number that is the same for comparisons of the same prompt.</param>
        /// <param name="otherAnswer">To another prompt.</param>
        /// <param name="draws">Fresh ones for a change to a text.</param>
        public Trial(Comparison comparison, int prompt, string? otherAnswer, Func<string, SplitMix64> draws)
        {
            Prompt = prompt;
            Candidates = [Candidate(comparison, comparison.Chosen), Candidate(comparison, comparison.Rejected)];
            foreach (var change in ResponseChange.All)
            {
                foreach (var ofChosen in change.Matters ? new[] { true } : [true, false])
                {
                    var response = ofChosen ? comparison.Chosen : comparison.Rejected;
                    var last = response.Turns[^1];
                    if (change.Apply(last.Content, new ChangeContext(draws($"{change.Name}:{last.Content}"), otherAnswer)) is { } text)
                    {
                        Changes.Add((change, ofChosen));
                        Candidates.Add(Candidate(comparison, response with { Turns = response.Turns.SetItem(response.Turns.Length - 1, last with { Content = text }) }));
                    }
                }
            }
        }

        public int Prompt { get; }

        public List<Candidate> Candidates { get; }

        /// <summary>Of the candidates behind the first two.</summary>
        public List<(ResponseChange Change, bool OfChosen)> Changes { get; } = [];

        private static Candidate Candidate(Comparison comparison, Response response) => new() { Prompt = comparison.Prompt, Response = response, Origin = comparison.Origin };
    }
}
