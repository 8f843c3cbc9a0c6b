namespace Prefer.Text.PreTokenizers;

/// <summary>What becomes of the delimiters when text is cut at them.</summary>
internal enum SplitBehavior
{
    /// <summary>They are left out.</summary>
    Removed,

    /// <summary>Each is a word.</summary>
    Isolated,

    /// <summary>Neighbouring delimiters are one word.</summary>
    Contiguous,

    /// <summary>Each ends the word before it.</summary>
    MergedWithPrevious,

    /// <summary>Each starts the word after it.</summary>
    MergedWithNext,
}

/// <summary>Cutting with a <see cref="SplitBehavior"/>.</summary>
internal static class SplitBehaviors
{
    public static SplitBehavior Read(JsonPlace place) => Enum.TryParse<SplitBehavior>(place.Text(), out var behavior)
        ? behavior
        : throw place.Refusal($"is \"{place.Text()}\", expected one of {string.Join(", ", Enum.GetNames<SplitBehavior>())}");

    /// <param name="text">What is cut.</param>
    /// <param name="matches">In order, without overlap, in UTF-16 units.</param>
    /// <param name="behavior">What becomes of the delimiters.</param>
    /// <param name="inverted">The delimiters are what lies between the matches.</param>
    /// <param name="words">Where the words that are not empty are added.</param>
    public static void Split(
        AlignedText text, List<(int Start, int End)> matches, SplitBehavior behavior, bool inverted, List<AlignedText> words)
    {
        var pieces = Pieces(text.Length, matches, inverted);
        var start = 0;
        for (var i = 0; i < pieces.Count; i++)
        {
            var (end, isDelimiter) = pieces[i];
            var next = i + 1 < pieces.Count ? pieces[i + 1] : default((int End, bool IsDelimiter)?);
            var joinsNext = next is { } following && behavior switch
            {
                SplitBehavior.Contiguous => isDelimiter == following.IsDelimiter,
                SplitBehavior.MergedWithPrevious => !isDelimiter && following.IsDelimiter,
                SplitBehavior.MergedWithNext => isDelimiter && !following.IsDelimiter,
                _ => false,
            };
            if (joinsNext)
            {
                continue;
            }

            if (end > start && !(behavior == SplitBehavior.Removed && isDelimiter))
            {
                words.Add(text.Slice(start, end - start));
            }

            start = end;
        }
    }

    private static List<(int End, bool IsDelimiter)> Pieces(int length, List<(int Start, int End)> matches, bool inverted)
    {
        var pieces = new List<(int End, bool IsDelimiter)>(2 * matches.Count + 1);
        var done = 0;
        foreach (var (start, end) in matches)
        {
            if (done < start)
            {
                pieces.Add((start, inverted));
            }

            pieces.Add((end, !inverted));
            done = end;
        }

        if (done < length)
        {
            pieces.Add((length, inverted));
        }

        return pieces;
    }
}
