using Prefer.Statistics;
using Xunit;

namespace Prefer.Tests.Statistics;

public sealed class LogisticRegressionTests
{
    [Fact]
    public void One_weight_solves_its_equation()
    {
        // x = 1 three times, y = 1, 1, 0: the gradient 3σ(w) − 2 + λw has one root, found here by bisection.
        var rows = new SparseRows();
        for (var row = 0; row < 3; row++)
        {
            rows.Add([(0, 1.0)]);
        }
        var (low, high) = (0.0, 1.0);
        for (var step = 0; step < 60; step++)
        {
            var middle = (low + high) / 2;
            (low, high) = 3 / (1 + Math.Exp(-middle)) - 2 + 0.5 * middle < 0 ? (middle, high) : (low, middle);
        }

        var fit = LogisticRegression.Fit(rows, [1, 1, 0], penalty: 0.5);

        Relative.Equal(low, fit.Weights[0], 1e-9);
    }

    [Fact]
    public void The_gradient_is_that_of_central_differences()
    {
        var (rows, labels) = Draw(seed: 1, rowCount: 30, columnCount: 7);
        double[] weights = [0.3, -1, 2, 0, -0.5, 1.5, 0.1];
        var gradient = new double[7];
        LogisticRegression.Evaluate(rows, labels, 0.7, weights, new double[labels.Length], gradient);

        for (var column = 0; column < 7; column++)
        {
            // Third-order error h²·f‴/6 and rounding ε·f/h are both some 1e-9 of a gradient of order one.
            Assert.Equal(Slope(rows, labels, 0.7, weights, column), gradient[column], 1e-7);
        }
    }

    [Fact]
    public void At_the_fit_no_weight_can_be_moved_to_advantage()
    {
        var (rows, labels) = Draw(seed: 2, rowCount: 200, columnCount: 40);

        var fit = LogisticRegression.Fit(rows, labels, penalty: 0.1);

        Assert.InRange(fit.Iterations, 2, 20);
        Assert.InRange(fit.GradientNorm, 0, 1e-6);
        for (var column = 0; column < 40; column++)
        {
            Assert.Equal(0, Slope(rows, labels, 0.1, fit.Weights, column), 1e-5);
        }
    }

    [Fact]
    public void Separable_rows_end_too_and_twice_with_the_same_bits()
    {
        var rows = new SparseRows();
        rows.Add([(0, 5.0), (3, 1.0)]);
        rows.Add([(0, -5.0), (1, 100.0)]);
        rows.Add([]);

        var first = LogisticRegression.Fit(rows, [1, 0, 1], penalty: 1e-6);
        var second = LogisticRegression.Fit(rows, [1, 0, 1], penalty: 1e-6);

        Assert.Equal(first.Weights, second.Weights);
        Assert.Equal(0, first.Weights[2]); // a column that no row has
        Assert.True(first.Weights[0] > 0 && first.Weights[1] < 0 && first.GradientNorm < 1e-6, $"{string.Join(' ', first.Weights)}, gradient {first.GradientNorm}");
    }

    private static double Slope(SparseRows rows, double[] labels, double penalty, double[] weights, int column)
    {
        const double h = 1e-5;
        double At(double move)
        {
            double[] moved = [.. weights];
            moved[column] += move;
            return LogisticRegression.Evaluate(rows, labels, penalty, moved, new double[labels.Length], new double[moved.Length]);
        }
        return (At(h) - At(-h)) / (2 * h);
    }

    private static (SparseRows Rows, double[] Labels) Draw(int seed, int rowCount, int columnCount)
    {
        var random = new Random(seed);
        var rows = new SparseRows();
        var labels = new double[rowCount];
        for (var row = 0; row < rowCount; row++)
        {
            rows.Add([.. Enumerable.Range(0, columnCount).Where(_ => random.NextDouble() < 0.4).Select(column => (column, random.NextDouble() * 4 - 2))]);
            labels[row] = random.NextDouble() < 0.2 ? random.NextDouble() : random.Next(2);
        }
        rows.Add([(columnCount - 1, 1.0)]);
        return (rows, [.. labels, 1]);
    }
}
