using Prefer.Evaluation;
using Prefer.Statistics;
using Prefer.Tests.Statistics;
using Xunit;

namespace Prefer.Tests.Evaluation;

public sealed class ModelComparisonTests
{
    [Fact]
    public void Shared_pairs_are_counted_by_who_is_right()
    {
        // Comparison 2 is missing in the second list, 9 in the first; 5 is a tie; equal rewards (4) are wrong.
        ScoredPair[] first = [Pair(0, 0, 2), Pair(1, 0, 1), Pair(2, 1, 3), Pair(3, 1, -1), Pair(4, 2, 0), Pair(5, 2, 1) with { Label = 0.5 }, Pair(6, 3, 0.5), Pair(7, 3, 4)];
        ScoredPair[] second = [Pair(9, 7, 1), Pair(7, 7, -2), Pair(6, 7, -1), Pair(5, 7, -1) with { Label = 0.5 }, Pair(4, 7, 1), Pair(3, 7, -3), Pair(1, 7, -1), Pair(0, 7, 1)];

        var found = ModelComparison.Of(first, second, seed: 1);

        Assert.Equal((6, 1, 3, 1, 1), (found.Pairs, found.BothRight, found.OnlyFirstRight, found.OnlySecondRight, found.NeitherRight));
        // 2 · (1 + 4) / 2⁴, and the same with half of the last term.
        Relative.Equal(10.0 / 16, found.McnemarP!.Value, 1e-14);
        Relative.Equal(6.0 / 16, found.McnemarMidP!.Value, 1e-14);
        Relative.Equal(2.0 / 6, found.Difference!.Value, 1e-14);
        Assert.Equal(7, found.LossPairs);
        double[] losses = [.. ((int[])[0, 1, 3, 4, 5, 6, 7]).Select(index => BradleyTerry.Loss(Of(first, index), index == 5 ? 0.5 : 1) - BradleyTerry.Loss(Of(second, index), index == 5 ? 0.5 : 1))];
        Relative.Equal(losses.Average(), found.LossDifference!.Value, 1e-13);

        // Clusters are the first list's prompts.
        var interval = ClusteredMean.Of([0, 1, 0, -1, 1, 1], [0, 0, 1, 2, 3, 3]).Interval;
        Assert.Equal(interval, found.DifferenceCi95);
        Assert.Equal(ClusteredBootstrap.Mean([0, 1, 0, -1, 1, 1], [0, 0, 1, 2, 3, 3], new BootstrapOptions { Seed = 1 }), found.DifferenceBootstrapCi95);
        Assert.Equal(ClusteredMean.Of(losses, [0, 0, 1, 2, 2, 3, 3]).Interval.Low, found.LossDifferenceCi95!.Value.Low, 1e-12);

        double[] x = [2, 1, -1, 0, 0.5, 4], y = [1, -1, -3, 1, -1, -2];
        var (meanX, meanY) = (x.Average(), y.Average());
        var correlation = x.Zip(y).Sum(pair => (pair.First - meanX) * (pair.Second - meanY)) / Math.Sqrt(x.Sum(value => Math.Pow(value - meanX, 2)) * y.Sum(value => Math.Pow(value - meanY, 2)));
        Relative.Equal(correlation, found.MarginCorrelation!.Value, 1e-12);
    }

    [Fact]
    public void A_scorer_does_not_differ_from_itself()
    {
        ScoredPair[] pairs = [Pair(0, 0, 2), Pair(1, 1, -1), Pair(2, 2, 0.5)];

        var found = ModelComparison.Of(pairs, pairs, seed: 1);

        Assert.Equal((2, 0, 0, 1, 1.0, 1.0, 0.0, 0.0), (found.BothRight, found.OnlyFirstRight, found.OnlySecondRight, found.NeitherRight, found.McnemarP, found.McnemarMidP, found.Difference, found.LossDifference));
        Assert.Equal((new Interval(0, 0), new Interval(0, 0)), (found.DifferenceCi95, found.DifferenceBootstrapCi95));
        Relative.Equal(1, found.MarginCorrelation!.Value, 1e-14);
    }

    [Fact]
    public void What_does_not_exist_is_null()
    {
        var apart = ModelComparison.Of([Pair(0, 0, 2)], [Pair(1, 0, 2)], seed: 1);
        Assert.Equal((0, 0, null, null, null, null, null, null), (apart.Pairs, apart.LossPairs, apart.McnemarP, apart.McnemarMidP, apart.Difference, apart.LossDifference, apart.DifferenceBootstrapCi95, apart.MarginCorrelation));

        var tie = ModelComparison.Of([Pair(0, 0, 2) with { Label = 0.5 }], [Pair(0, 0, 1) with { Label = 0.5 }], seed: 1);
        Assert.Equal((0, 1, null), (tie.Pairs, tie.LossPairs, tie.Difference));
        Assert.True(tie.LossDifference > 0);

        var single = ModelComparison.Of([Pair(0, 4, 2), Pair(1, 4, 1)], [Pair(0, 4, 1), Pair(1, 4, -1)], seed: 1);
        Assert.Equal((0.5, null, null, null), (single.Difference, single.DifferenceCi95, single.DifferenceBootstrapCi95, single.LossDifferenceCi95));
        Assert.Throws<ArgumentException>(() => ModelComparison.Of([Pair(0, 0, 1)], [Pair(0, 0, 1) with { Label = 0.5 }], seed: 1));
    }

    private static double Of(ScoredPair[] pairs, int index) => pairs.Single(pair => pair.Index == index).Difference;

    private static ScoredPair Pair(long index, int prompt, double difference) => new() { Index = index, Prompt = prompt, ChosenReward = difference, RejectedReward = 0, Difference = difference };
}
