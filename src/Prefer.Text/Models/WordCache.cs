using System.Runtime.InteropServices;

namespace Prefer.Text.Models;

/// <summary>
/// The ids of words met before. A word may stand in four places, given by its hash; a new one takes an empty place or drives another word out. So memory is
/// bounded, no lock is needed, and words made to collide cost only what they would cost without a cache. Any number of threads may use one.
/// </summary>
internal sealed class WordCache
{
    /// <summary>Longer words are too rare to be worth remembering.</summary>
    private const int LongestWord = 64;

    private const int PlaceCount = 1 << 16;
    private const int Ways = 4;

    private readonly Entry?[] _places = new Entry?[PlaceCount];

    private sealed record Entry(string Word, int[] Ids);

    public bool TryGet(ReadOnlySpan<char> word, out ReadOnlySpan<int> ids)
    {
        if (word.Length <= LongestWord)
        {
            foreach (var place in _places.AsSpan(FirstPlace(Hash(word)), Ways))
            {
                if (place is not null && word.SequenceEqual(place.Word))
                {
                    ids = place.Ids;
                    return true;
                }
            }
        }

        ids = default;
        return false;
    }

    public void Add(ReadOnlySpan<char> word, ReadOnlySpan<int> ids)
    {
        if (word.Length > LongestWord)
        {
            return;
        }

        var hash = Hash(word);
        var places = _places.AsSpan(FirstPlace(hash), Ways);
        var place = places.IndexOf((Entry?)null);
        places[place < 0 ? (int)hash & (Ways - 1) : place] = new Entry(word.ToString(), ids.ToArray());
    }

    private static int FirstPlace(ulong hash) => (int)(hash >> 48) & ~(Ways - 1);

    // Multiplies by the odd number nearest 2^64 / golden ratio (Knuth, The Art of Computer Programming 3, 6.4), eight bytes at a time.
    private static ulong Hash(ReadOnlySpan<char> word)
    {
        const ulong Factor = 0x9E3779B97F4A7C15;
        var hash = (ulong)word.Length * Factor;
        var eights = MemoryMarshal.Cast<char, ulong>(word);
        foreach (var eight in eights)
        {
            hash = (hash ^ eight) * Factor;
            hash ^= hash >> 29;
        }

        foreach (var unit in word[(4 * eights.Length)..])
        {
            hash = (hash ^ unit) * Factor;
        }

        return hash;
    }
}
