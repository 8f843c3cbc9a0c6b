namespace Prefer.Models;

/// <summary>Sequences to be rewarded in one pass: a forest in the making, and the token of each sequence that is pooled.</summary>
/// <param name="sharePrefixes">Whether the model is causal.</param>
/// <param name="groupOf">From a sequence's length to its group: prefixes are shared within a group only.</param>
internal sealed class RewardBatch(bool sharePrefixes, Func<int, int> groupOf)
{
    private readonly TokenForestBuilder builder = new(sharePrefixes);
    private readonly List<int> pooled = [];

    /// <summary>Packed tokens so far.</summary>
    internal int TokenCount => builder.TokenCount;

    internal int SequenceCount => builder.SequenceCount;

    /// <summary>Packed tokens that a sequence would add.</summary>
    internal int CountNew(EncodedSequence sequence) => builder.CountNew(sequence.Ids.AsSpan(), GroupOf(sequence));

    /// <summary>Packed tokens that two sequences would add; what they share counts once.</summary>
    internal int CountNew(EncodedSequence first, EncodedSequence second)
    {
        var added = CountNew(second);
        return CountNew(first) + (sharePrefixes && GroupOf(first) == GroupOf(second) ? Math.Min(added, second.Ids.Length - first.Ids.AsSpan().CommonPrefixLength(second.Ids.AsSpan())) : added);
    }

    /// <param name="pooledPosition">The token of the sequence whose hidden state is rewarded.</param>
    internal void Add(EncodedSequence sequence, int pooledPosition)
    {
        builder.Add(sequence.Ids.AsSpan(), sequence.TokenTypes.AsSpan(), GroupOf(sequence));
        pooled.Add(pooledPosition);
    }

    /// <summary>The forest, and where each sequence's pooled token lies in it.</summary>
    internal (TokenForest Forest, long[] Pooled) Build()
    {
        var forest = builder.Build();
        return (forest, [.. pooled.Select((position, sequence) => (long)forest.PackedIndex(sequence, position))]);
    }

    private int GroupOf(EncodedSequence sequence) => groupOf(sequence.Ids.Length);
}
