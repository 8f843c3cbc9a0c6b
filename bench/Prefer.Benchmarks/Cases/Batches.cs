using Prefer.Models;
using Prefer.Statistics;
using Prefer.Training;

namespace Prefer.Benchmarks.Cases;

/// <summary>
/// The batches that are measured. A few stand for a data set, so a run of batches is chosen whose lengths, padding and shared
/// prompts are nearest to those of all batches of the seeded order.
/// </summary>
internal static class Batches
{
    internal const int PairCount = 8, RowCount = 16;

    private const int Seed = 42;

    /// <summary>Batches of eight pairs for training: in random order, or sorted by their longer side and then in random order.</summary>
    internal static EncodedComparison[][] OfTraining(EncodedComparison[] pairs, bool sorted, RewardModel model, int count)
    {
        int[] order = [.. Enumerable.Range(0, pairs.Length)];
        if (!sorted)
        {
            new SplitMix64(Seed).Shuffle(order);
        }
        var ordered = sorted ? pairs.OrderBy(pair => pair.Sequences.Max(sequence => sequence.Ids.Length)) : order.Select(index => pairs[index]);
        return Choose([.. ordered.Chunk(PairCount)], batch => [.. batch.SelectMany(pair => pair.Sequences)], model, count);
    }

    /// <summary>Batches of sixteen rows for scoring: as pairs in the order of the data, or sorted by length.</summary>
    internal static EncodedSequence[][] OfScoring(EncodedComparison[] pairs, bool sorted, RewardModel model, int count)
    {
        var rows = pairs.SelectMany(pair => pair.Sequences);
        return Choose([.. (sorted ? rows.OrderBy(row => row.Ids.Length) : rows).Chunk(RowCount)], batch => batch, model, count);
    }

    /// <summary>A run of batches in shuffled order whose sums per batch are nearest to the mean; whole batches only.</summary>
    private static T[][] Choose<T>(T[][] batches, Func<T[], EncodedSequence[]> sequencesOf, RewardModel model, int count)
    {
        var whole = batches.Where(batch => batch.Length == batches[0].Length).ToArray();
        int[] order = [.. Enumerable.Range(0, whole.Length)];
        new SplitMix64(Seed + 1).Shuffle(order);
        double[][] sums = [.. order.Select(index =>
        {
            var tokens = TokenCount.Of(model, [sequencesOf(whole[index])]);
            return new double[] { tokens.Padded, tokens.Real, tokens.Packed };
        })];
        double Distance(int start) => Enumerable.Range(0, 3).Sum(kind =>
            Math.Abs(Math.Log(sums.Skip(start).Take(count).Average(sum => sum[kind]) / sums.Average(sum => sum[kind]))));
        var best = Enumerable.Range(0, order.Length - count + 1).MinBy(Distance);
        return [.. order.AsSpan(best, count).ToArray().Select(index => whole[index])];
    }
}
