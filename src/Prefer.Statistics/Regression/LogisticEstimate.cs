using System.Collections.Immutable;

namespace Prefer.Statistics;

/// <summary>
/// A logistic regression of an intercept and few columns, with intervals of its weights. It exists for all data: where a column tells the labels apart without fault the weight stays
/// finite, and its interval is wide.
/// </summary>
/// <remarks>
/// One row is added that has nothing but the intercept, and the label ½: Jeffreys' prior of a proportion, in regressions log-F(1, 1), S. Greenland and M. A. Mansournia, Statistics in
/// Medicine 34 (2015). So of labels alone the fit is (successes + ½)/(n + 1). A penalty of <see cref="Penalty"/>/2 · |w|² keeps the other weights finite; it is less than a row's worth for weights
/// of any use.
/// </remarks>
public sealed record LogisticEstimate
{
    /// <summary>λ of the penalty.</summary>
    public const double Penalty = 1e-3;

    /// <summary>The intercept's, then one a column.</summary>
    public required ImmutableArray<double> Weights { get; init; }

    /// <summary>Of the weights, from the inverse Hessian: right where rows are independent.</summary>
    public required ImmutableArray<double> StandardErrors { get; init; }

    /// <summary>
    /// Of the weights where rows come in clusters: the sandwich of Liang and Zeger with the factor CR1, as for <see cref="ClusteredMean"/>, the added row a cluster of its own. Near 0
    /// where the fit is exact.
    /// </summary>
    public required ImmutableArray<double> ClusteredErrors { get; init; }

    /// <summary>Clusters, without the added row.</summary>
    public required int ClusterCount { get; init; }

    /// <summary>
    /// Weight ± t · error with clusters − 1 degrees of freedom, the larger of the two errors: without clusters the clustered one knows nothing of a weight that the labels leave
    /// open. Null with a single cluster.
    /// </summary>
    public Interval? Interval(int weight, double confidence = 0.95)
    {
        if (ClusterCount < 2)
        {
            return null;
        }
        var reach = StudentT.Quantile(0.5 + confidence / 2, ClusterCount - 1) * Math.Max(StandardErrors[weight], ClusteredErrors[weight]);
        return new Interval(Weights[weight] - reach, Weights[weight] + reach);
    }

    /// <summary>Fits.</summary>
    /// <param name="rows">At least one, all equally long (none is long enough), finite; without the intercept.</param>
    /// <param name="labels">One a row, in [0, 1].</param>
    /// <param name="clusters">One label a row; equal labels are one cluster.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a number is not finite or no probability.</exception>
    public static LogisticEstimate Of(IReadOnlyList<double[]> rows, ReadOnlySpan<double> labels, ReadOnlySpan<int> clusters)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Count == 0 || rows.Count != labels.Length || rows.Count != clusters.Length || rows.Any(row => row.Length != rows[0].Length || !row.All(double.IsFinite)))
        {
            throw new ArgumentException($"Found {rows.Count} rows, {labels.Length} labels and {clusters.Length} cluster labels, expected as many of each, one at least, and rows of equally many finite numbers.");
        }
        foreach (var label in labels)
        {
            if (!(label is >= 0 and <= 1))
            {
                throw new ArgumentException($"Found the label {label}, expected a probability.");
            }
        }

        var columnCount = 1 + rows[0].Length;
        double[][] all = [.. rows.Select(row => (double[])[1, .. row]), [1, .. new double[rows[0].Length]]];
        double[] targets = [.. labels, 0.5];
        var sparse = new SparseRows();
        foreach (var row in all)
        {
            sparse.Add(row.Index().Select(entry => (entry.Index, entry.Item)));
        }
        var weights = LogisticRegression.Fit(sparse, targets, Penalty).Weights;

        var hessian = new double[columnCount, columnCount];
        for (var column = 0; column < columnCount; column++)
        {
            hessian[column, column] = Penalty;
        }
        var scores = new Dictionary<(bool IsAdded, int Label), double[]>();
        for (var index = 0; index < all.Length; index++)
        {
            var product = all[index].Zip(weights, (value, weight) => value * weight).Sum();
            var (probability, opposite) = (Logistic.Sigmoid(product), Logistic.Sigmoid(-product));
            // y − σ as y(1 − σ) − (1 − y)σ keeps its digits in both tails.
            var residual = targets[index] * opposite - (1 - targets[index]) * probability;
            var key = index < rows.Count ? (false, clusters[index]) : (true, 0);
            if (!scores.TryGetValue(key, out var score))
            {
                scores[key] = score = new double[columnCount];
            }
            for (var column = 0; column < columnCount; column++)
            {
                score[column] += residual * all[index][column];
                for (var other = 0; other < columnCount; other++)
                {
                    hessian[column, other] += probability * opposite * all[index][column] * all[index][other];
                }
            }
        }
        var inverse = Inverse(hessian);
        var factor = scores.Count / (scores.Count - 1.0);
        var squares = new double[columnCount];
        foreach (var score in scores.Values)
        {
            for (var column = 0; column < columnCount; column++)
            {
                var moved = Enumerable.Range(0, columnCount).Sum(other => inverse[column, other] * score[other]);
                squares[column] += moved * moved;
            }
        }
        return new LogisticEstimate
        {
            Weights = [.. weights],
            StandardErrors = [.. Enumerable.Range(0, columnCount).Select(column => Math.Sqrt(inverse[column, column]))],
            ClusteredErrors = [.. squares.Select(square => Math.Sqrt(factor * square))],
            ClusterCount = scores.Count - 1,
        };
    }

    // Gauss and Jordan's elimination in place; a positive definite matrix needs no pivoting.
    private static double[,] Inverse(double[,] matrix)
    {
        var size = matrix.GetLength(0);
        for (var pivot = 0; pivot < size; pivot++)
        {
            var reciprocal = 1 / matrix[pivot, pivot];
            for (var row = 0; row < size; row++)
            {
                if (row == pivot)
                {
                    continue;
                }
                var factor = matrix[row, pivot] * reciprocal;
                for (var column = 0; column < size; column++)
                {
                    matrix[row, column] -= factor * matrix[pivot, column];
                }
                matrix[row, pivot] = -factor;
            }
            for (var column = 0; column < size; column++)
            {
                matrix[pivot, column] *= reciprocal;
            }
            matrix[pivot, pivot] = reciprocal;
        }
        return matrix;
    }
}
