namespace Prefer.Statistics;

/// <summary>
/// Intervals of correlations, made where they are nearly normal with a variance that does not depend on them: z = artanh r, and back. There is none (null) for
/// r = ±1, whose z is infinite.
/// </summary>
public static class CorrelationInterval
{
    /// <summary>Of Pearson's r of n independent pairs, with the variance 1/(n − 3); null below 4 pairs.</summary>
    /// <remarks>R. A. Fisher, Metron 1 (1921).</remarks>
    public static Interval? Pearson(double correlation, long count, double confidence = 0.95) => Of(correlation, 1, count - 3, confidence);

    /// <summary>Of Spearman's rho of n independent pairs, with the variance 1.06/(n − 3); null below 4 pairs.</summary>
    /// <remarks>E. C. Fieller, H. O. Hartley, E. S. Pearson, Biometrika 44 (1957): for normal variables with |ρ| to 0.8 and n from 10. Ties make it less exact.</remarks>
    public static Interval? Spearman(double correlation, long count, double confidence = 0.95) => Of(correlation, 1.06, count - 3, confidence);

    /// <summary>Of Kendall's tau of n independent pairs, with the variance 0.437/(n − 4); null below 5 pairs.</summary>
    /// <remarks>As for <see cref="Spearman"/>, the same paper.</remarks>
    public static Interval? Kendall(double correlation, long count, double confidence = 0.95) => Of(correlation, 0.437, count - 4, confidence);

    /// <summary>Of any correlation of items in clusters, with the variance of z by <see cref="Jackknife"/> and Student's t on groups − 1 degrees of freedom.</summary>
    /// <param name="correlation">The correlation of the items with these indices, in ascending order; null where there is none.</param>
    /// <param name="clusters">One label an item.</param>
    /// <param name="confidence">Coverage, between 0 and 1.</param>
    /// <returns>Null with a single cluster, and where the correlation of all, or without some group, does not exist or is ±1.</returns>
    public static Interval? Clustered(Func<int[], double?> correlation, ReadOnlySpan<int> clusters, double confidence = 0.95)
    {
        ArgumentNullException.ThrowIfNull(correlation);
        double? Stabilised(int[] rows) => correlation(rows) is { } r && Math.Abs(r) < 1 ? Math.Atanh(r) : null;
        return Stabilised([.. Enumerable.Range(0, clusters.Length)]) is { } z && Jackknife.Of(Stabilised, clusters) is { } jackknife
            ? Back(z, StudentT.Quantile(0.5 + confidence / 2, jackknife.GroupCount - 1) * jackknife.StandardError)
            : null;
    }

    private static Interval? Of(double correlation, double scale, long freedom, double confidence)
    {
        if (!(correlation is >= -1 and <= 1))
        {
            throw new ArgumentException($"Found {correlation}, expected a correlation, in [−1, 1].");
        }
        return freedom < 1 || Math.Abs(correlation) == 1 ? null : Back(Math.Atanh(correlation), Normal.Quantile(0.5 + confidence / 2) * Math.Sqrt(scale / freedom));
    }

    private static Interval Back(double z, double reach) => new(Math.Tanh(z - reach), Math.Tanh(z + reach));
}
