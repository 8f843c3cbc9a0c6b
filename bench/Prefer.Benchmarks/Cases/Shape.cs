using Prefer.Models;
using Prefer.Training;

namespace Prefer.Benchmarks.Cases;

/// <summary>Pairs of random ids whose two responses share a prompt.</summary>
/// <param name="Prompt">Tokens of the prompt.</param>
/// <param name="Response">Tokens of each response.</param>
/// <param name="PairCount">Pairs of an optimizer step: fewer of long ones, so that a step takes seconds.</param>
internal sealed record Shape(int Prompt, int Response, int PairCount)
{
    /// <summary>How many times shorter the shapes of <see cref="Amount.Tiny"/> are.</summary>
    private const int Shrinkage = 32;

    internal string Name => $"{Prompt}+{Response}";

    /// <summary>Batches of this shape, the same for every way of computing them.</summary>
    /// <param name="model">Whose vocabulary the ids are of.</param>
    /// <param name="amount">How many, and whether shrunk.</param>
    internal EncodedComparison[][] Batches(RewardModel model, Amount amount)
    {
        var random = new Random(1);
        var shrinkage = amount.Shrinks ? Shrinkage : 1;
        // The first ids are special tokens, the pad token among them, or the last one is.
        int[] Ids(int count) => [.. Enumerable.Range(0, count / shrinkage).Select(_ => random.Next(8, model.Network.VocabularySize - 1))];
        EncodedComparison Pair()
        {
            var prompt = Ids(Prompt);
            EncodedSequence Sequence() => new([.. prompt, .. Ids(Response)], [], 0);
            return new EncodedComparison(Name, Sequence(), Sequence(), Label: 1, Margin: 0, Weight: 1);
        }
        return [.. Enumerable.Range(0, amount.StepCount).Select(_ => Enumerable.Range(0, PairCount).Select(_ => Pair()).ToArray())];
    }
}
