using Prefer.Statistics;

namespace Prefer.Evaluation;

/// <summary>
/// How well a scorer tells chosen from rejected, on all comparisons or a subset of them. docs/metrics.md defines every number. Numbers
/// of which there is none (the accuracy of ties alone) are null.
/// </summary>
public record PairMetrics
{
    /// <summary>Comparisons read, those that nothing is computed from included.</summary>
    public required long Pairs { get; init; }

    /// <summary>Comparisons that accuracy counts: neither ties nor empty nor identical.</summary>
    public required long AccuracyPairs { get; init; }

    /// <summary>Share of <see cref="AccuracyPairs"/> in which the chosen response has the higher reward.</summary>
    public required double? Accuracy { get; init; }

    /// <summary>Wilson's interval for it, which takes pairs as independent.</summary>
    public required Interval? AccuracyCi95 { get; init; }

    /// <summary>Its interval clustered by prompt; null with a single prompt.</summary>
    public required Interval? AccuracyCi95ByPrompt { get; init; }

    /// <summary>Its interval by drawing prompts again; null with a single prompt.</summary>
    public required Interval? AccuracyCi95Bootstrap { get; init; }

    /// <summary>Ties counted too: a tie is right where the rewards differ by no more than <see cref="TieThreshold"/>. Null without ties.</summary>
    public required double? TieAwareAccuracy { get; init; }

    /// <summary>The difference of rewards up to which a pair is called a tie, chosen so that <see cref="TieAwareAccuracy"/> is highest. Null without ties.</summary>
    public required double? TieThreshold { get; init; }

    /// <summary>Mean negative log-likelihood, ties included as soft labels.</summary>
    public required double? Loss { get; init; }

    /// <summary>Mean reward difference, chosen − rejected, over <see cref="AccuracyPairs"/>.</summary>
    public required double? Margin { get; init; }

    /// <summary>Accuracy of "the longer response wins" on the same pairs.</summary>
    public required double? LengthBaselineAccuracy { get; init; }

    /// <summary>Accuracy minus that of the length baseline.</summary>
    public required double? LengthDifference { get; init; }

    /// <summary>Its interval, clustered by prompt; null with a single prompt.</summary>
    public required Interval? LengthDifferenceCi95 { get; init; }

    /// <summary>Pairs of <see cref="AccuracyPairs"/> whose chosen response is the shorter one.</summary>
    public required long ShorterChosenPairs { get; init; }

    /// <summary>Accuracy on those.</summary>
    public required double? ShorterChosenAccuracy { get; init; }

    /// <summary>Pairs of <see cref="AccuracyPairs"/> that got equal rewards.</summary>
    public required long EqualRewards { get; init; }

    /// <summary>Comparisons with label one half.</summary>
    public required long Ties { get; init; }

    /// <summary>Comparisons with an empty side; not scored.</summary>
    public required long Empty { get; init; }

    /// <summary>Comparisons whose sides are the same; not scored.</summary>
    public required long Identical { get; init; }

    /// <summary>Scored responses (not pairs) that truncation shortened.</summary>
    public required long Truncated { get; init; }

    /// <summary>Scored pairs whose sides truncation made the same.</summary>
    public required long BecameIdenticalByTruncation { get; init; }

    /// <summary>The metrics of what a pass left.</summary>
    /// <param name="scored">The pass, or a part of it.</param>
    /// <param name="seed">Seed of the resamples.</param>
    public static PairMetrics Of(ScoredComparisons scored, int seed = 0)
    {
        ArgumentNullException.ThrowIfNull(scored);
        var (loss, margin) = (new CompensatedSum(), new CompensatedSum());
        foreach (var pair in scored.Pairs)
        {
            loss.Add(BradleyTerry.Loss(pair.Difference, pair.Label));
            margin.Add(pair.IsTie ? 0 : pair.Difference);
        }

        ScoredPair[] counted = [.. scored.Pairs.Where(pair => !pair.IsTie)];
        double[] credits = [.. counted.Select(pair => pair.Credit(scored.EqualRewardsCredit))];
        double[] lengthCredits = [.. counted.Select(LengthCredit)];
        int[] prompts = [.. counted.Select(pair => pair.Prompt)];
        var correct = CompensatedSum.Of(credits);
        var hasAny = counted.Length > 0;
        var byPrompt = hasAny ? ClusteredMean.Of(credits, prompts) : null;
        var length = hasAny ? PairedDifference.Of(credits, lengthCredits, prompts).Difference : null;
        ScoredPair[] shorterChosen = [.. counted.Where(pair => pair.Chosen.Length < pair.Rejected.Length)];
        var tieAware = counted.Length == scored.Pairs.Count ? null
            : Statistics.TieAwareAccuracy.Of([.. scored.Pairs.Select(pair => pair.Difference)], [.. scored.Pairs.Select(pair => pair.IsTie)]);
        return new PairMetrics
        {
            Pairs = scored.Pairs.Count + scored.Unscored.Count,
            AccuracyPairs = counted.Length,
            Accuracy = hasAny ? correct / counted.Length : null,
            AccuracyCi95 = hasAny ? Proportion.Wilson(correct, counted.Length) : null,
            AccuracyCi95ByPrompt = byPrompt is { ClusterCount: > 1 } ? byPrompt.Interval : null,
            AccuracyCi95Bootstrap = hasAny ? ClusteredBootstrap.Mean(credits, prompts, new BootstrapOptions { Seed = seed }) : null,
            TieAwareAccuracy = tieAware?.Accuracy,
            TieThreshold = tieAware?.Threshold,
            Loss = scored.Pairs.Count == 0 ? null : loss.Value / scored.Pairs.Count,
            Margin = hasAny ? margin.Value / counted.Length : null,
            LengthBaselineAccuracy = hasAny ? CompensatedSum.Mean(lengthCredits) : null,
            LengthDifference = length?.Mean,
            LengthDifferenceCi95 = length is { ClusterCount: > 1 } ? length.Interval : null,
            ShorterChosenPairs = shorterChosen.Length,
            ShorterChosenAccuracy = shorterChosen.Length == 0 ? null : shorterChosen.Sum(pair => pair.Credit(scored.EqualRewardsCredit)) / shorterChosen.Length,
            EqualRewards = counted.Count(pair => pair.Difference == 0),
            Ties = scored.Pairs.Count - counted.Length,
            Empty = scored.Unscored.Count(pair => pair.IsEmpty),
            Identical = scored.Unscored.Count(pair => !pair.IsEmpty),
            Truncated = scored.Pairs.Sum(pair => pair.TruncatedCount),
            BecameIdenticalByTruncation = scored.Pairs.Count(pair => pair.BecameIdentical),
        };
    }

    /// <summary>What "the longer response wins" is worth on a pair: equal lengths one half.</summary>
    private static double LengthCredit(ScoredPair pair) => pair.Chosen.Length > pair.Rejected.Length ? 1 : pair.Chosen.Length < pair.Rejected.Length ? 0 : 0.5;
}
