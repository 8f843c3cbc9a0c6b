using Prefer.Statistics;
using Xunit;

namespace Prefer.Tests.Statistics;

/// <summary>Small logistic regressions with intervals, by closed forms, by a Hessian of differences, and by how often they cover the truth.</summary>
public sealed class LogisticEstimateTests
{
    [Theory]
    [InlineData(30, 100)]
    [InlineData(100, 100)]
    [InlineData(0, 7)]
    public void An_intercept_alone_is_jeffreys_share(int successes, int count)
    {
        var fit = LogisticEstimate.Of(Rows(count), Labels(successes, count), [.. Enumerable.Range(0, count)]);

        var share = (successes + 0.5) / (count + 1);
        // The penalty λ moves the weight by λ|w|/information, at most 1e-3·6/0.4.
        Assert.Equal(Logistic.Logit(share), fit.Weights[0], 0.02);
        Relative.Equal(1 / Math.Sqrt((count + 1) * share * (1 - share)), fit.StandardErrors[0], 0.01);
    }

    [Fact]
    public void Clustered_errors_of_an_intercept_are_those_of_a_mean()
    {
        double[] labels = [1, 0, 1, 1, 0.5, 0, 1, 0, 0, 1];
        int[] clusters = [7, 7, 3, 3, 3, 9, 9, 5, 7, 5];

        var fit = LogisticEstimate.Of(Rows(10), labels, clusters);

        // By the delta method: the error of the mean, with the added row in it, over p(1 − p).
        var mean = ClusteredMean.Of([.. labels, 0.5], [.. clusters, -1]);
        Relative.Equal(mean.StandardError / (mean.Mean * (1 - mean.Mean)), fit.ClusteredErrors[0], 0.01); // the penalty again
        Assert.Equal(4, fit.ClusterCount);
    }

    [Fact]
    public void Errors_are_the_inverse_hessian_and_the_sandwich_written_out()
    {
        var (rows, labels) = Draw(seed: 3, count: 60, [0.4, -1, 0.7]);
        int[] clusters = [.. Enumerable.Range(0, 60).Select(row => row % 17)];
        var fit = LogisticEstimate.Of(rows, labels, clusters);

        double[] weights = [.. fit.Weights];
        double Objective(double[] at, IEnumerable<int> of) => of.Sum(row => Cost(at, [1, .. rows[row]], labels[row]));
        double Whole(double[] at) => Objective(at, Enumerable.Range(0, 60)) + Cost(at, [1, 0, 0], 0.5) + LogisticEstimate.Penalty / 2 * at.Sum(weight => weight * weight);
        var inverse = Inverse(Hessian(Whole, weights));
        double[][] scores =
        [
            .. Enumerable.Range(0, 17).Select(cluster => Gradient(at => Objective(at, Enumerable.Range(0, 60).Where(row => row % 17 == cluster)), weights)),
            Gradient(at => Cost(at, [1, 0, 0], 0.5), weights),
        ];
        for (var weight = 0; weight < 3; weight++)
        {
            Assert.Equal(0, Gradient(Whole, weights)[weight], 1e-6);
            // Second differences with h = 1e-4 are good to some 1e-7.
            Relative.Equal(Math.Sqrt(inverse[weight][weight]), fit.StandardErrors[weight], 1e-5);
            var square = scores.Sum(score => Math.Pow(inverse[weight].Zip(score, (left, right) => left * right).Sum(), 2));
            Relative.Equal(Math.Sqrt(18 / 17.0 * square), fit.ClusteredErrors[weight], 1e-5);
        }
    }

    [Fact]
    public void Intervals_cover_the_truth_as_often_as_they_say()
    {
        const int trialCount = 400;
        double[] truth = [0.8, -0.5, 1];
        var covered = new int[3];
        for (var trial = 0; trial < trialCount; trial++)
        {
            var (rows, labels) = Draw(seed: 1000 + trial, count: 300, truth);
            var fit = LogisticEstimate.Of(rows, labels, [.. Enumerable.Range(0, 300)]);
            for (var weight = 0; weight < 3; weight++)
            {
                covered[weight] += fit.Interval(weight)!.Value.Contains(truth[weight]) ? 1 : 0;
            }
        }

        // Four standard errors of the simulation are 4.4 %; the larger of two errors covers a little more.
        Assert.All(covered, times => Assert.InRange(times / (double)trialCount, 0.91, 0.995));
    }

