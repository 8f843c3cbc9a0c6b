using Prefer.Data;
using Prefer.Statistics;

namespace Prefer.Evaluation;

/// <summary>Collects comparisons and their rewards, and computes <see cref="PairMetrics"/> at the end. Keeps three numbers a pair.</summary>
/// <param name="equalRewardsCredit">What equal rewards are worth in accuracy.</param>
internal sealed class PairTally(double equalRewardsCredit)
{
    private readonly List<double> credits = [];
    private readonly List<double> lengthCredits = [];
    private readonly List<int> prompts = [];
    private CompensatedSum loss;
    private CompensatedSum margin;
    private double shorterCorrect;
    private long pairs, scored, shorterChosen, equalRewards, ties, empty, identical, truncated, becameIdentical;

    /// <summary>Pairs that were scored: all but empty and identical ones.</summary>
    public long ScoredCount => scored;

    /// <summary>Counts a comparison that is not scored.</summary>
    public void AddUnscored(Comparison comparison)
    {
        pairs++;
        empty += comparison.HasEmptySide ? 1 : 0;
        identical += comparison.HasEmptySide ? 0 : 1;
    }

    /// <summary>Counts a comparison with its rewards.</summary>
    /// <param name="prompt">A number that is the same for comparisons of the same prompt.</param>
    public void Add(Comparison comparison, ScoredResponse chosen, ScoredResponse rejected, int prompt)
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
        credits.Add(credit);
        lengthCredits.Add(Credit(longer, 0.5));
        prompts.Add(prompt);
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
        var correct = CompensatedSum.Of(credits.ToArray());
        var length = counted == 0 ? null : PairedDifference.Of(credits.ToArray(), lengthCredits.ToArray(), prompts.ToArray()).Difference;
        return new PairMetrics
        {
            Pairs = pairs,
            AccuracyPairs = counted,
            Accuracy = counted == 0 ? null : correct / counted,
            AccuracyCi95 = counted == 0 ? null : Proportion.Wilson(correct, counted),
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
