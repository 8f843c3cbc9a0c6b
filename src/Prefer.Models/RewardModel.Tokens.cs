using System.Collections.Immutable;
using System.Globalization;
using Prefer.Torch;

namespace Prefer.Models;

/// <summary>A token of a sequence and the reward that is read at it.</summary>
/// <param name="Text">What it adds to the text; empty for a special token and for the first bytes of a character that several tokens make. The id as a number where there is no tokenizer.</param>
/// <param name="Reward">The reward of the sequence if it ended here.</param>
public sealed record TokenReward(string Text, double Reward);

public sealed partial class RewardModel
{
    /// <summary>
    /// The reward at each token of a sequence from the response on (from the beginning where the sequence does not say where that is): what the model thought so far. Only
    /// the last one was trained; the others show where it changed its mind.
    /// </summary>
    /// <returns>Null for an encoder, which reads both ways and has one reward for the whole.</returns>
    public ImmutableArray<TokenReward>? TokenRewards(EncodedSequence sequence)
    {
        ArgumentNullException.ThrowIfNull(sequence);
        if (!IsCausal)
        {
            return null;
        }

        using var scope = new TensorScope();
        using var noGrad = TorchRuntime.NoGrad();
        var batch = NewBatch();
        batch.Add(sequence, PooledPosition(sequence.Ids.AsSpan()));
        var (forest, _) = batch.Build();
        long[] everywhere = [.. Enumerable.Range(0, sequence.Ids.Length).Select(position => (long)forest.PackedIndex(0, position))];
        var rewards = Forward(forest, everywhere).To(DType.Float64).ToArray<double>();
        var texts = Pieces(sequence.Ids);
        return [.. Enumerable.Range(sequence.ResponseStart, sequence.Ids.Length - sequence.ResponseStart).Select(index => new TokenReward(texts[index], rewards[index]))];
    }

    /// <summary>The text of each token: what decoding gains by it. A character that is not complete yet is left to the token that completes it.</summary>
    private string[] Pieces(ImmutableArray<int> ids)
    {
        var pieces = new string[ids.Length];
        var before = 0;
        for (var index = 0; index < pieces.Length; index++)
        {
            if (Tokenizer is null)
            {
                pieces[index] = ids[index].ToString(CultureInfo.InvariantCulture);
                continue;
            }

            var text = Tokenizer.Decode(ids[..(index + 1)], skipSpecialTokens: true).TrimEnd('\uFFFD');
            pieces[index] = text.Length > before ? text[before..] : "";
            before = Math.Max(before, text.Length);
        }

        return pieces;
    }
}
