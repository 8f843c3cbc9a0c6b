namespace Prefer.Statistics;

/// <summary>A fitted logistic regression.</summary>
/// <param name="Weights">One a column.</param>
/// <param name="Objective">What was minimised, at its minimum.</param>
/// <param name="GradientNorm">Length of its gradient there; near zero when the fit converged.</param>
/// <param name="Iterations">Newton steps taken.</param>
public sealed record LogisticFit(double[] Weights, double Objective, double GradientNorm, int Iterations);

/// <summary>
/// Logistic regression without an intercept, with an L2 penalty: Σᵢ −yᵢ log σ(xᵢ·w) − (1 − yᵢ) log σ(−xᵢ·w) + λ/2 · |w|². With x the difference of two
/// items' features it is a Bradley–Terry model whose strengths are linear in the features.
/// </summary>
/// <remarks>
/// Newton's method, each step solved by conjugate gradients on products with the Hessian Xᵀ diag(σ(1 − σ)) X + λ, which is never formed, and
/// halved until the objective falls enough: C.-J. Lin, R. C. Weng, S. S. Keerthi, "Trust region Newton method for large-scale
/// logistic regression", JMLR 9 (2008), with a line search in place of the trust region. λ &gt; 0 makes the minimum unique;
/// sums run in a fixed order, so that the same rows give the same bits.
/// </remarks>
public static class LogisticRegression
{
    private const int MaxIterations = 100, MaxHalvings = 40;
    private const double SufficientDecrease = 1e-4;

    /// <summary>Finds the minimum.</summary>
    /// <param name="rows">xᵢ, at least one.</param>
    /// <param name="labels">yᵢ in [0, 1], one a row.</param>
    /// <param name="penalty">λ, positive.</param>
    /// <param name="tolerance">Stops when the gradient is this much shorter than at w = 0.</param>
    public static LogisticFit Fit(SparseRows rows, ReadOnlySpan<double> labels, double penalty, double tolerance = 1e-9)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(penalty);
        if (rows.RowCount == 0 || rows.RowCount != labels.Length)
        {
            throw new ArgumentException($"Found {rows.RowCount} rows and {labels.Length} labels, expected as many of each, and one at least.");
        }

        var weights = new double[rows.ColumnCount];
        var (products, curvature, stepProducts) = (new double[rows.RowCount], new double[rows.RowCount], new double[rows.RowCount]);
        var gradient = new double[weights.Length];
        var objective = Evaluate(rows, labels, penalty, weights, products, gradient);
        var (norm, firstNorm) = (Norm(gradient), Norm(gradient));
        var iterations = 0;
        while (iterations < MaxIterations && norm > tolerance * firstNorm)
        {
            for (var row = 0; row < products.Length; row++)
            {
                var probability = Logistic.Sigmoid(products[row]);
                curvature[row] = probability * (1 - probability);
            }

            // Far from the minimum a rough solution is as good; the square root makes convergence superlinear.
            var step = Solve(rows, curvature, penalty, gradient, Math.Min(0.1, Math.Sqrt(norm / firstNorm)) * norm);
            rows.Multiply(step, stepProducts);
            var slope = Dot(gradient, step);
            var length = LineSearch(labels, penalty, weights, step, products, stepProducts, objective, slope);
            if (length == 0)
            {
                break; // nothing better within rounding
            }

            for (var column = 0; column < weights.Length; column++)
            {
                weights[column] += length * step[column];
            }
            objective = Evaluate(rows, labels, penalty, weights, products, gradient);
            norm = Norm(gradient);
            iterations++;
        }

        return new LogisticFit(weights, objective, norm, iterations);
    }

    /// <summary>The objective, and with it xᵢ·w and the gradient.</summary>
    internal static double Evaluate(SparseRows rows, ReadOnlySpan<double> labels, double penalty, ReadOnlySpan<double> weights, Span<double> products, Span<double> gradient)
    {
        rows.Multiply(weights, products);
        var errors = new double[labels.Length];
        for (var row = 0; row < errors.Length; row++)
        {
            errors[row] = Logistic.Sigmoid(products[row]) - labels[row];
        }
        for (var column = 0; column < gradient.Length; column++)
        {
            gradient[column] = penalty * weights[column];
        }
        rows.AddTransposed(errors, gradient);
        return Loss(labels, products) + penalty / 2 * Dot(weights, weights);
    }

    // log(1 + eᶻ) − y·z, the two terms of the loss in one.
    private static double Loss(ReadOnlySpan<double> labels, ReadOnlySpan<double> products)
    {
        var sum = new CompensatedSum();
        for (var row = 0; row < labels.Length; row++)
        {
            sum.Add(Logistic.Softplus(products[row]) - labels[row] * products[row]);
        }
        return sum.Value;
    }

    // Conjugate gradients for (Xᵀ D X + λ) step = −gradient, until the residual is short enough.
    private static double[] Solve(SparseRows rows, double[] curvature, double penalty, double[] gradient, double residualNorm)
    {
        var (step, image, weighted) = (new double[gradient.Length], new double[gradient.Length], new double[curvature.Length]);
        double[] residual = [.. gradient.Select(value => -value)];
        double[] direction = [.. residual];
        var square = Dot(residual, residual);
        for (var iteration = 0; iteration < gradient.Length && Math.Sqrt(square) > residualNorm; iteration++)
        {
            rows.Multiply(direction, weighted);
            for (var row = 0; row < weighted.Length; row++)
            {
                weighted[row] *= curvature[row];
            }
            for (var column = 0; column < image.Length; column++)
            {
                image[column] = penalty * direction[column];
            }
            rows.AddTransposed(weighted, image);

            var length = square / Dot(direction, image);
            for (var column = 0; column < step.Length; column++)
            {
                step[column] += length * direction[column];
                residual[column] -= length * image[column];
            }
            var next = Dot(residual, residual);
            for (var column = 0; column < direction.Length; column++)
            {
                direction[column] = residual[column] + next / square * direction[column];
            }
            square = next;
        }
        return step;
    }

    // The share of the step to take: 1, ½, ¼, … by Armijo's rule; 0 when none lowers the objective.
    private static double LineSearch(ReadOnlySpan<double> labels, double penalty, double[] weights, double[] step, double[] products, double[] stepProducts, double objective, double slope)
    {
        var (ww, ws, ss) = (Dot(weights, weights), Dot(weights, step), Dot(step, step));
        var moved = new double[products.Length];
        var length = 1.0;
        for (var halving = 0; halving < MaxHalvings; halving++, length /= 2)
        {
            for (var row = 0; row < moved.Length; row++)
            {
                moved[row] = products[row] + length * stepProducts[row];
            }
            var there = Loss(labels, moved) + penalty / 2 * (ww + 2 * length * ws + length * length * ss);
            if (there <= objective + SufficientDecrease * length * slope)
            {
                return length;
            }
        }
        return 0;
    }

    private static double Norm(ReadOnlySpan<double> vector) => Math.Sqrt(Dot(vector, vector));

    private static double Dot(ReadOnlySpan<double> left, ReadOnlySpan<double> right)
    {
        var sum = 0.0;
        for (var index = 0; index < left.Length; index++)
        {
            sum += left[index] * right[index];
        }
        return sum;
    }
}
