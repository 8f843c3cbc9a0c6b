using Prefer.Statistics;
using Xunit;

namespace Prefer.Tests.Statistics;

/// <summary>Rank correlations against published values and their definitions written out.</summary>
public sealed class RankCorrelationTests
{
    [Fact]
    public void Equal_numbers_share_their_ranks() => Assert.Equal([4, 1.5, 1.5, 6, 4, 4], RankCorrelation.AverageRanks([3, -1, -1, 7, 3, 3]));

    [Fact]
    public void Spearman_of_a_published_example()
    {
        // Ten people's IQ and hours of television, a textbook example: Σ d² = 194, ρ = 1 − 6·194/(10·99).
        double[] iq = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110], hours = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17];

        Relative.Equal(1 - 6 * 194 / 990.0, RankCorrelation.Spearman(iq, hours)!.Value, 1e-13);
    }

    [Fact]
    public void Kendall_of_examples()
    {
        // The example of scipy.stats.kendalltau, with the value its documentation prints.
        Relative.Equal(-0.47140452079103173, RankCorrelation.KendallTauB([12, 2, 1, 12, 2], [1, 4, 7, 1, 0])!.Value, 1e-14);
        // Three of the ten pairs are turned: (2, 1), (5, 3) and (5, 4).
        Relative.Equal(1 - 2 * 3 / 10.0, RankCorrelation.KendallTauB([1, 2, 3, 4, 5], [2, 1, 5, 3, 4])!.Value, 1e-14);
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(3, 2)]
    [InlineData(7, 3)]
    [InlineData(64, 5)]
    [InlineData(65, 1000)]
    [InlineData(200, 4)]
    public void Kendall_is_its_definition_over_all_pairs(int count, int levels)
    {
        var random = new Random(count);
        for (var trial = 0; trial < 20; trial++)
        {
            double[] x = [.. Enumerable.Range(0, count).Select(_ => (double)random.Next(levels))], y = [.. x.Select(value => random.Next(2) == 0 ? value : random.Next(levels))];
            var expected = TauB(x, y);
            var found = RankCorrelation.KendallTauB(x, y);
            Assert.Equal(expected is null, found is null);
            Assert.Equal(expected ?? 0, found ?? 0, 1e-14); // of order 1, or 0 by cancellation of whole numbers
        }
    }

    [Fact]
    public void Spearman_is_pearson_of_ranks_counted_slowly()
    {
        var random = new Random(4);
        double[] x = [.. Enumerable.Range(0, 50).Select(_ => (double)random.Next(9))], y = [.. x.Select(value => value + random.Next(9))];
        static double[] Ranks(double[] values) => [.. values.Select(value => values.Count(other => other < value) + (values.Count(other => other == value) + 1) / 2.0)];
        var (rx, ry) = (Ranks(x), Ranks(y));
        var (mx, my) = (rx.Average(), ry.Average());
        var expected = rx.Zip(ry, (left, right) => (left - mx) * (right - my)).Sum() / Math.Sqrt(rx.Sum(rank => (rank - mx) * (rank - mx)) * ry.Sum(rank => (rank - my) * (rank - my)));

        Relative.Equal(expected, RankCorrelation.Spearman(x, y)!.Value, 1e-13);
    }

    [Fact]
    public void Order_alone_counts_and_both_ends_are_reached()
    {
        double[] x = [1, 2, 3, 4], steep = [1, 10, 1e5, 1e300], falling = [4, 3, 2, -1e300];
        foreach (var correlation in (Func<double[], double[], double?>[])[(a, b) => RankCorrelation.Spearman(a, b), (a, b) => RankCorrelation.KendallTauB(a, b)])
        {
            Assert.Equal(1, correlation(x, steep)!.Value, 1e-15);
            Assert.Equal(-1, correlation(x, falling)!.Value, 1e-15);
            Assert.Null(correlation(x, [0.1, 0.1, 0.1, 0.1]));
            Assert.Null(correlation([5], [5]));
            Assert.Null(correlation([], []));
        }
        Assert.Null(Correlation.Of([1, 2, 3], [0.1, 0.1, 0.1]).Pearson()); // whose mean is not 0.1 to the last bit
    }

    [Fact]
    public void What_is_no_pair_of_finite_numbers_is_refused()
    {
        foreach (var correlation in (Action<double[], double[]>[])[(a, b) => RankCorrelation.Spearman(a, b), (a, b) => RankCorrelation.KendallTauB(a, b), (a, b) => Correlation.Of(a, b)])
        {
            Assert.Throws<ArgumentException>(() => correlation([1, 2], [1]));
            Assert.Throws<ArgumentException>(() => correlation([1, double.NaN], [1, 2]));
            Assert.Throws<ArgumentException>(() => correlation([1, 2], [1, double.PositiveInfinity]));
        }
    }

    private static double? TauB(double[] x, double[] y)
    {
        var (concordance, untiedX, untiedY) = (0, 0, 0);
        for (var first = 0; first < x.Length; first++)
        {
            for (var second = 0; second < first; second++)
            {
                var (byX, byY) = (Math.Sign(x[first].CompareTo(x[second])), Math.Sign(y[first].CompareTo(y[second])));
                concordance += byX * byY;
                untiedX += Math.Abs(byX);
                untiedY += Math.Abs(byY);
            }
        }
        return untiedX == 0 || untiedY == 0 ? null : concordance / Math.Sqrt((double)untiedX * untiedY);
    }
}
