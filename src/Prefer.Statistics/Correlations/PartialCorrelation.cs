namespace Prefer.Statistics;

/// <summary>What correlation is left when a third variable is held fixed.</summary>
public static class PartialCorrelation
{
    /// <summary>Correlations are known to some units in the last place, so a smaller 1 − r² has no digit that is right.</summary>
    private const double LeastRest = 1e-12;

    /// <summary>The correlation of what x and y have beyond their least-squares lines on z, in [−1, 1]; null where z alone gives x or y, to rounding.</summary>
    /// <param name="xy">Correlation of x and y.</param>
    /// <param name="xz">Correlation of x and the control z.</param>
    /// <param name="yz">Correlation of y and the control z.</param>
    /// <exception cref="ArgumentException">A correlation is not in [−1, 1].</exception>
    /// <remarks>G. U. Yule, Proceedings of the Royal Society A 79 (1907). Where the three are taken about zero instead of the means, so is the result.</remarks>
    public static double? Of(double xy, double xz, double yz)
    {
        foreach (var correlation in (ReadOnlySpan<double>)[xy, xz, yz])
        {
            if (!(correlation is >= -1 and <= 1))
            {
                throw new ArgumentException($"Found {correlation}, expected a correlation, in [−1, 1].");
            }
        }
        // 1 − r² as (1 − r)(1 + r) keeps its digits when r is near 1.
        var (left, right) = ((1 - xz) * (1 + xz), (1 - yz) * (1 + yz));
        return left > LeastRest && right > LeastRest ? Math.Clamp((xy - xz * yz) / Math.Sqrt(left) / Math.Sqrt(right), -1, 1) : null;
    }
}
