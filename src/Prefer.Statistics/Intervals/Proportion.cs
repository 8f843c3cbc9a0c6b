namespace Prefer.Statistics;

/// <summary>Intervals for a share of successes among independent trials.</summary>
public static class Proportion
{
    /// <summary>The Wilson score interval, which stays inside [0, 1] and does not collapse at 0 or n successes.</summary>
    /// <param name="successes">From 0 to <paramref name="trials"/>; halves are allowed, for ties that count one half.</param>
    /// <param name="trials">Positive.</param>
    /// <param name="confidence">Coverage, between 0 and 1.</param>
    /// <remarks>E. B. Wilson, JASA 22 (1927), 209–212; method 3 of R. G. Newcombe, Statistics in Medicine 17 (1998), 857–872. Trials
    /// are taken as independent: for several items a prompt see <see cref="ClusteredMean"/>.</remarks>
    public static Interval Wilson(double successes, long trials, double confidence = 0.95)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(trials);
        ArgumentOutOfRangeException.ThrowIfNegative(successes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(successes, trials);

        var z = Normal.Quantile(0.5 + confidence / 2);
        var share = successes / trials;
        var centre = share + z * z / (2 * trials);
        var spread = z * Math.Sqrt(share * (1 - share) / trials + z * z / (4.0 * trials * trials));
        var scale = 1 + z * z / trials;
        return new Interval(successes == 0 ? 0 : (centre - spread) / scale, successes == trials ? 1 : (centre + spread) / scale);
    }
}
