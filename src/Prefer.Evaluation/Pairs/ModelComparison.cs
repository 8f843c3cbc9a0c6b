using Prefer.Statistics;

namespace Prefer.Evaluation;

/// <summary>Whether one scorer is better than another on the pairs that both scored. Equal rewards are wrong, for either.</summary>
public sealed record ModelComparison
{
    /// <summary>Shared pairs that are no ties.</summary>
    public required int Pairs { get; init; }

    /// <summary>Of those, the ones that both get right.</summary>
    public required int BothRight { get; init; }

    /// <summary>Those that only the first gets right.</summary>
    public required int OnlyFirstRight { get; init; }

    /// <summary>Those that only the second gets right.</summary>
    public required int OnlySecondRight { get; init; }

    /// <summary>Those that neither gets right.</summary>
    public required int NeitherRight { get; init; }

    /// <summary>Two-sided p of McNemar's exact test, which takes pairs as independent; null without pairs.</summary>
    public required double? McnemarP { get; init; }

    /// <summary>Its mid-p.</summary>
    public required double? McnemarMidP { get; init; }

    /// <summary>Accuracy of the first minus that of the second.</summary>
    public required double? Difference { get; init; }

    /// <summary>Its interval, pair by pair, clustered by prompt; null with a single prompt.</summary>
    public required Interval? DifferenceCi95 { get; init; }

    /// <summary>The same by resampling prompts.</summary>
    public required Interval? DifferenceBootstrapCi95 { get; init; }

    /// <summary>Shared pairs, ties included: those of the loss.</summary>
    public required int LossPairs { get; init; }

    /// <summary>Mean loss of the first minus that of the second: below zero where the first is better.</summary>
    public required double? LossDifference { get; init; }

    /// <summary>Its interval, clustered by prompt; null with a single prompt.</summary>
    public required Interval? LossDifferenceCi95 { get; init; }

    /// <summary>Pearson's correlation of the two reward differences over the shared pairs that are no ties; null where either does not vary.</summary>
    public required double? MarginCorrelation { get; init; }

    /// <summary>Compares two scorers.</summary>
    /// <param name="first">Pairs of one.</param>
    /// <param name="second">Pairs of the other on the same comparisons, found again by their index; either may lack some.</param>
    /// <param name="seed">Draws the resamples.</param>
    public static ModelComparison Of(IReadOnlyList<ScoredPair> first, IReadOnlyList<ScoredPair> second, int seed)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        var theirs = second.ToDictionary(pair => pair.Index);
        (ScoredPair First, ScoredPair Second)[] shared = [.. first.Where(pair => theirs.ContainsKey(pair.Index)).Select(pair => (pair, theirs[pair.Index]))];
        if (shared.FirstOrDefault(pair => pair.First.Label != pair.Second.Label) is { First: { } differing })
        {
            throw new ArgumentException($"Found another label for comparison {differing.Index} in the second list, expected the same comparisons in both.");
        }

        (ScoredPair First, ScoredPair Second)[] counted = [.. shared.Where(pair => !pair.First.IsTie)];
        int Count(bool isFirstRight, bool isSecondRight) => counted.Count(pair => pair.First.Difference > 0 == isFirstRight && pair.Second.Difference > 0 == isSecondRight);
        var (onlyFirst, onlySecond) = (Count(true, false), Count(false, true));
        double[] credits = [.. counted.Select(pair => pair.First.Credit(0) - pair.Second.Credit(0))];
        double[] losses = [.. shared.Select(pair => BradleyTerry.Loss(pair.First.Difference, pair.First.Label) - BradleyTerry.Loss(pair.Second.Difference, pair.Second.Label))];
        int[] prompts = [.. counted.Select(pair => pair.First.Prompt)];
        var difference = counted.Length == 0 ? null : ClusteredMean.Of(credits, prompts);
        var loss = shared.Length == 0 ? null : ClusteredMean.Of(losses, [.. shared.Select(pair => pair.First.Prompt)]);
        return new ModelComparison
        {
            Pairs = counted.Length,
            BothRight = Count(true, true),
            OnlyFirstRight = onlyFirst,
            OnlySecondRight = onlySecond,
            NeitherRight = Count(false, false),
            McnemarP = counted.Length == 0 ? null : PairedDifference.SignTest(onlyFirst, onlySecond),
            McnemarMidP = counted.Length == 0 ? null : PairedDifference.SignTestMidP(onlyFirst, onlySecond),
            Difference = difference?.Mean,
            DifferenceCi95 = difference is { ClusterCount: > 1 } ? difference.Interval : null,
            DifferenceBootstrapCi95 = counted.Length == 0 ? null : ClusteredBootstrap.Mean(credits, prompts, new BootstrapOptions { Seed = seed }),
            LossPairs = shared.Length,
            LossDifference = loss?.Mean,
            LossDifferenceCi95 = loss is { ClusterCount: > 1 } ? loss.Interval : null,
            MarginCorrelation = counted.Aggregate(new Correlation(), (sum, pair) => sum.Plus(Correlation.Of(pair.First.Difference, pair.Second.Difference))).Pearson(),
        };
    }
}
