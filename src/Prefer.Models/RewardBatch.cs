namespace Prefer.Models;

/// <summary>Sequences to be rewarded in one pass: a forest in the making, and the token of each sequence that is pooled.</summary>
/// <param name="sharePrefixes">Whether the model is causal.</param>
internal sealed class RewardBatch(bool sharePrefixes)
{
    private readonly TokenForestBuilder builder = new(sharePrefixes);
    private readonly List<int> pooled = [];

    /// <summary>Packed tokens so far.</summary>
    internal int TokenCount => builder.TokenCount;

    /// <summary>Tokens of the sequences before merging.</summary>
    internal long SequenceTokenCount => builder.SequenceTokenCount;

    internal int SequenceCount => builder.SequenceCount;

    /// <summary>Packed tokens that a sequence would add.</summary>
    internal int CountNew(EncodedSequence sequence) => builder.CountNew(sequence.Ids.AsSpan());

    /// <param name="pooledPosition">The token of the sequence whose hidden state is rewarded.</param>
    internal void Add(EncodedSequence sequence, int pooledPosition)
    {
        builder.Add(sequence.Ids.AsSpan(), sequence.TokenTypes.AsSpan());
        pooled.Add(pooledPosition);
    }

    /// <summary>The forest, and where each sequence's pooled token lies in it.</summary>
    internal (TokenForest Forest, long[] Pooled) Build()
    {
        var forest = builder.Build();
        return (forest, [.. pooled.Select((position, sequence) => (long)forest.PackedIndex(sequence, position))]);
    }
}
