namespace Prefer.Training;

/// <summary>
/// Which comparisons each optimizer step sees: a function of seed and step alone, so that a resumed run needs no other
/// memory. The last batch of an epoch may be smaller.
/// </summary>
/// <param name="count">Comparisons in the data.</param>
/// <param name="batchSize">Comparisons per step.</param>
/// <param name="shuffle">Whether each epoch has an order of its own.</param>
/// <param name="seed">The run's seed.</param>
/// <param name="mixture">Which comparisons an epoch has, <paramref name="count"/> of them; each one once when null.</param>
internal sealed class BatchOrder(int count, int batchSize, bool shuffle, int seed, MixtureOrder? mixture = null)
{
    private (int Epoch, int[] Indices)? latest;

    /// <summary>The order of a run over this data.</summary>
    internal static BatchOrder Of(TrainingSet training, TrainOptions options)
    {
        var mixture = training.Report.Sources.IsEmpty ? null : new MixtureOrder(training.Report.Sources, options.Shuffle, options.Seed);
        return new BatchOrder(mixture?.Count ?? training.Items.Length, options.BatchSize, options.Shuffle, options.Seed, mixture);
    }

    internal int StepsPerEpoch { get; } = (count + batchSize - 1) / batchSize;

    /// <summary>Indices of the comparisons of a 0-based step.</summary>
    internal ReadOnlySpan<int> At(int step)
    {
        var epoch = step / StepsPerEpoch;
        if (latest?.Epoch != epoch)
        {
            latest = (epoch, Permutation(epoch));
        }
        var start = step % StepsPerEpoch * batchSize;
        return latest.Value.Indices.AsSpan(start, Math.Min(batchSize, count - start));
    }

    /// <summary>Steps of a run.</summary>
    internal int TotalSteps(TrainOptions options) => options.MaxSteps ?? (int)Math.Max(1, Math.Ceiling(options.Epochs * StepsPerEpoch));

    private int[] Permutation(int epoch)
    {
        var indices = mixture?.Epoch(epoch) ?? [.. Enumerable.Range(0, count)];
        if (shuffle)
        {
            Shuffle(indices, new SplitMix64(((ulong)(uint)seed << 32) | (uint)epoch));
        }
        return indices;
    }

    /// <summary>Fisher–Yates over our own generator: the order must not change with the runtime's.</summary>
    internal static void Shuffle(int[] indices, SplitMix64 random)
    {
        for (var index = indices.Length - 1; index > 0; index--)
        {
            var other = (int)random.Below((ulong)index + 1);
            (indices[index], indices[other]) = (indices[other], indices[index]);
        }
    }
}

/// <summary>Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).</summary>
internal struct SplitMix64(ulong state)
{
    /// <summary>A uniform draw from 0 to bound − 1, by multiplication and rejection (Lemire 2019).</summary>
    internal ulong Below(ulong bound)
    {
        var threshold = (0 - bound) % bound;
        while (true)
        {
            var high = Math.BigMul(Next(), bound, out var low);
            if (low >= threshold)
            {
                return high;
            }
        }
    }

    private ulong Next()
    {
        state += 0x9E3779B97F4A7C15;
        var z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
