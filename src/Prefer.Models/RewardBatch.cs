namespace Prefer.Models;

/// <summary>Sequences to be rewarded in one pass: a forest in the making, and the token of each sequence that is pooled.</summary>
/// <param name="sharePrefixes">Whether the model is causal.</param>
internal sealed class RewardBatch(bool sharePrefixes)
{
    private readonly TokenForestBuilder builder = new(sharePrefixes);
    private readonly List<int> pooled = [];

    /// <summary>Packed tokens so far.</summary>
    internal int TokenCount => builder.TokenCount;

    internal int SequenceCount => builder.SequenceCount;

    /// <summary>Packed tokens that a sequence would add.</summary>
    internal int CountNew(EncodedSequence sequence) => builder.CountNew(sequence.Ids.AsSpan());

    /// <summary>Packed tokens that several sequences would add; what they share, with the batch or with one another, counts once.</summary>
    internal int CountNew(IReadOnlyList<EncodedSequence> sequences)
    {
        var total = 0;
        for (var index = 0; index < sequences.Count; index++)
        {
            var added = CountNew(sequences[index]);
            for (var before = 0; sharePrefixes && before < index; before++)
            {
                added = Math.Min(added, sequences[index].Ids.Length - sequences[before].Ids.AsSpan().CommonPrefixLength(sequences[index].Ids.AsSpan()));
            }
            total += added;
        }
        return total;
    }

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
