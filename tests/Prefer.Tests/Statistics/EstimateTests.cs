using System.Numerics;
using Prefer.Statistics;
using Xunit;

namespace Prefer.Tests.Statistics;

public sealed class EstimateTests
{
    // R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3, printed with four digits.
    [Theory]
    [InlineData(81, 263, 0.2553, 0.3662)]
    [InlineData(15, 148, 0.0624, 0.1605)]
    [InlineData(0, 20, 0.0000, 0.1611)]
    [InlineData(1, 29, 0.0061, 0.1718)]
    public void Wilson_interval_of_the_published_table(int successes, int trials, double low, double high)
    {
        var interval = Proportion.Wilson(successes, trials);

        Assert.Equal((low, high), (Math.Round(interval.Low, 4), Math.Round(interval.High, 4)));
    }

    [Fact]
    public void Wilson_ends_are_where_the_score_test_turns()
    {
        // The definition: p is inside when |share − p| ≤ z √(p (1 − p) / n).
        var interval = Proportion.Wilson(40.5, 60, 0.9);
        var z = Normal.Quantile(0.95);
        foreach (var p in (double[])[interval.Low, interval.High])
        {
            Relative.Equal(z * Math.Sqrt(p * (1 - p) / 60), Math.Abs(40.5 / 60 - p), 1e-13);
        }
    }

    [Fact]
    public void Wilson_touches_the_end_when_all_succeed() => Assert.Equal(1, Proportion.Wilson(7, 7).High);

