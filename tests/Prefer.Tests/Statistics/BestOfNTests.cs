using System.Numerics;
using Prefer.Statistics;
using Xunit;

namespace Prefer.Tests.Statistics;

/// <summary>The estimator of best-of-n against every subset, and against the law it estimates.</summary>
public sealed class BestOfNTests
{
    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 2)]
    [InlineData(6, 100)]
    [InlineData(9, 3)]
    [InlineData(10, 1)]
    public void The_curve_is_the_mean_over_all_subsets(int count, int levels)
    {
        var random = new Random(100 * count + levels);
        double[] proxy = [.. Enumerable.Range(0, count).Select(_ => (double)random.Next(levels))], gold = [.. proxy.Select(_ => random.NextDouble() - 0.5)];
        var (sums, counts) = (new double[count], new int[count]);
        for (var subset = 1; subset < 1 << count; subset++)
        {
            int[] drawn = [.. Enumerable.Range(0, count).Where(index => (subset >> index & 1) == 1)];
            var best = drawn.Max(index => proxy[index]);
            var size = BitOperations.PopCount((uint)subset);
            sums[size - 1] += drawn.Where(index => proxy[index] == best).Average(index => gold[index]); // a fair draw among the tied
            counts[size - 1]++;
        }

        var curve = BestOfN.Curve(proxy, gold);

        for (var n = 1; n <= count; n++)
        {
            Assert.Equal(sums[n - 1] / counts[n - 1], curve[n - 1], 1e-14); // of order 1
        }
    }

    [Fact]
    public void A_gold_proxy_has_the_means_of_order_statistics()
    {
        // Of the numbers 1 … N the largest of n drawn is n(N + 1)/(n + 1) in the mean.
        double[] numbers = [.. Enumerable.Range(1, 200).Select(number => (double)number)];
        var curve = BestOfN.Curve(numbers, numbers);

        foreach (var n in (int[])[1, 2, 7, 100, 199, 200])
        {
            Relative.Equal(n * 201.0 / (n + 1), curve[n - 1], 1e-12);
        }
    }

    [Fact]
    public void A_proxy_that_ties_throughout_gains_nothing() => Assert.All(BestOfN.Curve([2, 2, 2, 2], [1, 2, 3, 6]), score => Assert.Equal(3, score, 1e-14));

    [Fact]
    public void What_cannot_be_drawn_from_is_refused()
    {
        Assert.Throws<ArgumentException>(() => BestOfN.Curve([], []));
        Assert.Throws<ArgumentException>(() => BestOfN.Curve([1], [1, 2]));
        Assert.Throws<ArgumentException>(() => BestOfN.Curve([1, double.NaN], [1, 2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => BestOfN.KullbackLeibler(0));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(16)]
    [InlineData(1000)]
    public void The_divergence_is_the_integral_it_stands_for(int n)
    {
        // The best of n has the density n·uⁿ⁻¹ of the quantile u; KL = ∫ n·uⁿ⁻¹ log(n·uⁿ⁻¹) du. With v = uⁿ it is ∫ log n + (n − 1)/n · log v dv, and the midpoint rule meets log v's end at 0 to 1e-5.
        const int steps = 100_000;
        var sum = 0.0;
        for (var step = 0; step < steps; step++)
        {
            var v = (step + 0.5) / steps;
            sum += Math.Log(n * Math.Pow(Math.Pow(v, 1.0 / n), n - 1)) / steps;
        }

        Assert.Equal(sum, BestOfN.KullbackLeibler(n), 1e-4);
    }
}
