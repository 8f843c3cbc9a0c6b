using Prefer.Statistics;
using Xunit;

namespace Prefer.Tests.Statistics;

public sealed class ClusteredBootstrapTests
{
    /// <summary>Kolmogorov's bound for 100,000 draws, passed once in a thousand seeds.</summary>
    private const double KolmogorovBound = 1.95 / 316.2;

    // B. Efron, R. J. Tibshirani, "An Introduction to the Bootstrap" (1993), table 14.1: test A of 26 children.
    private static readonly double[] SpatialTestA = [48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6, 0, 33, 28, 34, 4, 32, 24, 47, 41, 24, 26, 30, 41];

    // Clusters of 1, 2, 3 and 4 items, so that the mean over items is no mean of cluster means.
    private static readonly double[] Values = [0.1, 2, 5, -3, 0.7, 1.1, 8, 2.5, -4, 0.3];
    private static readonly int[] Clusters = [4, 1, 1, 7, 7, 7, 2, 2, 2, 2];

    public static TheoryData<int, double> SmallCases => new((IEnumerable<(int, double)>)[(3, 0.5), (3, 0.8), (3, 0.95), (4, 0.5), (4, 0.8), (4, 0.95)]);

    [Fact]
    public void Generator_gives_the_published_draws()
    {
        // The first outputs for this seed, as implementers of the generator print them.
        var random = new SplitMix64(1234567);

        Assert.Equal([6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821], Enumerable.Range(0, 5).Select(_ => random.Next()));
    }

    [Fact]
    public void Draws_below_a_bound_are_uniform()
    {
        // χ² of 30,000 draws over six faces; 20.5 is its 99.9 % point with 5 degrees of freedom.
        var random = new SplitMix64(9);
        var counts = new int[6];
        for (var draw = 0; draw < 30_000; draw++)
        {
            counts[random.Below(6)]++;
        }

        Assert.InRange(counts.Sum(count => Math.Pow(count - 5000, 2) / 5000), 0.01, 20.5);
    }