    [Theory]
    [InlineData(1, 0)]
    [InlineData(-1, 5)]
    [InlineData(6, 5)]
    public void Wilson_refuses_impossible_counts(double successes, int trials) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Proportion.Wilson(successes, trials));

    [Fact]
    public void Compensated_sum_keeps_what_cancels()
    {
        // Kahan's own method returns 0 here; the case is Neumaier's.
        Assert.Equal(2, CompensatedSum.Of([1, 1e100, 1, -1e100]));
        Assert.Equal(double.PositiveInfinity, CompensatedSum.Of([1, double.PositiveInfinity, 2]));
    }

    [Fact]
    public void Compensated_sum_of_a_million_tenths_is_exact()
    {
        // 0.1 as a double is 3602879701896397 / 2^55; the true sum, rounded once.
        var exact = (double)(new BigInteger(3602879701896397) * 1_000_000) / Math.Pow(2, 55);
        var terms = Enumerable.Repeat(0.1, 1_000_000).ToArray();

        Assert.Equal(exact, CompensatedSum.Of(terms));
        Assert.NotEqual(exact, terms.Sum());
    }

    [Fact]
    public void A_deviation_divides_by_one_less_than_the_terms()
    {
        Relative.Equal(Math.Sqrt(32 / 7.0), CompensatedSum.Deviation([2, 4, 4, 4, 5, 5, 7, 9])!.Value, 1e-15);
        Assert.Equal(0, CompensatedSum.Deviation([1e9, 1e9]));
        Assert.Equal(1, CompensatedSum.Deviation([1e9 - 1, 1e9, 1e9 + 1]));
        Assert.Null(CompensatedSum.Deviation([5]));
        Assert.Null(CompensatedSum.Deviation([]));
    }

    [Fact]
    public void Clusters_of_one_give_the_usual_standard_error()
    {
        double[] values = [1, 0, 0.5, 1, 1, 0, 1];
        var mean = values.Average();
        var usual = Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / 6 / 7);

        var estimate = ClusteredMean.Of(values, [1, 2, 3, 4, 5, 6, 7]);

        Relative.Equal(mean, estimate.Mean, 1e-15);
        Relative.Equal(usual, estimate.StandardError, 1e-14);
        // 2.447: two-sided 95 % of t with 6 degrees of freedom, from the printed table.
        Relative.Equal(2.447 * usual, estimate.Interval.High - estimate.Mean, 2e-4);
    }

    [Fact]
    public void Copies_of_items_in_their_cluster_add_no_certainty()
    {
        double[] once = [1, 0, 0.5, 1], thrice = [1, 0, 0.5, 1, 1, 0, 0.5, 1, 1, 0, 0.5, 1];

        var (single, copied) = (ClusteredMean.Of(once, [1, 2, 3, 4]), ClusteredMean.Of(thrice, [1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4]));

        Relative.Equal(single.Mean, copied.Mean, 1e-15);
        Relative.Equal(single.StandardError, copied.StandardError, 1e-14);
        Assert.Equal((12, 4), (copied.ItemCount, copied.ClusterCount));
    }

    [Fact]
    public void Clustered_error_is_the_sandwich_written_out()
    {
        double[] values = [1, 0, 1, 1, 0.5, 0, 1, 0, 0];
        int[] clusters = [7, 7, 3, 3, 3, 9, 9, 5, 7];
        // Var = G/(G−1) · 1/n² · Σ over pairs of items in the same cluster of dᵢ dⱼ, the definition without sums by cluster.
        var mean = values.Sum() / 9;
        var pairs = 0.0;
        for (var i = 0; i < 9; i++)
        {
            for (var j = 0; j < 9; j++)
            {
                pairs += clusters[i] == clusters[j] ? (values[i] - mean) * (values[j] - mean) : 0;
            }
        }

        Relative.Equal(Math.Sqrt(4.0 / 3 * pairs) / 9, ClusteredMean.Of(values, clusters).StandardError, 1e-14);
    }

    [Fact]
    public void The_interval_covers_the_true_difference_as_often_as_it_says()
    {
        // 30 prompts of 1 to 6 items; a prompt shifts the chance of being right for all its items. True difference 0.1.
        const int trialCount = 2000;
        var random = new Random(3);
        var (covered, coveredAsIfIndependent) = (0, 0);
        for (var trial = 0; trial < trialCount; trial++)
        {
            List<double> first = [], second = [];
            List<int> clusters = [];
            for (var prompt = 0; prompt < 30; prompt++)
            {
                var shift = random.NextDouble() - 0.5;
                for (var item = 0; item <= prompt % 6; item++)
                {
                    first.Add(random.NextDouble() < 0.5 + 0.8 * shift + 0.05 ? 1 : 0);
                    second.Add(random.NextDouble() < 0.5 - 0.8 * shift - 0.05 ? 1 : 0);
                    clusters.Add(prompt);
                }
            }

            var labels = clusters.ToArray();
            covered += PairedDifference.Of([.. first], [.. second], labels).Difference.Interval.Contains(0.1) ? 1 : 0;
            var apart = Enumerable.Range(0, labels.Length).ToArray();
            coveredAsIfIndependent += PairedDifference.Of([.. first], [.. second], apart).Difference.Interval.Contains(0.1) ? 1 : 0;
        }

        // 95 % less what few unequal clusters cost; four standard errors of the simulation are 2 %.
        Assert.InRange(covered / (double)trialCount, 0.92, 0.97);
        Assert.True(coveredAsIfIndependent / (double)trialCount < 0.88, $"{coveredAsIfIndependent} of {trialCount}");
    }

    [Fact]
    public void A_single_cluster_bounds_nothing()
    {
        var estimate = ClusteredMean.Of([1, 0], [4, 4]);

        Assert.Equal((0.5, double.NaN), (estimate.Mean, estimate.StandardError));
        Assert.True(estimate.Interval.Contains(-1e9) && estimate.Interval.Contains(1e9));
    }

    [Fact]
    public void A_paired_difference_counts_who_was_better()
    {
        var paired = PairedDifference.Of([1, 1, 0.5, 0, 1], [0, 1, 0, 0.5, 0.5], [1, 2, 3, 4, 5]);

        Assert.Equal((3, 1), (paired.FirstBetterCount, paired.SecondBetterCount));
        Relative.Equal(0.3, paired.Difference.Mean, 1e-15);
        Relative.Equal(10.0 / 16, paired.SignTestP, 1e-14); // 2 · (1 + 4) / 2⁴
    }

    [Fact]
    public void Unequal_lengths_are_refused()
    {
        Assert.Throws<ArgumentException>(() => PairedDifference.Of([1], [1, 0], [1]));
        Assert.Throws<ArgumentException>(() => ClusteredMean.Of([1, 0], [1]));
        Assert.Throws<ArgumentException>(() => ClusteredMean.Of([], []));
    }

    // M. W. Fagerland, S. Lydersen, P. Laake, BMC Medical Research Methodology 13:91 (2013): airway reactivity before and after stem cell transplantation (1 and 7 discordant pairs), printed with two digits.
    [Fact]
    public void Mcnemar_of_the_published_example() =>
        Assert.Equal((0.070, 0.039), (Math.Round(PairedDifference.SignTest(1, 7), 3), Math.Round(PairedDifference.SignTestMidP(1, 7), 3)));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(4, 4)]
    [InlineData(0, 9)]
    [InlineData(30, 47)]
    public void Mid_p_counts_half_of_what_was_found(int first, int second)
    {
        // Σ over k ≤ fewer of C(n, k), the last one half, on both sides, over 2ⁿ.
        var (all, fewer) = (first + second, Math.Min(first, second));
        BigInteger Ways(int k) => Enumerable.Range(0, k).Aggregate(BigInteger.One, (ways, j) => ways * (all - j) / (j + 1));
        var halves = Enumerable.Range(0, fewer).Aggregate(Ways(fewer), (sum, k) => sum + (2 * Ways(k)));

        Relative.Equal((double)halves / Math.Pow(2, all), PairedDifference.SignTestMidP(first, second), 1e-14 + (1e-15 * all));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(10, 0)]
    [InlineData(5, 5)]
    [InlineData(16, 59)]
    [InlineData(480, 520)]
    [InlineData(1, 900)]
    public void Sign_test_is_the_binomial_tail_counted_in_whole_numbers(int first, int second)
    {
        var all = first + second;
        var (ways, tail) = (BigInteger.One, BigInteger.Zero);
        for (var k = 0; k <= Math.Min(first, second); k++)
        {
            tail += ways;
            ways = ways * (all - k) / (k + 1);
        }

        var exact = Math.Min(1, Math.Exp(BigInteger.Log(2 * tail) - all * Math.Log(2)));

        // The logarithms here and there are of size n, so each loses n units in the last place.
        Relative.Equal(exact, PairedDifference.SignTest(first, second), 1e-14 + 1e-15 * all);
        Assert.Equal(PairedDifference.SignTest(first, second), PairedDifference.SignTest(second, first));
    }
}
