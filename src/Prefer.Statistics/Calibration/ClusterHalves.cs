namespace Prefer.Statistics;

/// <summary>Two halves of items that come in clusters: one to fit on, one to report on.</summary>
public static class ClusterHalves
{
    /// <summary>Deals whole clusters into two halves at random.</summary>
    /// <param name="clusters">One label an item; equal labels are one cluster, in any order.</param>
    /// <param name="seed">The same clusters in the same order get the same halves of a seed.</param>
    /// <returns>True for the items of the first half, which has half of the clusters, one more where their number is odd.</returns>
    public static bool[] Of(ReadOnlySpan<int> clusters, int seed)
    {
        var labels = new List<int>();
        var seen = new HashSet<int>();
        foreach (var cluster in clusters)
        {
            if (seen.Add(cluster))
            {
                labels.Add(cluster);
            }
        }

        var dealt = labels.ToArray();
        new SplitMix64((ulong)(uint)seed).Shuffle(dealt);
        var first = dealt.Take((dealt.Length + 1) / 2).ToHashSet();
        var isFirst = new bool[clusters.Length];
        for (var index = 0; index < clusters.Length; index++)
        {
            isFirst[index] = first.Contains(clusters[index]);
        }

        return isFirst;
    }
}
