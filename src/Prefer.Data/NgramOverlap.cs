namespace Prefer.Data;

/// <summary>How much of a text stands in other texts.</summary>
/// <param name="Count">Its distinct n-grams.</param>
/// <param name="FoundCount">Those of them that stand in a reference text.</param>
/// <param name="Match">The first of these as it stands in the text, or null without one.</param>
/// <param name="Origin">Where that one was first met, or null.</param>
public sealed record NgramShare(int Count, int FoundCount, string? Match, RowOrigin? Origin)
{
    /// <summary>In [0, 1]; null for a text of fewer than n words.</summary>
    public double? Share => Count == 0 ? null : (double)FoundCount / Count;
}

/// <summary>
/// Runs of n words that texts share with a body of other texts, which is read once and not kept: what is kept is 64 bits for each n-gram of the texts that are looked for.
/// Words are lower-cased runs of letters and digits, as in the overlap of GPT-2's report; what stands between them does not matter. Characters of scripts without spaces
/// (Han, kana, Thai, Lao) are words by themselves.
/// </summary>
/// <remarks>
/// n = 8 is that of A. Radford et al., "Language Models are Unsupervised Multitask Learners" (2019), and of A. Chowdhery et al., "PaLM" (arXiv 2204.02311); n = 13 the upper
/// one of T. Brown et al., "Language Models are Few-Shot Learners" (arXiv 2005.14165).
/// </remarks>
public sealed class NgramOverlap
{
    // Odd, so that no word of an n-gram is multiplied away; any large one serves.
    private const ulong Multiplier = 0x9E3779B97F4A7C15;

    private readonly Dictionary<ulong, RowOrigin?> wanted = [];
    private readonly HashSet<ulong> found = [];
    private readonly ulong leading;

    /// <param name="length">n, words in an n-gram; positive.</param>
    public NgramOverlap(int length = 8)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        Length = length;
        leading = 1;
        for (int power = 1; power < length; power++)
        {
            leading *= Multiplier;
        }
    }

    /// <summary>Words in an n-gram.</summary>
    public int Length { get; }

    /// <summary>Looks for the n-grams of a text. To be called for all texts before the first of <see cref="Read"/>.</summary>
    public void Watch(string text)
    {
        foreach ((ulong hash, _, _) in Ngrams(text))
        {
            wanted.TryAdd(hash, null);
        }
    }

    /// <summary>Reads a reference text.</summary>
    /// <param name="text">It.</param>
    /// <param name="origin">Where it stands.</param>
    public void Read(string text, RowOrigin? origin)
    {
        foreach ((ulong hash, _, _) in Ngrams(text))
        {
            if (wanted.ContainsKey(hash) && found.Add(hash))
            {
                wanted[hash] = origin;
            }
        }
    }

    /// <summary>What of a text that was watched stands in the texts read since; its parts are texts of their own, whose n-grams count together.</summary>
    public NgramShare Of(params IEnumerable<string> parts)
    {
        var distinct = new HashSet<ulong>();
        int foundCount = 0;
        (string Match, RowOrigin? Origin)? first = null;
        foreach (string part in parts)
        {
            foreach ((ulong hash, int start, int end) in Ngrams(part))
            {
                if (distinct.Add(hash) && found.Contains(hash))
                {
                    foundCount++;
                    first ??= (part[start..end], wanted[hash]);
                }
            }
        }

        return new NgramShare(distinct.Count, foundCount, first?.Match, first?.Origin);
    }

    private IEnumerable<(ulong Hash, int Start, int End)> Ngrams(string text)
    {
        var window = new Queue<(ulong Word, int Start)>(Length);
        ulong hash = 0;
        foreach ((ulong word, int start, int end) in Words(text))
        {
            if (window.Count == Length)
            {
                hash -= window.Dequeue().Word * leading;
            }

            window.Enqueue((word, start));
            hash = (hash * Multiplier) + word;
            if (window.Count == Length)
            {
                yield return (hash, window.Peek().Start, end);
            }
        }
    }

    private static IEnumerable<(ulong Word, int Start, int End)> Words(string text)
    {
        for (int at = 0; at < text.Length;)
        {
            int start = at;
            if (StandsAlone(text[at]))
            {
                at++;
            }
            else
            {
                while (at < text.Length && char.IsLetterOrDigit(text[at]) && !StandsAlone(text[at]))
                {
                    at++;
                }
            }

            if (at > start)
            {
                yield return (Hash(text.AsSpan(start, at - start)), start, at);
            }
            else
            {
                at++;
            }
        }
    }

    private static bool StandsAlone(char c) => c is (>= '\u0E00' and <= '\u0EFF') or (>= '\u3040' and <= '\u30FF') or (>= '\u3400' and <= '\u9FFF') && char.IsLetterOrDigit(c);

    // FNV-1a over the lower-cased characters, then the last steps of SplitMix64, so that short words differ in all bits.
    private static ulong Hash(ReadOnlySpan<char> word)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (char c in word)
        {
            hash = (hash ^ char.ToLowerInvariant(c)) * 0x100000001B3;
        }

        hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9;
        hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EB;
        return hash ^ (hash >> 31);
    }
}
