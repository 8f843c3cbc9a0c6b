using Prefer.Statistics;
using Xunit;

namespace Prefer.Tests.Statistics;

public sealed class AgreementTests
{
    private static readonly AgreementOptions Plain = new() { ReplicateCount = 0 }, BothWays = new() { ReplicateCount = 0, BothWays = true };

    // The example of K. Krippendorff, "Computing Krippendorff's alpha-reliability" (2011): four coders, twelve units, '*' missing.
    private static readonly string[] Coders = ["123321412***", "1233224125*3", "*3332342251*", "12332441251*"];

    private static readonly double?[][] Units =
        [.. Enumerable.Range(0, 12).Select(unit => Coders.Select(coder => coder[unit] == '*' ? (double?)null : coder[unit] - '0').ToArray())];

    // J. L. Fleiss (1971), table 1: thirty patients, six psychiatrists, five diagnoses.
    private const string Diagnoses =
        "00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031 00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006";

    private static Agreement Of(double?[][] items, AgreementOptions options) => Agreement.Of(items, [.. Enumerable.Range(0, items.Length)], options);

    /// <summary>Items from how often each value was given.</summary>
    private static double?[][] FromCounts(IEnumerable<int[]> counts) =>
        [.. counts.Select(item => item.SelectMany((count, value) => Enumerable.Repeat((double?)value, count)).ToArray())];

    [Fact]
    public void Alpha_of_the_published_example()
    {
        var agreement = Of(Units, Plain);

        Assert.Equal((0.743, 0.815, 0.849), (Math.Round(agreement.AlphaNominal!.Value, 3), Math.Round(agreement.AlphaOrdinal!.Value, 3), Math.Round(agreement.AlphaInterval!.Value, 3)));
        Assert.Equal((11, 40), (agreement.Items, agreement.Votes)); // one value of the twelfth unit pairs with nothing
    }

    [Fact]
    public void Kappa_of_Fleiss_s_table()
    {
        var agreement = Of(FromCounts(Diagnoses.Split(' ').Select(row => row.Select(digit => digit - '0').ToArray())), Plain);

        Assert.Equal((0.556, 0.430), (Math.Round(agreement.Raw!.Value, 3), Math.Round(agreement.FleissKappa!.Value, 3)));
    }

