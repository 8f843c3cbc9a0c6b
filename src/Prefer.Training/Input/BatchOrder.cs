using Prefer.Statistics;

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
            new SplitMix64(((ulong)(uint)seed << 32) | (uint)epoch).Shuffle(indices);
        }
        return indices;
    }
}
