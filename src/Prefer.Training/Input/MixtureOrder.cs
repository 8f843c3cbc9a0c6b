using Prefer.Statistics;

namespace Prefer.Training;

/// <summary>
/// Which comparisons of each source an epoch of a mixture has: a function of seed and epoch alone. A source is gone through over and
/// over, each time in a new seeded order, and an epoch goes on where the one before stopped: no comparison of a source comes a third
/// time before every other came a second.
/// </summary>
/// <param name="sources">The sources, whose comparisons stand one source after the other.</param>
/// <param name="shuffle">Whether each pass through a source has an order of its own; otherwise that of its files.</param>
/// <param name="seed">The run's seed.</param>
internal sealed class MixtureOrder(IReadOnlyList<SourceShare> sources, bool shuffle, int seed)
{
    /// <summary>Comparisons of an epoch.</summary>
    internal int Count { get; } = sources.Sum(source => source.PerEpoch);

    /// <summary>Indices of an epoch's comparisons, the sources spread evenly among one another.</summary>
    internal int[] Epoch(int epoch)
    {
        var drawn = new List<(double Place, int Index)>(Count);
        var start = 0;
        for (var source = 0; source < sources.Count; source++)
        {
            var (size, count) = (sources[source].Comparisons, sources[source].PerEpoch);
            (long Pass, int[] Order)? latest = null;
            for (var draw = 0; draw < count; draw++)
            {
                var (pass, place) = Math.DivRem(((long)epoch * count) + draw, size);
                if (latest?.Pass != pass)
                {
                    latest = (pass, Order(size, source, pass));
                }
                drawn.Add(((draw + 0.5) / count, start + latest.Value.Order[place]));
            }
            start += size;
        }
        // The sort keeps the order of equals: the earlier source first.
        return [.. drawn.OrderBy(entry => entry.Place).Select(entry => entry.Index)];
    }

    private int[] Order(int size, int source, long pass)
    {
        var order = Enumerable.Range(0, size).ToArray();
        if (shuffle)
        {
            // A stream for each source; multiplied by an odd number, so that neighbours are far apart.
            new SplitMix64((((ulong)(uint)seed << 32) | (uint)pass) ^ ((ulong)(source + 1) * 0xD1B54A32D192ED03)).Shuffle(order);
        }
        return order;
    }
}
