using System.Collections.Immutable;

namespace Prefer.Statistics;

/// <summary>One bar.</summary>
/// <param name="Low">Lower edge, inside.</param>
/// <param name="High">Upper edge, outside.</param>
/// <param name="Count">Values.</param>
public sealed record HistogramBin(double Low, double High, int Count);

/// <summary>Values counted in bins of equal width, without gaps, from the smallest value to the largest. 0 is an edge where the bins reach it, so that signs do not mix.</summary>
/// <param name="Bins">Ascending. A single one from the value to itself where all are equal.</param>
public sealed record Histogram(ImmutableArray<HistogramBin> Bins)
{
    /// <summary>Below this share of the largest value a width would be lost in rounding.</summary>
    private const double SmallestRelativeWidth = 1e-12;

    private static readonly double[] Steps = [1, 2, 5];

    /// <summary>Counts values.</summary>
    /// <param name="values">Finite, at least one.</param>
    /// <param name="maxBinCount">Bins at most, from 2; wide tails make wider bins.</param>
    /// <remarks>
    /// The width is that of D. Freedman and P. Diaconis (Zeitschrift für Wahrscheinlichkeitstheorie 57, 1981), 2 · interquartile range / ∛n, or that of H. A. Sturges (JASA 21, 1926) where half of the values
    /// are equal, rounded up to 1, 2 or 5 times a power of ten, and further until the bins are few enough. Edges are multiples of it.
    /// </remarks>
    public static Histogram Of(ReadOnlySpan<double> values, int maxBinCount = 40)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBinCount, 2);
        var sorted = values.ToArray();
        if (sorted.FirstOrDefault(value => !double.IsFinite(value)) is var broken && !double.IsFinite(broken))
        {
            throw new ArgumentException($"Found {broken} among the values, expected finite numbers.");
        }

        Array.Sort(sorted);
        var (smallest, largest) = (Quantiles.Of(sorted, 0), Quantiles.Of(sorted, 1));
        if (smallest == largest)
        {
            return new Histogram([new HistogramBin(smallest, largest, sorted.Length)]);
        }

        var width = 2 * (Quantiles.Of(sorted, 0.75) - Quantiles.Of(sorted, 0.25)) / Math.Cbrt(sorted.Length);
        width = width > 0 ? width : (largest - smallest) / (Math.Ceiling(Math.Log2(sorted.Length)) + 1);
        width = Math.Max(width, SmallestRelativeWidth * Math.Max(-smallest, largest));
        var exponent = (int)Math.Floor(Math.Log10(width)) - 1;
        var step = 0;
        while (Edge(1) < width || IndexOf(largest) - IndexOf(smallest) >= maxBinCount)
        {
            (step, exponent) = step == Steps.Length - 1 ? (0, exponent + 1) : (step + 1, exponent);
        }

        var first = IndexOf(smallest);
        var counts = new int[(int)(IndexOf(largest) - first) + 1];
        foreach (var value in sorted)
        {
            counts[(int)(IndexOf(value) - first)]++;
        }

        return new Histogram([.. counts.Select((count, bin) => new HistogramBin(Edge(first + bin), Edge(first + bin + 1), count))]);

        // Divided by a power of ten where the width is below one, so that an edge is the double nearest to its decimal number.
        double Edge(double index) => exponent < 0 ? index * Steps[step] / Math.Pow(10, -exponent) : index * Steps[step] * Math.Pow(10, exponent);

        double IndexOf(double value)
        {
            var index = Math.Floor(value / Edge(1));
            return value < Edge(index) ? index - 1 : value >= Edge(index + 1) ? index + 1 : index;
        }
    }
}