    [Fact]
    public void Kappa_of_fourteen_raters()
    {
        // The worked example of the encyclopaedia's article on Fleiss' kappa: 0.210, from P̄ = 0.378 and P̄e = 0.213.
        int[][] counts =
        [
            [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1], [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
        ];
        var agreement = Of(FromCounts(counts), Plain);

        Assert.Equal((0.378, 0.210), (Math.Round(agreement.Raw!.Value, 3), Math.Round(agreement.FleissKappa!.Value, 3)));
    }

    [Fact]
    public void Coefficients_are_their_definitions_written_out()
    {
        var random = new Random(5);
        for (var trial = 0; trial < 200; trial++)
        {
            var items = RandomItems(random, random.Next(2, 12));
            var agreement = Of(items, Plain);
            if (agreement.AlphaNominal is null)
            {
                continue;
            }

            var pairable = items.Select(item => item.OfType<double>().ToArray()).Where(item => item.Length > 1).ToArray();
            double[] all = [.. pairable.SelectMany(item => item)];
            double Ordinal(double first, double second)
            {
                var (low, high) = (Math.Min(first, second), Math.Max(first, second));
                var between = all.Count(value => value >= low && value <= high) - (all.Count(value => value == low) + all.Count(value => value == high)) / 2.0;
                return first == second ? 0 : between * between;
            }

            static double SumOverPairs(double[] values, Func<double, double, double> of) =>
                values.SelectMany((_, first) => values.Select((_, second) => first == second ? 0 : of(values[first], values[second]))).Sum();
            double Alpha(Func<double, double, double> distance)
            {
                var observed = pairable.Sum(item => SumOverPairs(item, distance) / (item.Length - 1)) / all.Length;
                return 1 - observed / (SumOverPairs(all, distance) / all.Length / (all.Length - 1));
            }

            var raw = pairable.Average(item => SumOverPairs(item, (first, second) => first == second ? 1 : 0) / item.Length / (item.Length - 1));
            var chance = all.GroupBy(value => value).Sum(group => Math.Pow((double)group.Count() / all.Length, 2));

            // 1 − coefficient is the ratio that is computed; its rounding is some units in the last place for each of a few dozen terms.
            Relative.Equal(1 - raw, 1 - agreement.Raw!.Value, 1e-12);
            Relative.Equal((1 - raw) / (1 - chance), 1 - agreement.FleissKappa!.Value, 1e-12);
            Relative.Equal(1 - Alpha((first, second) => first == second ? 0 : 1), 1 - agreement.AlphaNominal!.Value, 1e-12);
            Relative.Equal(1 - Alpha(Ordinal), 1 - agreement.AlphaOrdinal!.Value, 1e-12);
            Relative.Equal(1 - Alpha((first, second) => (first - second) * (first - second)), 1 - agreement.AlphaInterval!.Value, 1e-12);
        }
    }

    [Fact]
    public void Both_ways_is_every_item_once_as_it_is_and_once_negated()
    {
        var random = new Random(6);
        for (var trial = 0; trial < 100; trial++)
        {
            var items = RandomItems(random, 9);
            double?[][] twice = [.. items, .. items.Select(item => item.Select(value => 0 - value).ToArray())];
            var (both, doubled) = (Of(items, BothWays), Of(twice, Plain));

            Relative.Equal(doubled.FleissKappa!.Value, both.FleissKappa!.Value, 1e-11);
            Relative.Equal(Of(items, Plain).Raw!.Value, both.Raw!.Value, 1e-14);

            // Of twice as many values alpha's expected disagreement has the factor 2n / (2n − 1) in place of n / (n − 1).
            var smaller = (2.0 * both.Votes - 2) / (2 * both.Votes - 1);
            Relative.Equal((1 - doubled.AlphaNominal!.Value) * smaller, 1 - both.AlphaNominal!.Value, 1e-12);
            Relative.Equal((1 - doubled.AlphaOrdinal!.Value) * smaller, 1 - both.AlphaOrdinal!.Value, 1e-12);
            Relative.Equal((1 - doubled.AlphaInterval!.Value) * smaller, 1 - both.AlphaInterval!.Value, 1e-12);

            double?[][] turned = [.. items.Select(item => random.Next(2) == 0 ? item : item.Select(value => 0 - value).ToArray())];
            Relative.Equal(both.FleissKappa!.Value, Of(turned, BothWays).FleissKappa!.Value, 1e-11);
            Relative.Equal(both.AlphaOrdinal!.Value, Of(turned, BothWays).AlphaOrdinal!.Value, 1e-11);
        }
    }

    [Fact]
    public void Extremes()
    {
        var nothing = Of([[1], [null, 0], []], Plain);
        Assert.Equal((0, 0, null, null, null), (nothing.Items, nothing.Votes, nothing.Raw, nothing.FleissKappa, nothing.AlphaNominal));
        Assert.Null(Of([], new AgreementOptions()).RawCi95);

        var same = Of([[0, 0, 0], [0, 0]], new AgreementOptions());
        Assert.Equal((1, null, null, null, null), (same.Raw, same.FleissKappa, same.AlphaNominal, same.AlphaOrdinal, same.AlphaInterval));
        Assert.Equal(new Interval(1, 1), same.RawCi95);
        Assert.Null(same.AlphaNominalCi95);

        var perfect = Of([[1, 1], [0, 0], [-1, -1]], Plain);
        Assert.Equal((1, 1, 1, 1, 1), (perfect.Raw, perfect.FleissKappa, perfect.AlphaNominal, perfect.AlphaOrdinal, perfect.AlphaInterval));

        var one = Of([[1, -1]], Plain);
        Assert.Equal((0, -1, 0, 0, 0), (one.Raw, one.FleissKappa, one.AlphaNominal, one.AlphaOrdinal, one.AlphaInterval));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void What_is_not_a_number_is_refused(double value)
    {
        Assert.Throws<ArgumentException>(() => Of([[1, value]], Plain));
        Assert.Throws<ArgumentException>(() => CohenKappa.Of([value], [1], [0], Plain));
    }

    [Fact]
    public void Lists_of_unequal_length_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Agreement.Of([[1, 1]], [], Plain));
        Assert.Throws<ArgumentException>(() => CohenKappa.Of([1], [1, 0], [0], Plain));
        Assert.Throws<ArgumentException>(() => CohenKappa.Of([1], [1], [0, 1], Plain));
    }

    [Fact]
    public void The_interval_of_raw_agreement_is_that_of_a_clustered_mean()
    {
        var random = new Random(7);
        var (items, clusters, raw) = (new List<double?[]>(), new List<int>(), new List<double>());
        for (var index = 0; index < 600; index++)
        {
            clusters.Add(index / 3);
            items.Add([random.Next(2), random.Next(2)]);
            raw.Add(items[^1][0] == items[^1][1] ? 1 : 0);
        }

        var (agreement, mean) = (Agreement.Of(items, [.. clusters]), ClusteredMean.Of([.. raw], [.. clusters]));
        var drawn = ClusteredBootstrap.Mean([.. raw], [.. clusters], new BootstrapOptions { Seed = 42, Resamples = 2000 })!.Value;
        Relative.Equal(drawn.Low, agreement.RawCi95!.Value.Low, 1e-13);
        Relative.Equal(drawn.High, agreement.RawCi95!.Value.High, 1e-13);

        Relative.Equal(mean.Mean, agreement.Raw!.Value, 1e-14);
        // An end from 2000 draws has a standard error of 6 % of the standard error, some 3 % of the reach; 200 clusters leave half a percent between t and normal.
        Relative.Equal(mean.Interval.High - mean.Mean, agreement.RawCi95!.Value.High - mean.Mean, 0.12);
        Relative.Equal(mean.Mean - mean.Interval.Low, mean.Mean - agreement.RawCi95!.Value.Low, 0.12);
        Assert.Equal(agreement, Agreement.Of(items, [.. clusters]));
        Assert.NotEqual(agreement.RawCi95, Agreement.Of(items, [.. clusters], new AgreementOptions { Seed = 1 }).RawCi95);
    }

