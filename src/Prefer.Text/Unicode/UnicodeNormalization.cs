using System.Text;

namespace Prefer.Text.Unicode;

/// <summary>The four Unicode normalization forms over text with alignments.</summary>
/// <remarks>
/// Alignments follow the reference implementation: the first character of a decomposition takes the place of an input character, the
/// others were inserted behind it; places are handed out in output order, after the combining marks were sorted.
/// </remarks>
internal static class UnicodeNormalization
{
    private static readonly NormalizationData Data = NormalizationData.Unicode9;

    /// <summary>Whether a character is its own canonical decomposition and is not reordered: then it stands in NFD as it is.</summary>
    public static bool IsInert(Rune rune)
    {
        if (rune.Value is < 0xC0 or (>= 0x2010 and <= 0x2027))
        {
            return true;
        }

        Span<Rune> scratch = stackalloc Rune[3];
        return Data.CombiningClass(rune) == 0 && Data.Decompose(rune, compatibility: false, scratch) is [var only] && only == rune;
    }

    /// <summary>NFD, or NFKD with <paramref name="compatibility"/>.</summary>
    public static AlignedText Decompose(AlignedText text, bool compatibility)
    {
        // Below U+00C0 nothing decomposes canonically, and below U+0300 nothing is reordered.
        if (!text.Units.ContainsAnyExceptInRange('\0', compatibility ? '\x9F' : '\xBF'))
        {
            return text;
        }

        return Align(text, Decomposition(text, compatibility));
    }

    /// <summary>NFC, or NFKC with <paramref name="compatibility"/>.</summary>
    public static AlignedText Compose(AlignedText text, bool compatibility)
    {
        if (!text.Units.ContainsAnyExceptInRange('\0', compatibility ? '\x9F' : '\xBF'))
        {
            return text;
        }

        return Align(text, Composition(Decomposition(text, compatibility)));
    }

    /// <summary>A character of the result. Change: 1 was inserted, 0 replaces one character, −n replaces one and removes n that follow it.</summary>
    private readonly record struct Change(Rune Rune, int Delta);

    private static List<Change> Decomposition(AlignedText text, bool compatibility)
    {
        var changes = new List<Change>(text.Length);
        Span<Rune> scratch = stackalloc Rune[3];
        var pending = 0;
        foreach (var rune in text.Units.EnumerateRunes())
        {
            var delta = 0;
            foreach (var part in Data.Decompose(rune, compatibility, scratch))
            {
                if (Data.CombiningClass(part) == 0)
                {
                    SortMarks(changes, pending);
                    pending = changes.Count + 1;
                }

                changes.Add(new Change(part, delta));
                delta = 1;
            }
        }

        SortMarks(changes, pending);
        return changes;
    }

    /// <summary>Stable sort of the marks from an index to the end by combining class. A long run of marks must not take quadratic time.</summary>
    private static void SortMarks(List<Change> changes, int start)
    {
        if (changes.Count - start < 2)
        {
            return;
        }

        var sorted = changes[start..].OrderBy(change => Data.CombiningClass(change.Rune)).ToList();
        for (var i = 0; i < sorted.Count; i++)
        {
            changes[start + i] = sorted[i];
        }
    }

    private static List<Change> Composition(List<Change> decomposed)
    {
        var result = new List<Change>(decomposed.Count);
        int? starter = null; // index in result of the character that later ones may compose with
        byte? lastClass = null; // class of the last character after the starter that did not compose
        foreach (var change in decomposed)
        {
            var combiningClass = Data.CombiningClass(change.Rune);
            if (starter is { } at && !(lastClass >= combiningClass)
                && Data.Compose(result[at].Rune, change.Rune) is { } composite)
            {
                result[at] = new Change(composite, result[at].Delta + change.Delta - 1);
                continue;
            }

            if (combiningClass == 0)
            {
                starter = result.Count;
                lastClass = null;
            }
            else if (starter is not null)
            {
                lastClass = combiningClass;
            }

            result.Add(change);
        }

        return result;
    }

    private static AlignedText Align(AlignedText text, List<Change> changes)
    {
        var ranges = new List<TextRange>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsLowSurrogate(text.Units[i]))
            {
                ranges.Add(text.Ranges[i]);
            }
        }

        var builder = new AlignedTextBuilder(changes.Count + changes.Count / 8, text.IsAligned);
        var next = 0;
        foreach (var (rune, delta) in changes)
        {
            if (delta > 0)
            {
                builder.Append(rune, next == 0 ? default : ranges[next - 1]);
            }
            else
            {
                builder.Append(rune, ranges[next]);
                next += 1 - delta;
            }
        }

        return builder.Build();
    }
}
