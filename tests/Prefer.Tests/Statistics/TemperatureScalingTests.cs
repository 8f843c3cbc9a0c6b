using Prefer.Statistics;
using Xunit;

namespace Prefer.Tests.Statistics;

public sealed class TemperatureScalingTests
{
    [Theory]
    [InlineData(3, 1, 2.0)]
    [InlineData(999, 1, 1e-6)]
    [InlineData(51, 49, 1e6)]
    public void Differences_of_one_size_have_a_closed_form(int right, int wrong, double size)
    {
        // σ(size / T) must be the share that is right.
        double[] differences = [.. Enumerable.Repeat(size, right), .. Enumerable.Repeat(-size, wrong)];

        var fit = TemperatureScaling.Fit(differences, [.. differences.Select(_ => 1.0)]);

        Assert.Equal(TemperatureMinimum.Finite, fit.Minimum);
        // The slope is a difference of numbers of order one, known to 1e-16 of them; log-odds near 0 magnify that by their inverse.
        Relative.Equal(size / Math.Log((double)right / wrong), fit.Temperature!.Value, 2e-14);
    }

    [Fact]
    public void Minimum_is_that_of_a_slow_search()
    {
        var random = new Random(2);
        double[] differences = [.. Enumerable.Range(0, 400).Select(_ => 8 * (random.NextDouble() - 0.4))];
        double[] labels = [.. differences.Select((difference, index) => index % 9 == 0 ? 0.5 : random.NextDouble() < 0.7 ? 1 : 0.8)];
        double Slow(double temperature) => Enumerable.Range(0, 400).Average(i =>
        {
            var p = 1 / (1 + Math.Exp(-differences[i] / temperature));
            return -labels[i] * Math.Log(p) - (1 - labels[i]) * Math.Log(1 - p);
        });

        // Golden section on log T; a loss known to 1e-16 places its minimum to about 1e-8.
        var (low, high, golden) = (Math.Log(0.01), Math.Log(1000), (Math.Sqrt(5) - 1) / 2);
        while (high - low > 1e-9)
        {
            var (left, right) = (high - golden * (high - low), low + golden * (high - low));
            (low, high) = Slow(Math.Exp(left)) < Slow(Math.Exp(right)) ? (low, right) : (left, high);
        }

        var fit = TemperatureScaling.Fit(differences, labels);

        Relative.Equal(Math.Exp(low), fit.Temperature!.Value, 1e-7);
        Relative.Equal(Slow(fit.Temperature!.Value), TemperatureScaling.Loss(differences, labels, fit.Temperature!.Value), 1e-13);
        // And the slope there is 0, far more exactly than any search of the loss can tell.
        var slope = Enumerable.Range(0, 400).Sum(i => differences[i] * (1 / (1 + Math.Exp(-differences[i] / fit.Temperature!.Value)) - labels[i]));
        Assert.InRange(slope, -1e-11, 1e-11);
    }

    [Fact]
    public void Known_temperatures_are_found_again()
    {
        // Labels that are the probabilities at T = 2.5 make it the minimum exactly.
        double[] differences = [-3, -1, 0.2, 0.5, 4, 7, 12, 0];

        Relative.Equal(2.5, TemperatureScaling.Fit(differences, [.. differences.Select(d => Logistic.Sigmoid(d / 2.5))]).Temperature!.Value, 1e-14);
    }

    [Theory]
    [InlineData(1e-300)]
    [InlineData(1e-9)]
    [InlineData(1e9)]
    [InlineData(1e300)]
    public void The_scale_of_rewards_is_that_of_the_temperature(double scale)
    {
        double[] differences = [3, 1, -0.5, 2, -1, 0.1];
        double[] labels = [1, 1, 1, 1, 1, 0.5];
        var plain = TemperatureScaling.Fit(differences, labels).Temperature!.Value;

        Relative.Equal(plain * scale, TemperatureScaling.Fit([.. differences.Select(d => d * scale)], labels).Temperature!.Value, 1e-13);
    }