    [Fact]
    public void Intervals_hold_the_coefficient_and_need_two_clusters()
    {
        var agreement = Of(Units, new AgreementOptions());
        Assert.All([(agreement.FleissKappa, agreement.FleissKappaCi95), (agreement.AlphaNominal, agreement.AlphaNominalCi95), (agreement.AlphaOrdinal, agreement.AlphaOrdinalCi95), (agreement.AlphaInterval, agreement.AlphaIntervalCi95)],
            pair => Assert.True(pair.Item2!.Value.Contains(pair.Item1!.Value) && pair.Item2.Value.High > pair.Item2.Value.Low, $"{pair}"));

        var single = Agreement.Of(Units, new int[12]);
        Assert.Equal((null, null), (single.RawCi95, single.AlphaOrdinalCi95));
    }

    // Yes and no of two raters, both yes first: 2 (ad − bc) / ((a + b)(b + d) + (a + c)(c + d)).
    [Theory]
    [InlineData(20, 5, 10, 15, 0.4)]
    [InlineData(45, 15, 25, 15, 0.1304)]
    [InlineData(25, 35, 5, 35, 0.2593)]
    public void Cohen_s_kappa_of_a_table_of_four(int a, int b, int c, int d, double printed)
    {
        double?[] first = [.. Enumerable.Repeat(1.0, a + b), .. Enumerable.Repeat(0.0, c + d), null, 1];
        double?[] second = [.. Enumerable.Repeat(1.0, a), .. Enumerable.Repeat(0.0, b), .. Enumerable.Repeat(1.0, c), .. Enumerable.Repeat(0.0, d), 1, null];

        var kappa = CohenKappa.Of(first, second, [.. Enumerable.Range(0, first.Length)]);

        Relative.Equal(2.0 * (a * d - b * c) / ((a + b) * (b + d) + (a + c) * (c + d)), kappa.Kappa!.Value, 1e-12);
        Assert.Equal((printed, a + b + c + d), (Math.Round(kappa.Kappa.Value, 4), kappa.Items));
        Relative.Equal((a + d) / (double)(a + b + c + d), kappa.Raw!.Value, 1e-15);
        Assert.True(kappa.KappaCi95!.Value.Contains(kappa.Kappa.Value));
    }

    [Fact]
    public void Cohen_s_kappa_is_its_definition_both_ways_too()
    {
        var random = new Random(8);
        for (var trial = 0; trial < 100; trial++)
        {
            double?[] first = [.. RandomItems(random, 12).Select(item => item[0])], second = [.. RandomItems(random, 12).Select(item => item[0])];
            var pairs = first.Zip(second).Where(pair => pair.First is not null && pair.Second is not null).ToArray();
            double Defined((double? First, double? Second)[] of)
            {
                var raw = of.Count(pair => pair.First == pair.Second) / (double)of.Length;
                var chance = new double?[] { -1, 0, 1 }.Sum(value => of.Count(pair => pair.First == value) / (double)of.Length * of.Count(pair => pair.Second == value) / of.Length);
                return (raw - chance) / (1 - chance);
            }

            int[] clusters = [.. Enumerable.Range(0, 12)];
            Relative.Equal(1 - Defined(pairs), 1 - CohenKappa.Of(first, second, clusters, Plain).Kappa!.Value, 1e-12);
            Relative.Equal(1 - Defined([.. pairs, .. pairs.Select(pair => (0 - pair.First, 0 - pair.Second))]), 1 - CohenKappa.Of(first, second, clusters, BothWays).Kappa!.Value, 1e-12);
        }
    }

    [Fact]
    public void Cohen_s_kappa_at_the_extremes()
    {
        Assert.Equal((0, null, null), Parts(CohenKappa.Of([], [], [])));
        Assert.Equal((2, 1, null), Parts(CohenKappa.Of([1, 1], [1, 1], [0, 1])));
        Assert.Equal((2, 0, 0), Parts(CohenKappa.Of([1, 1], [0, 0], [0, 1])));
        Assert.Equal((2, 1, 1), Parts(CohenKappa.Of([1, 1], [1, 1], [0, 1], BothWays))); // as if the responses had stood the other way round half the time

        static (int, double?, double?) Parts(CohenKappa kappa) => (kappa.Items, kappa.Raw, kappa.Kappa);
    }

    /// <summary>Items of one to five values −1, 0 and 1 that lean to one of them, some missing.</summary>
    private static double?[][] RandomItems(Random random, int count) =>
    [
        .. Enumerable.Range(0, count).Select(_ =>
        {
            var leaning = random.Next(-1, 2);
            return Enumerable.Range(0, random.Next(2, 6)).Select(_ => random.Next(6) == 0 ? (double?)null : random.Next(3) == 0 ? random.Next(-1, 2) : leaning).ToArray();
        }),
    ];
}
