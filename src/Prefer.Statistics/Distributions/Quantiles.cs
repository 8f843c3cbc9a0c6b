namespace Prefer.Statistics;

/// <summary>Quantiles of a sample.</summary>
public static class Quantiles
{
    /// <summary>The sample's quantile: the values at equal distances from level 0 to level 1, straight lines between them.</summary>
    /// <param name="sorted">Ascending, at least one value.</param>
    /// <param name="level">From 0, the smallest value, to 1, the largest.</param>
    /// <remarks>Definition 7 of R. J. Hyndman and Y. Fan, "Sample quantiles in statistical packages", The American Statistician 50 (1996), which R and NumPy take where nothing else is said.</remarks>
    public static double Of(ReadOnlySpan<double> sorted, double level)
    {
        if (sorted.IsEmpty || !(level >= 0 && level <= 1))
        {
            throw new ArgumentException($"Found {sorted.Length} values and the level {level}, expected one value at least and a level from 0 to 1.");
        }

        var place = level * (sorted.Length - 1);
        var below = (int)place;
        var (low, high) = (sorted[below], sorted[Math.Min(below + 1, sorted.Length - 1)]);

        // Equal neighbours are given back as they are, whatever the share between them rounds to.
        return low == high ? low : low + ((place - below) * (high - low));
    }
}
