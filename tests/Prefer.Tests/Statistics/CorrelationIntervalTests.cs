using Prefer.Statistics;
using Xunit;

namespace Prefer.Tests.Statistics;

/// <summary>Partial correlations by their definition; intervals by closed forms and by how often they cover the truth.</summary>
public sealed class CorrelationIntervalTests
{
    [Fact]
    public void A_partial_correlation_is_that_of_residuals()
    {
        var random = new Random(6);
        double[] z = [.. Enumerable.Range(0, 80).Select(_ => random.NextDouble())];
        double[] x = [.. z.Select(value => 2 * value + random.NextDouble())], y = [.. z.Zip(x, (control, other) => 0.3 * other - control + random.NextDouble())];
        static double[] Residuals(double[] of, double[] on)
        {
            var (meanOf, meanOn) = (of.Average(), on.Average());
            var slope = of.Zip(on, (left, right) => (left - meanOf) * (right - meanOn)).Sum() / on.Sum(value => (value - meanOn) * (value - meanOn));
            return [.. of.Zip(on, (left, right) => left - meanOf - slope * (right - meanOn))];
        }
        static double Pearson(double[] left, double[] right) => Correlation.Of(left, right).Pearson()!.Value;

        Relative.Equal(Pearson(Residuals(x, z), Residuals(y, z)), PartialCorrelation.Of(Pearson(x, y), Pearson(x, z), Pearson(y, z))!.Value, 1e-11);
    }

    [Fact]
    public void Partial_correlations_at_the_extremes()
    {
        Assert.Equal(0.4, PartialCorrelation.Of(0.4, 0, 0));
        Assert.Equal(1, PartialCorrelation.Of(1, 0.6, 0.6)!.Value, 1e-15);
        Assert.Null(PartialCorrelation.Of(0.4, 1, 0.4)); // z is x
        Assert.Null(PartialCorrelation.Of(0.4, 1 - 2.3e-16, 0.4)); // the same after rounding
        Assert.Throws<ArgumentException>(() => PartialCorrelation.Of(0.4, 1.1, 0.4));
        Assert.Throws<ArgumentException>(() => PartialCorrelation.Of(double.NaN, 0, 0));
    }

    [Fact]
    public void Fishers_interval_in_closed_form()
    {
        // r = 0.5, n = 28: z = log(3)/2 ± 1.959964/5; tanh z = (e^2z − 1)/(e^2z + 1), so the ends are (3·e^∓c − 1)/(3·e^∓c + 1) with c = 2·1.959964/5.
        var c = 2 * 1.959963984540054 / 5;
        var interval = CorrelationInterval.Pearson(0.5, 28)!.Value;

        Relative.Equal((3 * Math.Exp(-c) - 1) / (3 * Math.Exp(-c) + 1), interval.Low, 1e-13);
        Relative.Equal((3 * Math.Exp(c) - 1) / (3 * Math.Exp(c) + 1), interval.High, 1e-13);
        Assert.Equal(CorrelationInterval.Pearson(-0.5, 28), new Interval(-interval.High, -interval.Low));
    }

    [Fact]
    public void Where_there_is_no_interval()
    {
        Assert.Null(CorrelationInterval.Pearson(1, 50));
        Assert.Null(CorrelationInterval.Spearman(-1, 50));
        Assert.Null(CorrelationInterval.Pearson(0.5, 3));
        Assert.Null(CorrelationInterval.Kendall(0.5, 4));
        Assert.Throws<ArgumentException>(() => CorrelationInterval.Pearson(double.NaN, 50));
        Assert.Throws<ArgumentException>(() => CorrelationInterval.Kendall(1.5, 50));
        Assert.Null(CorrelationInterval.Clustered(rows => 0.3, [4, 4, 4])); // one cluster
        Assert.Null(CorrelationInterval.Clustered(rows => rows.Length == 3 ? 0.3 : null, [1, 2, 3])); // none without a cluster
        Assert.Null(CorrelationInterval.Clustered(rows => rows[0] == 0 ? 0.3 : 1, [1, 2, 3])); // 1 without the first
    }