    [Fact]
    public void Nearly_separated_pairs_still_have_a_temperature()
    {
        // One pair of a thousand is wrong, by far less than the others are right.
        double[] differences = [.. Enumerable.Repeat(1.0, 999), -1e-3];
        var fit = TemperatureScaling.Fit(differences, [.. differences.Select(_ => 1.0)]);

        // 999 · σ(−b) = 1e-3 · σ(1e-3 b), in logarithms.
        var b = 1 / fit.Temperature!.Value;
        Relative.Equal(Math.Log(999) - Math.Log(1 + Math.Exp(b)), Math.Log(1e-3) - Math.Log(1 + Math.Exp(-1e-3 * b)), 1e-13);
    }

    [Fact]
    public void Where_there_is_no_minimum_the_reason_is_said()
    {
        Assert.Equal(new TemperatureFit(null, TemperatureMinimum.Zero), TemperatureScaling.Fit([1, 2, -3, 0], [1, 1, 0, 1]));
        Assert.Equal(new TemperatureFit(null, TemperatureMinimum.Zero), TemperatureScaling.Fit([0.1], [1]));
        Assert.Equal(new TemperatureFit(null, TemperatureMinimum.Infinity), TemperatureScaling.Fit([1, -2], [1, 1]));
        Assert.Equal(new TemperatureFit(null, TemperatureMinimum.Infinity), TemperatureScaling.Fit([1, -1], [1, 1]));
        Assert.Equal(new TemperatureFit(null, TemperatureMinimum.Infinity), TemperatureScaling.Fit([1, -1, 4], [0.5, 0.5, 0.5]));
        Assert.Equal(new TemperatureFit(null, TemperatureMinimum.Everywhere), TemperatureScaling.Fit([0, 0], [1, 0.5]));
    }

    [Fact]
    public void What_is_no_pair_is_refused()
    {
        Assert.Throws<ArgumentException>(() => TemperatureScaling.Fit([], []));
        Assert.Throws<ArgumentException>(() => TemperatureScaling.Fit([1, 2], [1]));
        Assert.Throws<ArgumentException>(() => TemperatureScaling.Fit([double.NaN], [1]));
        Assert.Throws<ArgumentException>(() => TemperatureScaling.Fit([1], [double.NaN]));
        Assert.Throws<ArgumentException>(() => TemperatureScaling.Fit([1], [1.5]));
        Assert.Throws<ArgumentOutOfRangeException>(() => TemperatureScaling.Loss([1], [1], 0));
    }

    [Fact]
    public void Halves_have_whole_clusters_and_half_of_them()
    {
        int[] clusters = [5, 5, 1, 2, 2, 2, 9, 1, 7, 5];

        var first = ClusterHalves.Of(clusters, seed: 3);

        Assert.Equal(3, clusters.Where((_, index) => first[index]).Distinct().Count());
        Assert.Empty(clusters.Where((_, index) => first[index]).Intersect(clusters.Where((_, index) => !first[index])));
        Assert.Equal(first, ClusterHalves.Of(clusters, seed: 3));
        // Every one of the C(5, 3) choices of clusters is some seed's, about as often as the others: χ² with 9 degrees of freedom, 27.9 at one in a thousand.
        var counts = Enumerable.Range(0, 2000).GroupBy(seed => string.Join(',', ClusterHalves.Of([1, 2, 3, 4, 5], seed))).Select(group => group.Count()).ToArray();
        Assert.Equal(10, counts.Length);
        Assert.InRange(counts.Sum(count => Math.Pow(count - 200, 2) / 200), 0.01, 27.9);
        Assert.Equal([true, true], ClusterHalves.Of([4, 4], seed: 1));
        Assert.Empty(ClusterHalves.Of([], seed: 1));
    }
}
