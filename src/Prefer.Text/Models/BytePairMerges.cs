namespace Prefer.Text.Models;

/// <summary>Applies ranked merges to the symbols of one word: always the merge of lowest rank, leftmost first. O(n log n) in the word's length.</summary>
internal sealed class BytePairMerges(Dictionary<long, (int Rank, int NewId)> merges)
{
    /// <summary>The key of a pair of ids.</summary>
    public static long Key(int left, int right) => ((long)left << 32) | (uint)right;

    /// <summary>A symbol of a word in a doubly linked list. Length is in bytes of UTF-8, 0 once merged into the one before.</summary>
    internal struct Symbol(int id, int length)
    {
        public int Id = id, Length = length;
        public int? Previous, Next;
    }

    /// <summary>Merges in place; what remains are the symbols whose length is not 0.</summary>
    public void Apply(List<Symbol> list)
    {
        var symbols = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(list);
        var queue = new PriorityQueue<(int Left, int NewId), (int Rank, int Left)>();
        for (var i = 0; i < symbols.Length; i++)
        {
            symbols[i].Previous = i > 0 ? i - 1 : null;
            symbols[i].Next = i + 1 < symbols.Length ? i + 1 : null;
            Offer(symbols, queue, i);
        }

        while (queue.TryDequeue(out var candidate, out _))
        {
            ref var left = ref symbols[candidate.Left];
            if (left.Length == 0 || left.Next is not { } rightIndex)
            {
                continue;
            }

            ref var right = ref symbols[rightIndex];
            if (!merges.TryGetValue(Key(left.Id, right.Id), out var merge) || merge.NewId != candidate.NewId)
            {
                continue; // One of the two has changed since the candidate was offered.
            }

            left.Id = merge.NewId;
            left.Length += right.Length;
            left.Next = right.Next;
            right.Length = 0;
            if (left.Next is { } after)
            {
                symbols[after].Previous = candidate.Left;
            }

            if (left.Previous is { } before)
            {
                Offer(symbols, queue, before);
            }

            Offer(symbols, queue, candidate.Left);
        }
    }

    private void Offer(ReadOnlySpan<Symbol> symbols, PriorityQueue<(int Left, int NewId), (int Rank, int Left)> queue, int left)
    {
        if (symbols[left].Next is { } right && merges.TryGetValue(Key(symbols[left].Id, symbols[right].Id), out var merge))
        {
            queue.Enqueue((left, merge.NewId), (merge.Rank, left));
        }
    }
}
