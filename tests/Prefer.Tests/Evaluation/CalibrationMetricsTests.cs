using Prefer.Evaluation;
using Prefer.Statistics;
using Prefer.Tests.Statistics;
using Xunit;

namespace Prefer.Tests.Evaluation;

public sealed class CalibrationMetricsTests
{
    [Fact]
    public void A_few_pairs_worked_out_by_hand()
    {
        // Right at 0.8, wrong at 0.7, a tie at 0.7, equal rewards: forecasts 0.8, 0.7, 0.7, 0.5 that come true 1, 0, ½, ½ times.
        var metrics = CalibrationMetrics.Of([Pair(0, 0, Logistic.Logit(0.8)), Pair(1, 1, -Logistic.Logit(0.7)), Pair(2, 2, Logistic.Logit(0.7)) with { Label = 0.5 }, Pair(3, 3, 0)], seed: 1)!;

        Assert.Equal((4, 3), (metrics.Pairs, metrics.Curve.Length));
        Assert.Equal([(0.5, 1), (0.25, 2), (1.0, 1)], metrics.Curve.Select(bin => (bin.Outcome, bin.Count)));
        // (0 + 2 · |0.7 − 0.25| + 0.2) / 4
        Relative.Equal(1.1 / 4, metrics.Ece, 1e-13);
        // A tie at 0.7 costs (0.3² + 0.7²) / 2, equal rewards ¼.
        Relative.Equal((0.04 + 0.49 + 0.29 + 0.25) / 4, metrics.Brier.Score, 1e-13);
        Relative.Equal(0.25, metrics.Brier.Uncertainty, 1e-15);
        Relative.Equal((0 + 2 * 0.0625 + 0.25) / 4, metrics.Brier.Resolution, 1e-13);
    }

    [Fact]
    public void Calibrated_rewards_have_little_error_and_overconfident_ones_are_set_right()
    {
        var honest = Draw(seed: 1, count: 6000, boldness: 1);
        var bold = Draw(seed: 1, count: 6000, boldness: 3);

        var (before, after) = (CalibrationMetrics.Of(honest, seed: 5)!, CalibrationMetrics.Of(bold, seed: 5)!);

        // Ten bins of 600 pairs err by 0.4 · 0.5 / √600 · … ≈ 0.01 by chance.
        Assert.InRange(before.Ece, 0, 0.02);
        Assert.InRange(before.EceEqualMass, 0, 0.02);
        Assert.InRange(before.Temperature.Temperature!.Value, 0.9, 1.1);
        Assert.InRange(after.Ece, 0.08, 0.3);
        // The same draws on another scale: the same fit but for the scale.
        Relative.Equal(3 * before.Temperature.Temperature!.Value, after.Temperature.Temperature!.Value, 1e-12);
        Relative.Equal(3 * before.Temperature.TemperatureOfAll!.Value, after.Temperature.TemperatureOfAll!.Value, 1e-12);
        Assert.InRange(after.Temperature.EceAfter!.Value, 0, 0.03);
        Assert.True(after.Temperature.EceBefore > 3 * after.Temperature.EceAfter);
        Assert.True(after.Temperature.LossBefore > after.Temperature.LossAfter + 0.02);
        Relative.Equal(before.Temperature.LossAfter!.Value, after.Temperature.LossAfter!.Value, 1e-12);
        Relative.Equal(before.Brier.Score - before.Brier.Reliability + before.Brier.Resolution - 0.25, before.Brier.WithinBinVariance - before.Brier.WithinBinCovariance, 1e-9);
    }