    [Fact]
    public void Intervals_cover_the_truth_as_often_as_they_say()
    {
        // Normal pairs with ρ = 0.6, for which Spearman's correlation is (6/π)·asin(ρ/2) and Kendall's (2/π)·asin ρ.
        const int trialCount = 1000, count = 60;
        const double rho = 0.6;
        var random = new Random(12);
        var covered = new int[4];
        for (var trial = 0; trial < trialCount; trial++)
        {
            double[] x = [.. Enumerable.Range(0, count).Select(_ => Draw(random))], y = [.. x.Select(value => rho * value + Math.Sqrt(1 - rho * rho) * Draw(random))];
            covered[0] += CorrelationInterval.Pearson(Correlation.Of(x, y).Pearson()!.Value, count)!.Value.Contains(rho) ? 1 : 0;
            covered[1] += CorrelationInterval.Spearman(RankCorrelation.Spearman(x, y)!.Value, count)!.Value.Contains(6 / Math.PI * Math.Asin(rho / 2)) ? 1 : 0;
            covered[2] += CorrelationInterval.Kendall(RankCorrelation.KendallTauB(x, y)!.Value, count)!.Value.Contains(2 / Math.PI * Math.Asin(rho)) ? 1 : 0;
            covered[3] += Clustered(x, y, Enumerable.Range(0, count).ToArray(), (a, b) => RankCorrelation.KendallTauB(a, b)).Contains(2 / Math.PI * Math.Asin(rho)) ? 1 : 0;
        }

        // Four standard errors of the simulation are 2.8 %.
        Assert.All(covered, times => Assert.InRange(times / (double)trialCount, 0.922, 0.978));
    }

    [Fact]
    public void Only_the_clustered_interval_covers_when_items_of_a_cluster_are_alike()
    {
        // 40 clusters of 4 near copies: x and y share ρ = 0.5 between clusters and within, and each cluster's items differ little.
        const int trialCount = 500;
        var random = new Random(13);
        var (covered, coveredAsIfIndependent) = (0, 0);
        int[] clusters = [.. Enumerable.Range(0, 160).Select(item => item / 4)];
        for (var trial = 0; trial < trialCount; trial++)
        {
            double[] x = new double[160], y = new double[160];
            for (var cluster = 0; cluster < 40; cluster++)
            {
                var (a, b) = Correlated(random);
                for (var item = 4 * cluster; item < 4 * cluster + 4; item++)
                {
                    var (c, d) = Correlated(random);
                    (x[item], y[item]) = (a + 0.3 * c, b + 0.3 * d);
                }
            }
            covered += Clustered(x, y, clusters, (left, right) => Correlation.Of(left, right).Pearson()).Contains(0.5) ? 1 : 0;
            coveredAsIfIndependent += CorrelationInterval.Pearson(Correlation.Of(x, y).Pearson()!.Value, 160)!.Value.Contains(0.5) ? 1 : 0;
        }

        // Four standard errors of the simulation are 4 %.
        Assert.InRange(covered / (double)trialCount, 0.90, 0.99);
        Assert.True(coveredAsIfIndependent / (double)trialCount < 0.85, $"{coveredAsIfIndependent} of {trialCount}");
    }

    [Fact]
    public void The_jackknife_of_a_mean_is_its_clustered_standard_error()
    {
        // For equal clusters leaving one out moves the mean by its deviation over G − 1: the same sum, with the same factor.
        double[] values = [1, 0, 3, 1, 0.5, 7, 1, -2, 0];
        int[] clusters = [7, 7, 7, 3, 9, 3, 9, 3, 9];
        double? Mean(int[] rows) => rows.Average(row => values[row]);

        var jackknife = Jackknife.Of(Mean, clusters)!;

        Assert.Equal(3, jackknife.GroupCount);
        Relative.Equal(ClusteredMean.Of(values, clusters).StandardError, jackknife.StandardError, 1e-13);
    }

    [Fact]
    public void Many_clusters_are_left_out_in_groups()
    {
        // 300 clusters of 2 in 100 groups of 6 items: the error of a mean whose clusters are the groups.
        var random = new Random(5);
        double[] values = [.. Enumerable.Range(0, 600).Select(_ => random.NextDouble())];
        int[] clusters = [.. Enumerable.Range(0, 600).Select(item => 1000 + item / 2)];

        var jackknife = Jackknife.Of(rows => rows.Average(row => values[row]), clusters)!;

        Assert.Equal(Jackknife.MaxGroups, jackknife.GroupCount);
        Relative.Equal(ClusteredMean.Of(values, [.. clusters.Select(cluster => (cluster - 1000) % Jackknife.MaxGroups)]).StandardError, jackknife.StandardError, 1e-11);
    }

    private static Interval Clustered(double[] x, double[] y, int[] clusters, Func<double[], double[], double?> correlation) =>
        CorrelationInterval.Clustered(rows => correlation([.. rows.Select(row => x[row])], [.. rows.Select(row => y[row])]), clusters)!.Value;

    private static (double X, double Y) Correlated(Random random)
    {
        var x = Draw(random);
        return (x, 0.5 * x + Math.Sqrt(0.75) * Draw(random));
    }

    private static double Draw(Random random) => Normal.Quantile(1 - random.NextDouble() * (1 - 1e-12) - 5e-13);
}
