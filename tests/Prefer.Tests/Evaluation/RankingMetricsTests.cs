using Prefer.Evaluation;
using Prefer.Statistics;
using Prefer.Tests.Statistics;
using Xunit;

namespace Prefer.Tests.Evaluation;

/// <summary>Figures of rankings, ties on either side included, by hand and against every order that ties allow.</summary>
public sealed class RankingMetricsTests
{
    [Fact]
    public void Figures_by_hand()
    {
        ScoredRanking[] rankings =
        [
            Ranking(0, [3, 2, 1], [3, 2, 1]), // right: 1, 1, τ 1
            Ranking(0, [1, 2, 3], [3, 2, 1]), // turned: 0, 1/3, τ −1
            Ranking(1, [5, 5, 0, 0], [1, 0, 0, 0]), // a fair draw of two: ½, (1 + ½)/2, τ = 2/√(4·3)
            Ranking(2, [0, 0], [1, 2]), // no opinion: ½, ¾, τ 0
            Ranking(3, [1, 2, 3], [7, 7, 7]), // nothing to get right
        ];

        var metrics = RankingMetrics.Of(rankings);

        Assert.Equal((4, 1), (metrics.Rankings, metrics.AllTied));
        Relative.Equal(2 / 4.0, metrics.TopAccuracy!.Value, 1e-15);
        Relative.Equal((1 / 3.0 + 1 / 3.0 + 1 / 4.0 + 1 / 2.0) / 4, metrics.TopAccuracyByChance!.Value, 1e-14);
        Relative.Equal((1 + 1 / 3.0 + 0.75 + 0.75) / 4, metrics.MeanReciprocalRank!.Value, 1e-14);
        Relative.Equal((1 - 1 + 2 / Math.Sqrt(12) + 0) / 4, metrics.KendallTau!.Value, 1e-14);
        Assert.Equal(ClusteredMean.Of([1, 0, 0.5, 0.5], [0, 0, 1, 2]).Interval, metrics.TopAccuracyCi95ByPrompt);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(6)]
    public void Ties_are_the_mean_over_all_orders_that_they_allow(int count)
    {
        var random = new Random(count);
        for (var trial = 0; trial < 30; trial++)
        {
            var rewards = Enumerable.Range(0, count).Select(_ => (double)random.Next(3)).ToArray();
            var scores = Enumerable.Range(0, count).Select(_ => (double)random.Next(3)).ToArray();
            scores[0] = scores[1] + 1;
            var orders = Orders([.. Enumerable.Range(0, count)]).Where(order => order.Zip(order.Skip(1)).All(pair => rewards[pair.First] >= rewards[pair.Second])).ToArray();

            var metrics = RankingMetrics.Of([Ranking(0, rewards, scores)]);

            Relative.Equal(orders.Average(order => 1.0 / (1 + Array.FindIndex(order, index => scores[index] == scores.Max()))), metrics.MeanReciprocalRank!.Value, 1e-12);
            Assert.Equal(orders.Average(order => scores[order[0]] == scores.Max() ? 1.0 : 0), metrics.TopAccuracy!.Value, 1e-12);
            Assert.Null(metrics.TopAccuracyCi95ByPrompt);
        }
    }

    [Fact]
    public void Of_nothing_there_is_nothing()
    {
        var metrics = RankingMetrics.Of([Ranking(0, [1, 2], [0, 0])]);

        Assert.Equal((0, 1, null, null, null, null), (metrics.Rankings, metrics.AllTied, metrics.TopAccuracy, metrics.TopAccuracyByChance, metrics.MeanReciprocalRank, metrics.KendallTau));
        Assert.Empty(BestOfNPoint.CurveOf([]));
    }

    [Fact]
    public void The_gain_curve_counts_the_rankings_that_are_long_enough()
    {
        // Rewards are right in the first, wrong in the second, and the third has two responses of which the worse one is chosen.
        ScoredRanking[] rankings = [Ranking(0, [1, 2, 3], [0, 3, 6]), Ranking(1, [3, 2, 1], [0, 3, 6]), Ranking(1, [2, 1], [0, 4])];

        var curve = BestOfNPoint.CurveOf(rankings);

        Assert.Equal([1, 2, 3], curve.Select(point => point.N));
        Assert.Equal([3L, 3, 2], curve.Select(point => point.Rankings));
        Assert.Equal(((3 + 3 + 2) / 3.0, 0.0, null, 0.0), (curve[0].Score, curve[0].Gain, curve[0].GainShare, curve[0].KullbackLeibler));

        // Of two drawn of three the larger of {0, 3, 6} is 5 in the mean, the smaller 1.
        Relative.Equal((5 + 1 + 0) / 3.0, curve[1].Score, 1e-14);
        Relative.Equal((5 + 5 + 4) / 3.0, curve[1].OracleScore, 1e-14);
        Relative.Equal((2 - 2 - 2) / 3.0, curve[1].Gain, 1e-13);
        Relative.Equal(curve[1].Gain / ((2 + 2 + 2) / 3.0), curve[1].GainShare!.Value, 1e-13);
        Relative.Equal(Math.Log(2) - 0.5, curve[1].KullbackLeibler, 1e-15);

        // Of three: 6 and 0; the mean and the oracle are those of the two rankings that are left.
        Assert.Equal((3.0, 3.0, 6.0, 0.0), (curve[2].Score, curve[2].MeanScore, curve[2].OracleScore, curve[2].Gain));
        Assert.Equal(ClusteredMean.Of([3, -3], [0, 1]).Interval, curve[2].GainCi95ByPrompt);
    }

    private static IEnumerable<int[]> Orders(int[] items) =>
        items.Length == 0 ? [[]] : items.SelectMany(first => Orders([.. items.Where(item => item != first)]).Select(rest => (int[])[first, .. rest]));

    private static ScoredRanking Ranking(int prompt, double[] rewards, double[] scores) => new() { Prompt = prompt, Rewards = [.. rewards], Scores = [.. scores] };
}
