namespace Prefer.Models.Forest;

/// <summary>A contiguous run of tokens in the packed batch: one node of the forest.</summary>
/// <param name="Start">Index of its first token in the packed arrays.</param>
/// <param name="Length">Tokens in it, at least one.</param>
/// <param name="Parent">Index of the span it continues, or null for a root.</param>
/// <param name="Depth">Position of its first token in the sequences that pass through it.</param>
/// <param name="Group">The group of those sequences: prefixes are shared within a group only.</param>
internal readonly record struct TokenSpan(int Start, int Length, int? Parent, int Depth, int Group);

/// <summary>
/// A batch of token sequences merged into tries by longest common prefix and laid out as spans in one packed run of
/// tokens. T is the number of packed tokens, S the number of sequences. A parent stands before its children.
/// Built by <see cref="TokenForestBuilder"/>; knows nothing of tensors.
/// </summary>
internal sealed class TokenForest
{
    private readonly int[][] paths;
    private readonly int[] leaves;

    internal TokenForest(int[] tokens, int[] positions, int[] tokenTypes, TokenSpan[] spans, int[] leaves, int[] lengths)
    {
        (Tokens, Positions, TokenTypes, Spans, SequenceLengths) = (tokens, positions, tokenTypes, spans, lengths);
        this.leaves = leaves;
        paths = new int[spans.Length][];
        for (var index = 0; index < spans.Length; index++)
        {
            paths[index] = spans[index].Parent is { } parent ? [.. paths[parent], index] : [index];
        }
    }

    /// <summary>Token ids, [T].</summary>
    internal int[] Tokens { get; }

    /// <summary>0-based position of each token in its sequences, [T].</summary>
    internal int[] Positions { get; }

    /// <summary>Segment of each token, [T]; all zero where no sequence gave segments.</summary>
    internal int[] TokenTypes { get; }

    /// <summary>The spans, parents first; their runs cover the packed tokens in order.</summary>
    internal IReadOnlyList<TokenSpan> Spans { get; }

    /// <summary>Tokens of each sequence before merging, [S], in the order of adding.</summary>
    internal IReadOnlyList<int> SequenceLengths { get; }

    /// <summary>Index in the packed arrays of the token before each one in its sequences, [T]; null for the first of a sequence.</summary>
    internal int?[] Predecessors()
    {
        var before = new int?[Tokens.Length];
        foreach (var span in Spans)
        {
            before[span.Start] = span.Parent is { } parent ? Spans[parent].Start + Spans[parent].Length - 1 : null;
            for (var index = span.Start + 1; index < span.Start + span.Length; index++)
            {
                before[index] = index - 1;
            }
        }
        return before;
    }

    /// <summary>The spans from the root to a span, itself last.</summary>
    internal ReadOnlySpan<int> Path(int span) => paths[span];

    /// <summary>Where a sequence's token at a position lies in the packed arrays.</summary>
    internal int PackedIndex(int sequence, int position)
    {
        if (position < 0 || position >= SequenceLengths[sequence])
        {
            throw new ArgumentOutOfRangeException(nameof(position), position, $"the sequence has {SequenceLengths[sequence]} tokens");
        }
        foreach (var index in paths[leaves[sequence]])
        {
            var span = Spans[index];
            if (position < span.Depth + span.Length)
            {
                return span.Start + position - span.Depth;
            }
        }
        throw new InvalidOperationException("the forest's spans do not cover the sequence");
    }
}
