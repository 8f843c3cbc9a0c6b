using Prefer.Benchmarks.Cases;
using Prefer.Models;
using Prefer.Torch;
using Prefer.Training;

namespace Prefer.Benchmarks.Padded;

/// <summary>Steps as an ordinary trainer takes them: all rows of a batch padded to the longest, chosen before rejected.</summary>
internal sealed class PaddedTraining(RewardModel model, Precision precision) : ITraining
{
    /// <summary>What attention may keep for the backward pass; rows of long batches go in several passes, whose gradients add up.</summary>
    private const double AttentionBytes = 6e9;

    private readonly PaddedNetwork network = PaddedNetwork.Of(model, precision);
    private readonly PaddedAdamW optimizer = new(model.Parameters);

    /// <exception cref="NotAvailableException">Not even one pair fits.</exception>
    public double Step(EncodedComparison[] batch)
    {
        var bytes = network.AttentionBytes(2, batch.Max(pair => pair.Sequences.Max(sequence => sequence.Ids.Length)));
        if (bytes > AttentionBytes)
        {
            throw new NotAvailableException(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"attention over padded rows would keep {bytes / 1e9:0.0} GB for one pair"));
        }
        var loss = 0.0;
        foreach (var part in batch.Chunk((int)(AttentionBytes / bytes)))
        {
            using var scope = new TensorScope();
            var rewards = network.Rewards([.. part.Select(pair => pair.Chosen), .. part.Select(pair => pair.Rejected)]).Split([part.Length, part.Length]);
            var cost = -(rewards[0] - rewards[1]).LogSigmoid().Sum() / batch.Length;
            cost.Backward();
            loss += cost.Item();
        }
        optimizer.Step(PreferTraining.LearningRate);
        return loss;
    }

    public void Dispose() => optimizer.Dispose();
}
