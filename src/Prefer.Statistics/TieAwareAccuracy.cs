namespace Prefer.Statistics;

/// <summary>
/// Accuracy of a scorer that may call a pair a tie: it does where the rewards differ by no more than a threshold, and the threshold is the one at which most pairs are right.
/// </summary>
/// <param name="Accuracy">Share of right pairs, ties among them, in [0, 1].</param>
/// <param name="Threshold">The smallest threshold that reaches it, from 0.</param>
/// <remarks>
/// D. Deutsch, G. Foster, M. Freitag, "Ties matter: meta-evaluating modern metrics with pairwise accuracy and tie calibration" (EMNLP 2023). The threshold is fitted to the
/// pairs that it is judged on, so the figure is an upper one: two scorers may be compared by it, and no scorer with a fixed threshold.
/// </remarks>
public sealed record TieAwareAccuracy(double Accuracy, double Threshold)
{
    /// <summary>Finds the threshold in O(n log n).</summary>
    /// <param name="differences">Reward of the preferred response minus that of the other, one a pair; the sign of a tie's does not matter.</param>
    /// <param name="ties">True for pairs that are a tie, as many as differences.</param>
    public static TieAwareAccuracy Of(ReadOnlySpan<double> differences, ReadOnlySpan<bool> ties)
    {
        if (differences.Length == 0 || differences.Length != ties.Length)
        {
            throw new ArgumentException($"Found {differences.Length} differences and {ties.Length} labels, expected as many of each, and one at least.");
        }

        var sizes = new double[differences.Length];
        var gains = new int[differences.Length];
        var right = 0;
        for (var index = 0; index < sizes.Length; index++)
        {
            var difference = differences[index];
            if (double.IsNaN(difference))
            {
                throw new ArgumentException($"Found NaN as difference {index}, expected a number.");
            }

            // What is won when the threshold reaches this pair: a tie, or an order that was right and is given up.
            sizes[index] = Math.Abs(difference);
            gains[index] = ties[index] ? 1 : difference > 0 ? -1 : 0;
            right += !ties[index] && difference > 0 ? 1 : 0;
        }

        Array.Sort(sizes, gains);
        var (best, threshold) = (-1, 0.0);
        for (var index = 0; index < sizes.Length; index++)
        {
            if (index == 0 && sizes[0] > 0)
            {
                (best, threshold) = (right, 0);
            }

            right += gains[index];
            var isLastOfEqual = index + 1 == sizes.Length || sizes[index + 1] > sizes[index];
            if (isLastOfEqual && right > best)
            {
                (best, threshold) = (right, sizes[index]);
            }
        }

        return new TieAwareAccuracy((double)best / sizes.Length, threshold);
    }
}