    [Fact]
    public void Separation_is_finite_and_open()
    {
        // Labels are the side: the intercept is not known, the side's weight is large, and how large is not known.
        double[][] rows = [.. Enumerable.Range(0, 100).Select(row => new[] { row % 3 == 0 ? -1.0 : 1 })];
        var fit = LogisticEstimate.Of(rows, [.. rows.Select(row => row[0] > 0 ? 1.0 : 0)], [.. Enumerable.Range(0, 100)]);

        Assert.Equal(0, fit.Weights[0], 0.1);
        Assert.InRange(fit.Weights[1], 5, 20);
        Assert.True(fit.Interval(0)!.Value is { Low: < -3, High: > 3 }, $"{fit.Interval(0)}");
    }

    [Fact]
    public void A_single_cluster_has_no_interval() => Assert.Null(LogisticEstimate.Of(Rows(4), [1, 0, 1, 1], [2, 2, 2, 2]).Interval(0));

    [Fact]
    public void What_is_no_data_is_refused()
    {
        Assert.Throws<ArgumentException>(() => LogisticEstimate.Of([], [], []));
        Assert.Throws<ArgumentException>(() => LogisticEstimate.Of(Rows(2), [1], [1, 2]));
        Assert.Throws<ArgumentException>(() => LogisticEstimate.Of(Rows(2), [1, 1.5], [1, 2]));
        Assert.Throws<ArgumentException>(() => LogisticEstimate.Of(Rows(2), [1, double.NaN], [1, 2]));
        Assert.Throws<ArgumentException>(() => LogisticEstimate.Of([[1], [double.NaN]], [1, 0], [1, 2]));
        Assert.Throws<ArgumentException>(() => LogisticEstimate.Of([[1], []], [1, 0], [1, 2]));
    }

    private static double[][] Rows(int count) => [.. Enumerable.Range(0, count).Select(_ => Array.Empty<double>())];

    private static double[] Labels(int successes, int count) => [.. Enumerable.Range(0, count).Select(row => row < successes ? 1.0 : 0)];

    private static (double[][] Rows, double[] Labels) Draw(int seed, int count, double[] truth)
    {
        var random = new Random(seed);
        double[][] rows = [.. Enumerable.Range(0, count).Select(_ => new[] { random.NextDouble() * 4 - 2, random.Next(2) - 0.5 })];
        return (rows, [.. rows.Select(row => random.NextDouble() < 1 / (1 + Math.Exp(-truth[0] - truth[1] * row[0] - truth[2] * row[1])) ? 1.0 : 0)]);
    }

    private static double Cost(double[] weights, double[] row, double label)
    {
        var product = weights.Zip(row, (left, right) => left * right).Sum();
        return Math.Log(1 + Math.Exp(product)) - label * product;
    }

    private static double[] Gradient(Func<double[], double> function, double[] at) =>
        [.. at.Select((_, index) => (function(Moved(at, index, 1e-5)) - function(Moved(at, index, -1e-5))) / 2e-5)];

    private static double[][] Hessian(Func<double[], double> function, double[] at)
    {
        const double h = 1e-4;
        double Second(int i, int j) => (function(Moved(Moved(at, i, h), j, h)) - function(Moved(Moved(at, i, h), j, -h)) - function(Moved(Moved(at, i, -h), j, h)) + function(Moved(Moved(at, i, -h), j, -h))) / (4 * h * h);
        return [.. at.Select((_, i) => at.Select((_, j) => Second(i, j)).ToArray())];
    }

    private static double[] Moved(double[] at, int index, double by) => [.. at.Select((value, other) => other == index ? value + by : value)];

    // Cramer's rule for three by three.
    private static double[][] Inverse(double[][] m)
    {
        double Minor(int row, int column)
        {
            int[] rows = [.. Enumerable.Range(0, 3).Where(index => index != row)], columns = [.. Enumerable.Range(0, 3).Where(index => index != column)];
            return ((row + column) % 2 == 0 ? 1 : -1) * (m[rows[0]][columns[0]] * m[rows[1]][columns[1]] - m[rows[0]][columns[1]] * m[rows[1]][columns[0]]);
        }
        var determinant = Enumerable.Range(0, 3).Sum(column => m[0][column] * Minor(0, column));
        return [.. Enumerable.Range(0, 3).Select(row => Enumerable.Range(0, 3).Select(column => Minor(column, row) / determinant).ToArray())];
    }
}
