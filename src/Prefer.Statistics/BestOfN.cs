namespace Prefer.Statistics;

/// <summary>What choosing the best of n samples by one score, the proxy, gains in another, the gold.</summary>
public static class BestOfN
{
    /// <summary>
    /// The expected gold score of the sample that the proxy likes best among n drawn without replacement, for every n from 1 to N: without bias for n fresh
    /// samples. A proxy that ties decides by a fair draw among the tied.
    /// </summary>
    /// <param name="proxy">N finite scores, one at least.</param>
    /// <param name="gold">As many.</param>
    /// <returns>N values: the first is the mean of gold, the last the gold score of the proxy's best of all.</returns>
    /// <exception cref="ArgumentException">There are none, the lengths differ, or a score is not finite.</exception>
    /// <remarks>
    /// R. Nakano et al., "WebGPT" (2021), appendix on best-of-n: in ascending order of the proxy the i-th of N samples is the best of C(i−1, n−1) among C(N, n) draws. Tied samples at
    /// the places a+1 … b hold the best of C(b, n) − C(a, n) draws together, by symmetry each the same share.
    /// </remarks>
    public static double[] Curve(ReadOnlySpan<double> proxy, ReadOnlySpan<double> gold)
    {
        FinitePairs.Require(proxy, gold);
        if (proxy.IsEmpty)
        {
            throw new ArgumentException("Found no samples, expected one at least.");
        }
        var (keys, golds) = (proxy.ToArray(), gold.ToArray());
        Array.Sort(keys, golds);
        var (ends, means) = TiedRuns(keys, golds);

        // P(all n drawn lie among the first `end`) = C(end, n)/C(N, n), renewed from n to n + 1 by the factor (end − n)/(N − n).
        var within = ends.Select(_ => 1.0).ToArray();
        var curve = new double[keys.Length];
        for (var n = 1; n <= curve.Length; n++)
        {
            var (sum, below) = (new CompensatedSum(), 0.0);
            for (var run = 0; run < ends.Length; run++)
            {
                within[run] *= Math.Max(0, ends[run] - n + 1) / (double)(keys.Length - n + 1);
                sum.Add((within[run] - below) * means[run]);
                below = within[run];
            }
            curve[n - 1] = sum.Value;
        }
        return curve;
    }

    /// <summary>log n − (n − 1)/n, in nats: how far choosing the best of n moves a policy, KL(best-of-n ‖ policy). Exact where no two samples tie, else an upper bound.</summary>
    /// <remarks>N. Stiennon et al., "Learning to summarize from human feedback" (2020); for the bound A. Beirami et al., "Theoretical guarantees on the best-of-n alignment policy" (2024).</remarks>
    public static double KullbackLeibler(int n)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(n);
        return Math.Log(n) - (n - 1.0) / n;
    }

    // Where each run of equal proxies ends (as a count), and its mean gold score.
    private static (int[] Ends, double[] Means) TiedRuns(double[] keys, double[] golds)
    {
        List<int> ends = [];
        List<double> means = [];
        for (int start = 0, end; start < keys.Length; start = end)
        {
            for (end = start + 1; end < keys.Length && keys[end] == keys[start]; end++)
            {
            }
            ends.Add(end);
            means.Add(CompensatedSum.Mean(golds.AsSpan(start..end)));
        }
        return ([.. ends], [.. means]);
    }
}
