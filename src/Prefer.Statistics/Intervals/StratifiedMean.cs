namespace Prefer.Statistics;

/// <summary>
/// A weighted sum of means of strata, Σ Wₛ · meanₛ, whose items come in clusters: a benchmark's score over its subsets, the items of a prompt being no independent
/// evidence.
/// </summary>
/// <param name="Mean">The weighted sum; a mean where the weights sum to 1.</param>
/// <param name="StandardError">Cluster-robust standard error; NaN where a stratum has a single cluster, which says nothing about its spread.</param>
/// <param name="Interval">Mean ± t · standard error, with as many degrees of freedom as clusters less strata (at least 1). Not cut at the ends of what a score may be.</param>
/// <param name="ClusterCount">Clusters; one that lies in several strata counts once.</param>
public sealed record StratifiedMean(double Mean, double StandardError, Interval Interval, int ClusterCount)
{
    /// <summary>Estimates from items, the stratum and the cluster of each.</summary>
    /// <param name="values">One value an item; finite.</param>
    /// <param name="strata">One index into <paramref name="weights"/> an item.</param>
    /// <param name="clusters">One label an item; equal labels are one cluster, in any order, in one stratum or several.</param>
    /// <param name="weights">One a stratum, each of which has an item.</param>
    /// <param name="confidence">Coverage of the interval, between 0 and 1.</param>
    /// <remarks>
    /// With dᵢ = Wₛ · (xᵢ − meanₛ) / nₛ · √(Gₛ/(Gₛ − 1)), for an item of stratum s with nₛ items in Gₛ clusters, the variance is Σ_g (Σ_{i in g} dᵢ)²: the linearised
    /// variance of a stratified estimator with clusters (W. G. Cochran, Sampling Techniques, 3rd ed., 1977, chapters 5 and 9). A single stratum gives
    /// <see cref="ClusteredMean"/>; clusters of one item give √(Σ Wₛ² · varianceₛ / nₛ).
    /// </remarks>
    public static StratifiedMean Of(ReadOnlySpan<double> values, ReadOnlySpan<int> strata, ReadOnlySpan<int> clusters, ReadOnlySpan<double> weights, double confidence = 0.95)
    {
        if (values.Length == 0 || values.Length != strata.Length || values.Length != clusters.Length)
        {
            throw new ArgumentException($"Found {values.Length} values, {strata.Length} strata and {clusters.Length} cluster labels, expected as many of each, and one at least.");
        }

        var sums = new CompensatedSum[weights.Length];
        var counts = new int[weights.Length];
        var within = new HashSet<int>[weights.Length];
        for (var index = 0; index < values.Length; index++)
        {
            if (!double.IsFinite(values[index]))
            {
                throw new ArgumentException($"Value {index} is {values[index]}, expected a finite number.", nameof(values));
            }

            var stratum = strata[index];
            sums[stratum].Add(values[index]);
            counts[stratum]++;
            (within[stratum] ??= []).Add(clusters[index]);
        }

        if (counts.Contains(0))
        {
            throw new ArgumentException($"Stratum {counts.IndexOf(0)} of {weights.Length} has no items, expected one at least in each.", nameof(strata));
        }

        var mean = new CompensatedSum();
        for (var stratum = 0; stratum < weights.Length; stratum++)
        {
            mean.Add(weights[stratum] * (sums[stratum].Value / counts[stratum]));
        }

        var deviations = new Dictionary<int, double>();
        for (var index = 0; index < values.Length; index++)
        {
            var s = strata[index];
            var factor = Math.Sqrt(within[s].Count / (within[s].Count - 1.0));
            deviations[clusters[index]] = deviations.GetValueOrDefault(clusters[index]) + weights[s] * (values[index] - sums[s].Value / counts[s]) / counts[s] * factor;
        }

        if (within.Any(own => own.Count == 1))
        {
            return new StratifiedMean(mean.Value, double.NaN, new Interval(double.NegativeInfinity, double.PositiveInfinity), deviations.Count);
        }

        var squares = new CompensatedSum();
        foreach (var deviation in deviations.Values)
        {
            squares.Add(deviation * deviation);
        }

        var error = Math.Sqrt(squares.Value);
        var reach = StudentT.Quantile(0.5 + confidence / 2, Math.Max(1, deviations.Count - weights.Length)) * error;
        return new StratifiedMean(mean.Value, error, new Interval(mean.Value - reach, mean.Value + reach), deviations.Count);
    }
}
