using System.Runtime.InteropServices;
using Prefer.Text.Models;

namespace Prefer.Text.Training;

/// <summary>
/// The words of a corpus as token ids, and how often each pair of neighbours occurs. A merge touches only the words that hold its pair and
/// corrects the counts around it, so that training does not count the corpus again for every merge.
/// </summary>
internal sealed class PairMerger
{
    private readonly List<Word> _words = [];
    private readonly Dictionary<long, Pair> _pairs = [];

    // The most frequent pair, of equals the one of the smallest ids. Entries may be out of date and are checked when they come up.
    private readonly PriorityQueue<long, (long NegativeCount, int Left, int Right)> _queue = new();
    private readonly HashSet<long> _grown = [];

    private sealed class Word(int[] ids, long count)
    {
        public int[] Ids { get; } = ids;
        public int Length { get; set; } = ids.Length;
        public long Count { get; } = count;
    }

    private sealed class Pair
    {
        public long Count { get; set; }

        /// <summary>Indices of words that hold the pair, or held it once.</summary>
        public List<int> Words { get; } = [];
    }

    public PairMerger(IEnumerable<(int[] Ids, long Count)> words)
    {
        foreach (var (ids, count) in words)
        {
            var word = new Word(ids, count);
            for (var i = 0; i + 1 < ids.Length; i++)
            {
                Add(ids[i], ids[i + 1], word.Count, _words.Count);
            }

            _words.Add(word);
        }

        Enqueue();
    }

    /// <summary>The pair to merge next, or null when none is left that occurs often enough.</summary>
    public (int Left, int Right)? MostFrequent(long minFrequency)
    {
        while (_queue.TryDequeue(out var key, out var priority))
        {
            var current = _pairs.TryGetValue(key, out var pair) ? pair.Count : 0;
            if (current == -priority.NegativeCount)
            {
                return current < minFrequency ? null : (priority.Left, priority.Right);
            }

            if (current > 0)
            {
                _queue.Enqueue(key, priority with { NegativeCount = -current });
            }
        }

        return null;
    }

    /// <summary>Replaces the pair in every word, from left to right.</summary>
    public void Merge(int left, int right, int merged)
    {
        _pairs.Remove(BytePairMerges.Key(left, right), out var pair);
        foreach (var index in pair!.Words)
        {
            Merge(index, left, right, merged);
        }

        Enqueue();
    }

    private void Merge(int wordIndex, int left, int right, int merged)
    {
        var word = _words[wordIndex];
        var (ids, count) = (word.Ids, word.Count);
        var written = 0;
        for (var i = 0; i < word.Length; i++)
        {
            if (i + 1 == word.Length || ids[i] != left || ids[i + 1] != right)
            {
                ids[written++] = ids[i];
                continue;
            }

            if (written > 0)
            {
                Remove(ids[written - 1], left, count);
                Add(ids[written - 1], merged, count, wordIndex);
            }

            if (i + 2 < word.Length)
            {
                Remove(right, ids[i + 2], count);
                Add(merged, ids[i + 2], count, wordIndex);
            }

            ids[written++] = merged;
            i++;
        }

        word.Length = written;
    }

    private void Add(int left, int right, long count, int wordIndex)
    {
        var key = BytePairMerges.Key(left, right);
        ref var pair = ref CollectionsMarshal.GetValueRefOrAddDefault(_pairs, key, out _);
        pair ??= new Pair();
        pair.Count += count;
        if (pair.Words.Count == 0 || pair.Words[^1] != wordIndex)
        {
            pair.Words.Add(wordIndex);
        }

        _grown.Add(key);
    }

    private void Remove(int left, int right, long count)
    {
        if (_pairs.TryGetValue(BytePairMerges.Key(left, right), out var pair))
        {
            pair.Count -= count;
        }
    }

    private void Enqueue()
    {
        foreach (var key in _grown)
        {
            if (_pairs.TryGetValue(key, out var pair) && pair.Count > 0)
            {
                _queue.Enqueue(key, (-pair.Count, (int)(key >> 32), (int)key));
            }
        }

        _grown.Clear();
    }
}
