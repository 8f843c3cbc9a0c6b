using Prefer.Statistics;
using Xunit;

namespace Prefer.Tests.Statistics;

public sealed class StratifiedMeanTests
{
    [Fact]
    public void A_single_stratum_is_the_clustered_mean()
    {
        double[] values = [1, 0, 1, 1, 0.5, 0, 1, 0, 0];
        int[] clusters = [7, 7, 3, 3, 3, 9, 9, 5, 7];

        var (expected, found) = (ClusteredMean.Of(values, clusters), StratifiedMean.Of(values, new int[9], clusters, [1]));

        // 1e-14: the same sums in another order.
        Relative.Equal(expected.Mean, found.Mean, 1e-14);
        Relative.Equal(expected.StandardError, found.StandardError, 1e-14);
        Relative.Equal(expected.Interval.High - expected.Interval.Low, found.Interval.High - found.Interval.Low, 1e-14);
        Assert.Equal(4, found.ClusterCount);
    }

    [Fact]
    public void Independent_items_have_the_textbook_error_of_a_stratified_mean()
    {
        double[] first = [1, 0, 0.5, 1], second = [0, 0, 1, 1, 1, 0];
        var expected = Math.Sqrt(0.7 * 0.7 * Variance(first) / 4 + 0.3 * 0.3 * Variance(second) / 6);

        var found = StratifiedMean.Of([.. first, .. second], [0, 0, 0, 0, 1, 1, 1, 1, 1, 1], [.. Enumerable.Range(0, 10)], [0.7, 0.3]);

        Relative.Equal(0.7 * 0.625 + 0.3 * 0.5, found.Mean, 1e-15);
        Relative.Equal(expected, found.StandardError, 1e-14);
        // 2.306: two-sided 95 % of t with 10 − 2 degrees of freedom, from the printed table.
        Relative.Equal(2.306 * expected, found.Interval.High - found.Mean, 2e-4);
    }

    [Fact]
    public void Clusters_across_strata_are_the_sandwich_written_out()
    {
        var random = new Random(5);
        var values = Enumerable.Range(0, 60).Select(_ => random.NextDouble()).ToArray();
        var strata = Enumerable.Range(0, 60).Select(index => index % 3).ToArray();
        var clusters = Enumerable.Range(0, 60).Select(_ => random.Next(15)).ToArray();
        double[] weights = [0.5, 0.2, 1.3];

        // Σ over pairs of items in the same cluster of dᵢ dⱼ, the definition without sums by cluster.
        double Deviation(int item)
        {
            var own = Enumerable.Range(0, 60).Where(other => strata[other] == strata[item]).ToArray();
            double count = own.Select(other => clusters[other]).Distinct().Count();
            return weights[strata[item]] * (values[item] - own.Average(other => values[other])) / own.Length * Math.Sqrt(count / (count - 1));
        }

        var deviations = Enumerable.Range(0, 60).Select(Deviation).ToArray();
        var pairs = 0.0;
        for (var i = 0; i < 60; i++)
        {
            for (var j = 0; j < 60; j++)
            {
                pairs += clusters[i] == clusters[j] ? deviations[i] * deviations[j] : 0;
            }
        }

        // 1e-12: terms of both signs cancel to about a tenth.
        Relative.Equal(Math.Sqrt(pairs), StratifiedMean.Of(values, strata, clusters, weights).StandardError, 1e-12);
    }

    [Fact]
    public void A_stratum_of_one_cluster_says_nothing_about_its_spread()
    {
        var estimate = StratifiedMean.Of([1, 0, 1, 0], [0, 0, 1, 1], [1, 2, 3, 3], [0.5, 0.5]);

        Assert.Equal((0.5, double.NaN, 3), (estimate.Mean, estimate.StandardError, estimate.ClusterCount));
        Assert.Equal(new Interval(double.NegativeInfinity, double.PositiveInfinity), estimate.Interval);
    }

    [Fact]
    public void Items_that_are_all_equal_leave_no_width() =>
        Assert.Equal(new Interval(1, 1), StratifiedMean.Of([1, 1, 1, 1], [0, 0, 1, 1], [1, 2, 3, 4], [0.5, 0.5]).Interval);

    [Fact]
    public void What_is_no_sample_is_refused()
    {
        Assert.Throws<ArgumentException>(() => StratifiedMean.Of([], [], [], [1]));
        Assert.Throws<ArgumentException>(() => StratifiedMean.Of([1, 2], [0], [1, 2], [1]));
        Assert.Throws<ArgumentException>(() => StratifiedMean.Of([1, 2], [0, 0], [1], [1]));
        Assert.Throws<ArgumentException>(() => StratifiedMean.Of([1, double.NaN], [0, 0], [1, 2], [1]));
        Assert.Throws<ArgumentException>(() => StratifiedMean.Of([1, 2], [0, 0], [1, 2], [0.5, 0.5]));
    }

    private static double Variance(double[] values) => values.Sum(value => Math.Pow(value - values.Average(), 2)) / (values.Length - 1);
}
