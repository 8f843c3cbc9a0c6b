using Prefer.Statistics;
using Xunit;

namespace Prefer.Tests.Statistics;

public sealed class ReliabilityTests
{
    [Fact]
    public void Bins_of_equal_width_worked_out_by_hand()
    {
        // Five bins from 0.5: an edge belongs to the upper bin, 1 to the last, and the empty fourth is left out.
        var curve = ReliabilityCurve.EqualWidth([0.5, 0.55, 0.6, 0.69, 0.7, 1, 0.92], [1, 0, 1, 0, 0.5, 1, 1], 5, low: 0.5);

        Assert.Equal([(0.5, 0.6, 2), (0.6, 0.7, 2), (0.7, 0.8, 1), (0.9, 1.0, 2)], curve.Bins.Select(bin => (Math.Round(bin.Low, 12), Math.Round(bin.High, 12), bin.Count)));
        Assert.Equal([0.5, 0.5, 0.5, 1], curve.Bins.Select(bin => bin.Outcome));
        Assert.Equal([0.525, 0.645, 0.7, 0.96], curve.Bins.Select(bin => Math.Round(bin.MeanProbability, 12)));
        // (2 · 0.025 + 2 · 0.145 + 0.2 + 2 · 0.04) / 7
        Relative.Equal(0.62 / 7, curve.CalibrationError, 1e-14);
        Assert.Equal(Proportion.Wilson(0.5, 1), curve.Bins[2].OutcomeCi95);
    }

    [Fact]
    public void Bins_of_equal_mass_keep_equal_probabilities_together()
    {
        var curve = ReliabilityCurve.EqualMass([0.9, 0.6, 0.6, 0.6, 0.6, 0.7, 0.8, 0.5], [1, 1, 0, 0, 1, 1, 0, 0], 4);

        // In order 0.5 | 0.6 ×4 | 0.7 0.8 | 0.9: none, one, five, six and seven are lower, of eight, in four bins.
        Assert.Equal([(0.5, 0.6, 5), (0.7, 0.7, 1), (0.8, 0.9, 2)], curve.Bins.Select(bin => (bin.Low, bin.High, bin.Count)));
        Assert.Single(ReliabilityCurve.EqualMass([0.7, 0.7, 0.7], [1, 0, 1], 10).Bins);
        Assert.Equal([2, 2, 2, 2], ReliabilityCurve.EqualMass([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8], new double[8], 4).Bins.Select(bin => bin.Count));
    }

    [Fact]
    public void Every_forecast_is_in_the_bin_whose_edges_hold_it()
    {
        // Tenths and their neighbours, where the number of a bin rounds one way and its edge another.
        double[] probabilities = [.. Enumerable.Range(0, 11).SelectMany(tenth => (double[])[Math.BitDecrement(tenth / 10.0), tenth / 10.0, Math.BitIncrement(tenth / 10.0)]).Where(p => p is >= 0 and <= 1)];
        foreach (var binCount in (int[])[1, 3, 10, 15, 70])
        {
            var curve = ReliabilityCurve.EqualWidth(probabilities, new double[probabilities.Length], binCount);

            Assert.All(curve.Bins, bin => Assert.Equal(probabilities.Count(p => p >= bin.Low && (p < bin.High || bin.High == 1)), bin.Count));
            Assert.Equal(probabilities.Length, curve.Bins.Sum(bin => bin.Count));
        }
    }

