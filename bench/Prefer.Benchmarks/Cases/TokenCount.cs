using Prefer.Models;

namespace Prefer.Benchmarks.Cases;

/// <summary>Tokens of batches, counted three ways.</summary>
/// <param name="Padded">Every row as long as the longest of its batch.</param>
/// <param name="Real">Of all sequences, each one whole.</param>
/// <param name="Packed">Of the forest that the model makes of each batch: what Prefer computes, but for what micro-batches repeat.</param>
/// <param name="PaddedKeys">Keys that the padded tokens look at, pad tokens taken for tokens.</param>
/// <param name="PackedKeys">Keys that the packed tokens look at.</param>
internal sealed record TokenCount(long Padded, long Real, long Packed, double PaddedKeys, double PackedKeys)
{
    internal static TokenCount Of(RewardModel model, IEnumerable<EncodedSequence[]> batches)
    {
        var total = new TokenCount(0, 0, 0, 0, 0);
        foreach (var batch in batches)
        {
            var longest = batch.Max(sequence => sequence.Ids.Length);
            var builder = model.NewBatch();
            foreach (var sequence in batch)
            {
                builder.Add(sequence, 0);
            }
            var (forest, _) = builder.Build();
            var keys = model.IsCausal ? forest.Positions.Sum(position => position + 1.0) : forest.SequenceLengths.Sum(Keys);
            double Keys(int length) => model.IsCausal ? length * (length + 1.0) / 2 : (double)length * length;
            total = new TokenCount(
                total.Padded + ((long)longest * batch.Length), total.Real + batch.Sum(sequence => (long)sequence.Ids.Length), total.Packed + forest.Tokens.Length,
                total.PaddedKeys + (batch.Length * Keys(longest)), total.PackedKeys + keys);
        }
        return total;
    }
}