    [Fact]
    public void Halves_are_of_prompts_and_what_is_reported_is_of_the_other_half()
    {
        var pairs = Draw(seed: 2, count: 300, boldness: 2);
        var metrics = CalibrationMetrics.Of(pairs, seed: 9)!.Temperature;
        var isFirst = ClusterHalves.Of([.. pairs.Select(pair => pair.Prompt)], seed: 9);
        ScoredPair[] fitted = [.. pairs.Where((_, index) => isFirst[index])], others = [.. pairs.Where((_, index) => !isFirst[index])];

        Assert.Equal((fitted.Length, others.Length), (metrics.FittedPairs, metrics.HeldOutPairs));
        Assert.Empty(fitted.Select(pair => pair.Prompt).Intersect(others.Select(pair => pair.Prompt)));
        Relative.Equal(others.Average(pair => BradleyTerry.Loss(pair.Difference / metrics.Temperature!.Value, pair.Label)), metrics.LossAfter!.Value, 1e-12);
        // No other temperature fits the first half better.
        double Loss(double temperature) => fitted.Average(pair => BradleyTerry.Loss(pair.Difference / temperature, pair.Label));
        Assert.True(Loss(metrics.Temperature!.Value) < Math.Min(Loss(metrics.Temperature!.Value * 0.999), Loss(metrics.Temperature!.Value * 1.001)));
    }

    [Fact]
    public void What_does_not_exist_is_null()
    {
        Assert.Null(CalibrationMetrics.Of([], seed: 1));

        var single = CalibrationMetrics.Of([Pair(0, 0, 2)], seed: 1)!.Temperature;
        Assert.Equal((null, TemperatureMinimum.Zero, 1, 0), (single.Temperature, single.Minimum, single.FittedPairs, single.HeldOutPairs));
        Assert.Equal((null, null, null, null), (single.LossBefore, single.LossAfter, single.EceBefore, single.EceAfter));

        var equal = CalibrationMetrics.Of([Pair(0, 0, 0), Pair(1, 1, 0)], seed: 1)!;
        Assert.Equal((0, 0.25, TemperatureMinimum.Everywhere), (equal.Ece, equal.Brier.Score, equal.Temperature.Minimum));
        Relative.Equal(Math.Log(2), equal.Temperature.LossBefore!.Value, 1e-15);
        Assert.Throws<ArgumentException>(() => CalibrationMetrics.Of([Pair(0, 0, double.NaN)], seed: 1));
    }

    [Fact]
    public void Margins_are_counted_without_ties()
    {
        var margins = MarginDistribution.Of([Pair(0, 0, 3), Pair(1, 1, -1), Pair(2, 2, 0.01), Pair(3, 3, 0), Pair(4, 4, 100) with { Label = 0.5 }])!;

        Assert.Equal(4, margins.Pairs);
        // Mean 0.5025; the root mean square of 3, 1, 0.01 and 0 is 1.58, so that 0.01 and 0 are near zero.
        Relative.Equal(Math.Sqrt((2.4975 * 2.4975 + 1.5025 * 1.5025 + 0.4925 * 0.4925 + 0.5025 * 0.5025) / 3), margins.Deviation!.Value, 1e-14);
        Assert.Equal(0.5, margins.NearZeroShare);
        Assert.Equal([(0, -1), (0.5, 0.005), (1, 3)], margins.Quantiles.Where(quantile => quantile.Level is 0 or 0.5 or 1).Select(quantile => (quantile.Level, quantile.Value)));
        Assert.Equal((1, 4), (margins.Histogram.Where(bin => bin.High <= 0).Sum(bin => bin.Count), margins.Histogram.Sum(bin => bin.Count)));
    }

    [Fact]
    public void Margins_at_the_extremes()
    {
        Assert.Null(MarginDistribution.Of([Pair(0, 0, 1) with { Label = 0.5 }]));
        var single = MarginDistribution.Of([Pair(0, 0, 2)])!;
        Assert.Equal((1, null, 0.0), (single.Pairs, single.Deviation, single.NearZeroShare));
        var equal = MarginDistribution.Of([Pair(0, 0, 0), Pair(1, 1, 0)])!;
        Assert.Equal((0.0, 1.0), (equal.Deviation!.Value, equal.NearZeroShare));
    }

    private static ScoredPair Pair(long index, int prompt, double difference) => new() { Index = index, Prompt = prompt, ChosenReward = difference, RejectedReward = 0, Difference = difference };

    /// <summary>Two or three pairs a prompt; the better response wins with probability σ(d), and d is then made bolder.</summary>
    private static ScoredPair[] Draw(int seed, int count, double boldness)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(index =>
        {
            var difference = 4 * random.NextDouble();
            return Pair(index, index * 2 / 5, boldness * (random.NextDouble() < Logistic.Sigmoid(difference) ? difference : -difference));
        })];
    }
}
