using Prefer.Statistics;
using Xunit;

namespace Prefer.Tests.Statistics;

public sealed class HistogramTests
{
    [Fact]
    public void Width_is_that_of_the_rule_rounded_up()
    {
        // 0, 0.01, …, 0.99: 2 · 0.495 / ∛100 = 0.213, rounded up to 0.5.
        var bins = Histogram.Of([.. Enumerable.Range(0, 100).Select(index => index / 100.0)]).Bins;

        Assert.Equal([new HistogramBin(0, 0.5, 50), new HistogramBin(0.5, 1, 50)], bins);
    }

    [Fact]
    public void Half_equal_values_take_the_other_rule()
    {
        // The quartiles are equal. 16 values from −3 to 4: 7 / (log₂ 16 + 1) = 1.4, rounded up to 2.
        var bins = Histogram.Of([-3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 4]).Bins;

        Assert.Equal([new HistogramBin(-4, -2, 1), new HistogramBin(-2, 0, 0), new HistogramBin(0, 2, 14), new HistogramBin(2, 4, 0), new HistogramBin(4, 6, 1)], bins);
    }

    [Theory]
    [InlineData(1, 1.0, 0.0)]
    [InlineData(2, 1e-9, 0.0)]
    [InlineData(3, 1e9, 0.0)]
    [InlineData(4, 1e-6, 1000.0)]
    [InlineData(5, 1.0, -1e6)]
    public void Bins_are_even_hold_what_lies_between_their_edges_and_part_at_zero(int seed, double scale, double shift)
    {
        var random = new Random(seed);
        double[] values = [.. Enumerable.Range(0, 500).Select(index => shift + scale * Math.Pow(random.NextDouble() - 0.3, 3)), shift + 40 * scale, shift];

        var bins = Histogram.Of(values, 30).Bins;

        Assert.InRange(bins.Length, 10, 30);
        Assert.All(bins, bin => Assert.Equal(values.Count(value => value >= bin.Low && value < bin.High), bin.Count));
        Assert.Equal(values.Length, bins.Sum(bin => bin.Count));
        Assert.True(bins[0].Count > 0 && bins[^1].Count > 0);
        Assert.All(bins.Zip(bins.Skip(1)), pair => Assert.Equal(pair.First.High, pair.Second.Low));
        Assert.True(bins[0].Low >= 0 || bins[^1].High <= 0 || bins.Any(bin => bin.Low == 0));
        var width = bins[0].High - bins[0].Low;
        Assert.Contains(Math.Round(width / Math.Pow(10, Math.Floor(Math.Log10(width) + 1e-6)), 4), (double[])[1, 2, 5]);
    }

    [Fact]
    public void One_value_and_equal_values_are_one_bin()
    {
        Assert.Equal([new HistogramBin(3, 3, 1)], Histogram.Of([3]).Bins);
        Assert.Equal([new HistogramBin(-0.5, -0.5, 4)], Histogram.Of([-0.5, -0.5, -0.5, -0.5]).Bins);
    }

    [Fact]
    public void Values_that_differ_in_the_last_place_are_counted()
    {
        var bins = Histogram.Of([1, Math.BitIncrement(1.0)]).Bins;

        Assert.Equal(2, bins.Sum(bin => bin.Count));
        Assert.True(bins[0].Low <= 1 && bins[^1].High > 1);
    }

    [Fact]
    public void What_cannot_be_counted_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Histogram.Of([]));
        Assert.Throws<ArgumentException>(() => Histogram.Of([1, double.NaN]));
        Assert.Throws<ArgumentException>(() => Histogram.Of([1, double.PositiveInfinity]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Histogram.Of([1, 2], 1));
    }
}
