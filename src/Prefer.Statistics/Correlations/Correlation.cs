namespace Prefer.Statistics;

/// <summary>
/// What Pearson's correlation of pairs (x, y) is made of: their number, means, and sums of squared and multiplied deviations from the means.
/// Two parts add up to the whole without the cancellation of raw sums.
/// </summary>
/// <remarks>T. F. Chan, G. H. Golub, R. J. LeVeque, "Algorithms for computing the sample variance", The American Statistician 37 (1983).</remarks>
public sealed record Correlation
{
    /// <summary>Pairs.</summary>
    public long Count { get; init; }

    /// <summary>Mean of x.</summary>
    public double MeanX { get; init; }

    /// <summary>Mean of y.</summary>
    public double MeanY { get; init; }

    /// <summary>Σ (x − mean)².</summary>
    public double SquaresX { get; init; }

    /// <summary>Σ (y − mean)².</summary>
    public double SquaresY { get; init; }

    /// <summary>Σ (x − mean of x)(y − mean of y).</summary>
    public double Products { get; init; }

    /// <summary>One pair.</summary>
    public static Correlation Of(double x, double y) => new() { Count = 1, MeanX = x, MeanY = y };

    /// <summary>All pairs, in two passes.</summary>
    /// <param name="x">Finite numbers.</param>
    /// <param name="y">As many.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a number is not finite.</exception>
    public static Correlation Of(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        FinitePairs.Require(x, y);
        if (x.IsEmpty)
        {
            return new Correlation();
        }
        // The mean of equal numbers may be off by a rounding, which must not pass for variation.
        var (meanX, meanY) = (x.ContainsAnyExcept(x[0]) ? CompensatedSum.Mean(x) : x[0], y.ContainsAnyExcept(y[0]) ? CompensatedSum.Mean(y) : y[0]);
        var (squaresX, squaresY, products) = (new CompensatedSum(), new CompensatedSum(), new CompensatedSum());
        for (var index = 0; index < x.Length; index++)
        {
            var (dx, dy) = (x[index] - meanX, y[index] - meanY);
            squaresX.Add(dx * dx);
            squaresY.Add(dy * dy);
            products.Add(dx * dy);
        }
        return new Correlation { Count = x.Length, MeanX = meanX, MeanY = meanY, SquaresX = squaresX.Value, SquaresY = squaresY.Value, Products = products.Value };
    }

    /// <summary>Both parts together.</summary>
    public Correlation Plus(Correlation other)
    {
        if (Count == 0 || other.Count == 0)
        {
            return Count == 0 ? other : this;
        }

        var count = Count + other.Count;
        var (dx, dy) = (other.MeanX - MeanX, other.MeanY - MeanY);
        var share = (double)other.Count / count;
        var between = Count * share;
        return new Correlation
        {
            Count = count,
            MeanX = MeanX + (dx * share),
            MeanY = MeanY + (dy * share),
            SquaresX = SquaresX + other.SquaresX + (dx * dx * between),
            SquaresY = SquaresY + other.SquaresY + (dy * dy * between),
            Products = Products + other.Products + (dx * dy * between),
        };
    }

    /// <summary>Pearson's correlation, in [−1, 1]; null where x or y does not vary.</summary>
    public double? Pearson() => SquaresX > 0 && SquaresY > 0 ? Math.Clamp(Products / Math.Sqrt(SquaresX) / Math.Sqrt(SquaresY), -1, 1) : null;
}
