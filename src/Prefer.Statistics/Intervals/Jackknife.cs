namespace Prefer.Statistics;

/// <summary>The standard error of a statistic of items in clusters, from how it moves when a group of clusters is left out.</summary>
/// <param name="StandardError">√((G − 1)/G · Σ_g (t_g − mean of t)²), with t_g the statistic without group g.</param>
/// <param name="GroupCount">G.</param>
/// <remarks>
/// J. W. Tukey, Annals of Mathematical Statistics 29 (1958); a group for each cluster, as R. Newson has it for rank correlations (Stata Journal 2, 2002), up to <see cref="MaxGroups"/>
/// of them. More clusters are dealt out to that many groups, P. S. Kott, Journal of Official Statistics 17 (2001). For rank correlations it is better than <see cref="ClusteredBootstrap"/>:
/// no item comes twice, which they would take for a tie, and it costs a twentieth. It is right for smooth statistics (means, correlations), not for medians.
/// </remarks>
public sealed record Jackknife(double StandardError, int GroupCount)
{
    /// <summary>The most groups that are left out one by one.</summary>
    public const int MaxGroups = 100;

    /// <summary>Leaves out group after group.</summary>
    /// <param name="statistic">Its value for the items with these indices, in ascending order; null where there is none.</param>
    /// <param name="clusters">One label an item; equal labels are one cluster, in any order.</param>
    /// <returns>Null with a single cluster, and where the statistic without some group has no value.</returns>
    public static Jackknife? Of(Func<int[], double?> statistic, ReadOnlySpan<int> clusters)
    {
        ArgumentNullException.ThrowIfNull(statistic);
        var places = new Dictionary<int, int>();
        var groupOf = new int[clusters.Length];
        for (var item = 0; item < groupOf.Length; item++)
        {
            if (!places.TryGetValue(clusters[item], out var place))
            {
                places[clusters[item]] = place = places.Count;
            }
            groupOf[item] = place % MaxGroups;
        }
        var groupCount = Math.Min(places.Count, MaxGroups);
        if (groupCount < 2)
        {
            return null;
        }

        var values = new double[groupCount];
        for (var group = 0; group < groupCount; group++)
        {
            if (statistic([.. Enumerable.Range(0, groupOf.Length).Where(item => groupOf[item] != group)]) is not { } value)
            {
                return null;
            }
            values[group] = value;
        }
        var mean = CompensatedSum.Mean(values);
        var squares = new CompensatedSum();
        foreach (var value in values)
        {
            squares.Add((value - mean) * (value - mean));
        }
        return new Jackknife(Math.Sqrt((groupCount - 1.0) / groupCount * squares.Value), groupCount);
    }
}
