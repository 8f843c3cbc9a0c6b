using Prefer.Models.Forest;

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

    /// <summary>Pairs of a token and one that it may see, as whole spans: what attention scores.</summary>
    internal long AttentionPairs => builder.Build().Spans.Sum(span => (long)span.Length * (span.Depth + span.Length));

    /// <summary>Packed tokens that a sequence would add.</summary>
    internal int CountNew(EncodedSequence sequence) => builder.CountNew(sequence.Ids.AsSpan(), GroupOf(sequence));

    /// <summary>Packed tokens that several sequences would add; what they share, with the batch or with one another, counts once.</summary>
    internal int CountNew(IReadOnlyList<EncodedSequence> sequences)
    {
        var total = 0;
        for (var index = 0; index < sequences.Count; index++)
        {
            var own = sequences[index];
            var added = CountNew(own);
            for (var before = 0; sharePrefixes && before < index; before++)
            {
                if (GroupOf(sequences[before]) == GroupOf(own))
                {
                    added = Math.Min(added, own.Ids.Length - sequences[before].Ids.AsSpan().CommonPrefixLength(own.Ids.AsSpan()));
                }
            }
            total += added;
        }
        return total;
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