    [Fact]
    public void Error_is_its_definition_on_random_forecasts()
    {
        var (probabilities, outcomes) = Random(seed: 4, count: 300);
        var groups = probabilities.Zip(outcomes).GroupBy(pair => Math.Min((int)(pair.First * 12), 11));
        var expected = groups.Sum(group => Math.Abs(group.Sum(pair => pair.Second) - group.Sum(pair => pair.First))) / 300;

        Relative.Equal(expected, ReliabilityCurve.EqualWidth(probabilities, outcomes, 12).CalibrationError, 1e-13);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Brier_terms_are_their_definitions_and_add_up(bool isEqualMass)
    {
        var (probabilities, outcomes) = Random(seed: 5, count: 200);
        var curve = isEqualMass ? ReliabilityCurve.EqualMass(probabilities, outcomes, 7) : ReliabilityCurve.EqualWidth(probabilities, outcomes, 7);
        var score = BrierScore.Of(probabilities, outcomes, curve);

        // Forecast by forecast, each bin found again by its edges.
        int[][] bins = [.. curve.Bins.Select(bin => Enumerable.Range(0, 200).Where(i => probabilities[i] >= bin.Low && (probabilities[i] < bin.High || probabilities[i] == bin.High && (isEqualMass || bin.High == 1))).ToArray())];
        var all = outcomes.Average();
        var (reliability, resolution, variance, covariance) = (0.0, 0.0, 0.0, 0.0);
        foreach (var bin in bins)
        {
            var (p, o) = (bin.Average(i => probabilities[i]), bin.Average(i => outcomes[i]));
            reliability += bin.Length * Math.Pow(p - o, 2) / 200;
            resolution += bin.Length * Math.Pow(o - all, 2) / 200;
            variance += bin.Sum(i => Math.Pow(probabilities[i] - p, 2)) / 200;
            covariance += 2 * bin.Sum(i => (probabilities[i] - p) * (outcomes[i] - o)) / 200;
        }

        Assert.Equal(200, bins.Sum(bin => bin.Length));
        // A soft outcome is both: o (1 − p)² + (1 − o) p² = (p − o)² + o (1 − o).
        Relative.Equal(Enumerable.Range(0, 200).Average(i => Math.Pow(probabilities[i] - outcomes[i], 2) + outcomes[i] * (1 - outcomes[i])), score.Score, 1e-13);
        Relative.Equal(reliability, score.Reliability, 1e-12);
        Relative.Equal(resolution, score.Resolution, 1e-12);
        Relative.Equal(all * (1 - all), score.Uncertainty, 1e-14);
        Relative.Equal(variance, score.WithinBinVariance, 1e-12);
        Relative.Equal(covariance, score.WithinBinCovariance, 1e-11);
        Relative.Equal(score.Score, score.Reliability - score.Resolution + score.Uncertainty + score.WithinBinVariance - score.WithinBinCovariance, 1e-13);
    }

    [Fact]
    public void Choices_are_scored_as_if_read_in_both_orders()
    {
        var (drawn, outcomes) = Random(seed: 6, count: 150);
        // None on an edge, whose mirror image lies in the other one of two bins.
        double[] probabilities = [.. drawn.Select(p => 0.5003 + 0.499 * p)];
        var curve = ReliabilityCurve.EqualWidth(probabilities, outcomes, 10, low: 0.5);
        var choices = BrierScore.OfChoices(probabilities, outcomes, curve);

        double[] bothProbabilities = [.. probabilities, .. probabilities.Select(p => 1 - p)], bothOutcomes = [.. outcomes, .. outcomes.Select(o => 1 - o)];
        var both = ReliabilityCurve.EqualWidth(bothProbabilities, bothOutcomes, 20);
        var expected = BrierScore.Of(bothProbabilities, bothOutcomes, both);

        Relative.Equal(both.CalibrationError, curve.CalibrationError, 1e-12);
        foreach (var (one, other) in (ReadOnlySpan<(double, double)>)
            [(expected.Score, choices.Score), (expected.Reliability, choices.Reliability), (expected.Resolution, choices.Resolution), (expected.Uncertainty, choices.Uncertainty),
            (expected.WithinBinVariance, choices.WithinBinVariance), (expected.WithinBinCovariance, choices.WithinBinCovariance)])
        {
            Relative.Equal(one, other, 1e-11);
        }
        Relative.Equal(choices.Score, choices.Reliability - choices.Resolution + choices.Uncertainty + choices.WithinBinVariance - choices.WithinBinCovariance, 1e-13);
    }

    [Fact]
    public void Perfect_and_constant_forecasts()
    {
        double[] certain = [1, 1, 0, 0], outcomes = [1, 1, 0, 0];
        var perfect = BrierScore.Of(certain, outcomes, ReliabilityCurve.EqualWidth(certain, outcomes, 10));
        Assert.Equal(new BrierScore(0, 0, 0.25, 0.25, 0, 0), perfect);

        double[] constant = [0.5, 0.5, 0.5, 0.5];
        var curve = ReliabilityCurve.EqualMass(constant, outcomes, 10);
        Assert.Equal((new BrierScore(0.25, 0, 0, 0.25, 0, 0), 0.0), (BrierScore.Of(constant, outcomes, curve), curve.CalibrationError));

        var single = ReliabilityCurve.EqualWidth([0.8], [1], 10);
        Relative.Equal(0.2, single.CalibrationError, 1e-15);
        Relative.Equal(0.04, BrierScore.Of([0.8], [1], single).Score, 1e-14);
    }

    [Fact]
    public void What_is_no_forecast_is_refused()
    {
        Assert.Throws<ArgumentException>(() => ReliabilityCurve.EqualWidth([], [], 10));
        Assert.Throws<ArgumentException>(() => ReliabilityCurve.EqualWidth([0.5], [1, 0], 10));
        Assert.Throws<ArgumentException>(() => ReliabilityCurve.EqualWidth([double.NaN], [1], 10));
        Assert.Throws<ArgumentException>(() => ReliabilityCurve.EqualMass([0.5], [double.NaN], 10));
        Assert.Throws<ArgumentException>(() => ReliabilityCurve.EqualWidth([0.4], [1], 10, low: 0.5));
        Assert.Throws<ArgumentException>(() => ReliabilityCurve.EqualMass([1.1], [1], 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => ReliabilityCurve.EqualMass([0.5], [1], 0));
        Assert.Throws<ArgumentException>(() => BrierScore.Of([0.5, 0.6], [1, 1], ReliabilityCurve.EqualMass([0.5], [1], 1)));
    }

    /// <summary>Probabilities in [0, 1), some of them equal; outcomes 0, 1 and now and then between.</summary>
    private static (double[] Probabilities, double[] Outcomes) Random(int seed, int count)
    {
        var random = new Random(seed);
        double[] probabilities = [.. Enumerable.Range(0, count).Select(index => index % 5 == 0 ? random.Next(10) / 8.0 % 1 : random.NextDouble())];
        return (probabilities, [.. probabilities.Select((p, index) => index % 11 == 0 ? 0.5 : random.NextDouble() < p * p ? 1.0 : 0)]);
    }
}
