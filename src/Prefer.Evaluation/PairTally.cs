using Prefer.Data;
using Prefer.Statistics;

namespace Prefer.Evaluation;

/// <summary>What a scorer got for one comparison that accuracy counts.</summary>
/// <param name="Index">Which of the comparisons read, from 0.</param>
/// <param name="Credit">1 right, 0 wrong, or what equal rewards are worth.</param>
/// <param name="Prompt">The same for comparisons of the same prompt.</param>
internal readonly record struct PairCredit(long Index, double Credit, int Prompt);

/// <summary>Collects comparisons and their rewards, and computes <see cref="PairMetrics"/> at the end. Keeps a few numbers a pair.</summary>
/// <param name="equalRewardsCredit">What equal rewards are worth in accuracy.</param>
internal sealed class PairTally(double equalRewardsCredit)
{
    private readonly List<PairCredit> credits = [];
    private readonly List<double> lengthCredits = [];
    private CompensatedSum loss;
    private CompensatedSum margin;
    private double shorterCorrect;
    private long pairs, scored, shorterChosen, equalRewards, ties, empty, identical, truncated, becameIdentical;

    /// <summary>Pairs that were scored: all but empty and identical ones.</summary>
    public long ScoredCount => scored;

    /// <summary>Of the pairs that accuracy counts, in the order they were added.</summary>
    public IReadOnlyList<PairCredit> Credits => credits;

    /// <summary>Counts a comparison that is not scored.</summary>
    public void AddUnscored(Comparison comparison)
    {
        pairs++;
        empty += comparison.HasEmptySide ? 1 : 0;
        identical += comparison.HasEmptySide ? 0 : 1;
    }

    /// <summary>Counts a comparison with its rewards.</summary>
    /// <param name="index">Which of the comparisons read.</param>
    /// <param name="prompt">A number that is the same for comparisons of the same prompt.</param>
    public void Add(Comparison comparison, ScoredResponse chosen, ScoredResponse rejected, long index, int prompt)
    {
        pairs++;
        scored++;
        var (chosenCut, rejectedCut) = (chosen.Tokens is { RemovedCount: > 0 }, rejected.Tokens is { RemovedCount: > 0 });
        truncated += (chosenCut ? 1 : 0) + (rejectedCut ? 1 : 0);
        var isSameSequence = chosen.Tokens is not null && rejected.Tokens is not null && chosen.Tokens.SameAs(rejected.Tokens);
        becameIdentical += isSameSequence && (chosenCut || rejectedCut) ? 1 : 0;

        // The same tokens have one reward, whatever a difference in rounding between two places of a pass says.
        var difference = isSameSequence ? 0 : chosen.Reward - rejected.Reward;
        loss.Add(BradleyTerry.Loss(difference, comparison.Label));
        if (comparison.IsTie)
        {
            ties++;
            return;
        }

        margin.Add(difference);
        equalRewards += difference == 0 ? 1 : 0;
        var credit = Credit(difference, equalRewardsCredit);
        var longer = comparison.Chosen.Length - comparison.Rejected.Length;
        credits.Add(new PairCredit(index, credit, prompt));
        lengthCredits.Add(Credit(longer, 0.5));
        if (longer < 0)
        {
            shorterChosen++;
            shorterCorrect += credit;
        }
    }

    /// <summary>The metrics of what was added.</summary>
    public PairMetrics Metrics()
    {
        var counted = credits.Count;
        double[] values = [.. credits.Select(pair => pair.Credit)];
        int[] prompts = [.. credits.Select(pair => pair.Prompt)];
        var correct = CompensatedSum.Of(values);
        var byPrompt = counted == 0 ? null : ClusteredMean.Of(values, prompts);
        var length = counted == 0 ? null : PairedDifference.Of(values, lengthCredits.ToArray(), prompts).Difference;
        return new PairMetrics
        {
            Pairs = pairs,
            AccuracyPairs = counted,
            Accuracy = counted == 0 ? null : correct / counted,
            AccuracyCi95 = counted == 0 ? null : Proportion.Wilson(correct, counted),
            AccuracyCi95ByPrompt = byPrompt is { ClusterCount: > 1 } ? byPrompt.Interval : null,
            Loss = scored == 0 ? null : loss.Value / scored,
            Margin = counted == 0 ? null : margin.Value / counted,
            LengthBaselineAccuracy = counted == 0 ? null : CompensatedSum.Mean(lengthCredits.ToArray()),
            LengthDifference = length?.Mean,
            LengthDifferenceCi95 = length is { ClusterCount: > 1 } ? length.Interval : null,
            ShorterChosenPairs = shorterChosen,
            ShorterChosenAccuracy = shorterChosen == 0 ? null : shorterCorrect / shorterChosen,
            EqualRewards = equalRewards,
            Ties = ties,
            Empty = empty,
            Identical = identical,
            Truncated = truncated,
            BecameIdenticalByTruncation = becameIdentical,
        };
    }

    private static double Credit(double difference, double equal) => difference > 0 ? 1 : difference < 0 ? 0 : equal;
}