    // numpy.quantile([1, 2, 3, 5, 8, 20], level), whose default is the same definition.
    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.25, 2.25)]
    [InlineData(0.5, 4)]
    [InlineData(0.9, 14)]
    [InlineData(1, 20)]
    public void Quantiles_lie_on_the_lines_between_values(double level, double expected) => Relative.Equal(expected, Quantiles.Of([1, 2, 3, 5, 8, 20], level), 1e-15);

    [Fact]
    public void Quantiles_of_nothing_and_at_no_level_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Quantiles.Of([], 0.5));
        Assert.Throws<ArgumentException>(() => Quantiles.Of([1], 1.5));
        Assert.Throws<ArgumentException>(() => Quantiles.Of([1], double.NaN));
    }

    [Theory]
    [MemberData(nameof(SmallCases))]
    public void Interval_is_that_of_every_possible_resample(int clusterCount, double confidence)
    {
        var itemCount = clusterCount * (clusterCount + 1) / 2;
        var (values, clusters) = (Values[..itemCount], Clusters[..itemCount]);
        var exact = MeansOfAllResamples(values, clusters);

        var found = ClusteredBootstrap.Mean(values, clusters, new BootstrapOptions { Seed = 5, Resamples = 100_000, Confidence = confidence })!.Value;

        var (low, high) = (0.5 - confidence / 2, 0.5 + confidence / 2);
        Assert.InRange(found.Low, At(low - KolmogorovBound) - 1e-12, At(low + KolmogorovBound) + 1e-12);
        Assert.InRange(found.High, At(high - KolmogorovBound) - 1e-12, At(high + KolmogorovBound) + 1e-12);

        double At(double level) => exact[(int)(level * exact.Length)];
    }

    [Fact]
    public void Many_clusters_give_the_interval_of_normal_theory()
    {
        var random = new Random(11);
        var (values, clusters) = (new List<double>(), new List<int>());
        for (var cluster = 0; cluster < 1000; cluster++)
        {
            var shift = random.NextDouble();
            for (var item = 0; item <= cluster % 4; item++)
            {
                values.Add(shift + random.NextDouble());
                clusters.Add(cluster);
            }
        }

        var theory = ClusteredMean.Of([.. values], [.. clusters]).Interval;
        var found = ClusteredBootstrap.Mean([.. values], [.. clusters], new BootstrapOptions { Seed = 1, Resamples = 20_000 })!.Value;

        // An end of 20,000 resamples has a standard error of 1.5 % of the half width; five of them.
        var reach = (theory.High - theory.Low) / 2;
        Assert.InRange(found.Low, theory.Low - 0.075 * reach, theory.Low + 0.075 * reach);
        Assert.InRange(found.High, theory.High - 0.075 * reach, theory.High + 0.075 * reach);
        // As items of their own it would be narrower by far.
        var apart = ClusteredBootstrap.Mean([.. values], [.. Enumerable.Range(0, values.Count)], new BootstrapOptions { Seed = 1 })!.Value;
        Assert.True(apart.High - apart.Low < 0.85 * (found.High - found.Low), $"{apart} within {found}");
    }

    [Fact]
    public void The_interval_of_the_published_example()
    {
        // Table 14.2 of the book: the variance (over n) of test A, 90 % percentiles of 2000 resamples, of whose own error the ends have about ± 4.
        var columns = new double[SpatialTestA.Length, 3];
        for (var item = 0; item < SpatialTestA.Length; item++)
        {
            (columns[item, 0], columns[item, 1], columns[item, 2]) = (SpatialTestA[item], (double)SpatialTestA[item] * SpatialTestA[item], 1);
        }

        var found = ClusteredBootstrap.OfSums(
            columns, [.. Enumerable.Range(0, SpatialTestA.Length)], sums => (sums[1] / sums[2]) - (sums[0] / sums[2] * (sums[0] / sums[2])),
            new BootstrapOptions { Seed = 2, Resamples = 20_000, Confidence = 0.9 })!.Value;

        Relative.Equal(171.5, Variance(SpatialTestA), 5e-4);
        Assert.InRange(found.Low, 100.8 - 5, 100.8 + 5);
        Assert.InRange(found.High, 233.9 - 5, 233.9 + 5);
    }

    [Fact]
    public void Sums_by_cluster_give_what_items_give()
    {
        var options = new BootstrapOptions { Seed = 3, Resamples = 500 };
        var columns = new double[Values.Length, 2];
        for (var item = 0; item < Values.Length; item++)
        {
            (columns[item, 0], columns[item, 1]) = (Values[item], Values[item] * Values[item]);
        }

        var bySums = ClusteredBootstrap.OfSums(columns, Clusters, sums => sums[0] / sums[1], options)!.Value;
        double[][] members = [.. Clusters.Distinct().Select(label => Values.Where((_, item) => Clusters[item] == label).ToArray())];
        var byItems = ClusteredBootstrap.Draw(members.Length, drawn =>
        {
            double[] values = [.. drawn.ToArray().SelectMany(cluster => members[cluster])];
            return values.Sum() / values.Sum(value => value * value);
        }, options);

        Relative.Equal(Quantiles.Of(byItems, 0.025), bySums.Low, 1e-12);
        Relative.Equal(Quantiles.Of(byItems, 0.975), bySums.High, 1e-12);
    }

    [Fact]
    public void Seeds_decide_and_nothing_else_does()
    {
        var options = new BootstrapOptions { Seed = 8, Resamples = 300 };

        Assert.Equal(ClusteredBootstrap.Mean(Values, Clusters, options), ClusteredBootstrap.Mean(Values, Clusters, options));
        Assert.NotEqual(ClusteredBootstrap.Mean(Values, Clusters, options), ClusteredBootstrap.Mean(Values, Clusters, options with { Seed = 9 }));
    }

    [Fact]
    public void Equal_values_give_a_point_and_a_single_cluster_nothing()
    {
        var options = new BootstrapOptions { Seed = 1 };
        Assert.Equal(new Interval(0.3, 0.3), ClusteredBootstrap.Mean([0.3, 0.3, 0.3, 0.3], [1, 2, 3, 4], options));
        Assert.Null(ClusteredBootstrap.Mean([1, 0, 1], [6, 6, 6], options));
    }

    [Fact]
    public void A_statistic_that_does_not_exist_of_some_resamples_is_taken_of_the_others()
    {
        // It exists where item 2 was drawn: (2/3)³ = 30 % of the resamples lack it. An item that is not there is never drawn.
        double[,] isItem2 = { { 0, 0 }, { 0, 0 }, { 1, 0 } };
        var options = new BootstrapOptions { Seed = 1 };

        Assert.Equal(new Interval(2, 2), ClusteredBootstrap.OfSums(isItem2, [1, 2, 3], sums => sums[0] > 0 ? 2 : null, options));
        Assert.Null(ClusteredBootstrap.OfSums(isItem2, [1, 2, 3], sums => sums[1] > 0 ? 2 : null, options));
        // Where item 2 came exactly once, 3 · 1/3 · (2/3)² = 4/9 of the resamples, less than half.
        Assert.Null(ClusteredBootstrap.OfSums(isItem2, [1, 2, 3], sums => sums[0] == 1 ? 1 : null, options));
    }

    [Fact]
    public void What_cannot_be_resampled_is_refused()
    {
        var options = new BootstrapOptions { Seed = 1 };
        Assert.Throws<ArgumentException>(() => ClusteredBootstrap.Mean([], [], options));
        Assert.Throws<ArgumentException>(() => ClusteredBootstrap.Mean([1, 2], [1], options));
        Assert.Throws<ArgumentException>(() => ClusteredBootstrap.Mean([1, double.NaN], [1, 2], options));
        Assert.Throws<ArgumentException>(() => ClusteredBootstrap.OfSums(new double[2, 1], [1, 2], _ => double.NaN, options));
        Assert.Throws<ArgumentException>(() => ClusteredBootstrap.Mean([1, 2], [1, 2], options with { Confidence = 1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => ClusteredBootstrap.Mean([1, 2], [1, 2], options with { Resamples = 0 }));
    }

    /// <summary>Ascending, one for each of the kᵏ ways to draw k of k clusters, all equally probable.</summary>
    private static double[] MeansOfAllResamples(double[] values, int[] clusters)
    {
        int[] labels = [.. clusters.Distinct()];
        var means = new double[(int)Math.Pow(labels.Length, labels.Length)];
        for (var code = 0; code < means.Length; code++)
        {
            var items = new List<double>();
            for (var (place, rest) = (0, code); place < labels.Length; place++, rest /= labels.Length)
            {
                items.AddRange(values.Where((_, item) => clusters[item] == labels[rest % labels.Length]));
            }

            means[code] = items.Average();
        }

        Array.Sort(means);
        return means;
    }

    private static double Variance(double[] values) => values.Average(value => (value - values.Average()) * (value - values.Average()));
}
