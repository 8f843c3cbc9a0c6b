using System.Buffers;
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

    // Runs of common characters that no form touches where there is nothing else; first to last.
    private static readonly SearchValues<char> Decomposed = Runs("\0\xBF", "\u2010\u2027");
    private static readonly SearchValues<char> DecomposedCompatibly = Runs("\0\x9F", "\u2012\u2016", "\u2018\u2023");
    private static readonly SearchValues<char> Composed = Runs(
        "\0\u02FF", "\u0400\u0482", "\u2010\u2027", "\u3041\u3096", "\u30A1\u30FA", "\u4E00\u9FFF", "\uAC00\uD7A3");

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
        if (!text.Units.ContainsAnyExcept(compatibility ? DecomposedCompatibly : Decomposed))
        {
            return text;
        }

        return text.Rewrite(Decomposition(text, compatibility));
    }

    /// <summary>NFC, or NFKC with <paramref name="compatibility"/>.</summary>
    public static AlignedText Compose(AlignedText text, bool compatibility)
    {
        if (!text.Units.ContainsAnyExcept(compatibility ? DecomposedCompatibly : Composed))
        {
            return text;
        }

        return text.Rewrite(Composition(Decomposition(text, compatibility)));
    }

    private static SearchValues<char> Runs(params string[] ends) =>
        SearchValues.Create([.. ends.SelectMany(run => Enumerable.Range(run[0], run[1] - run[0] + 1)).Select(code => (char)code)]);

    private static List<TextChange> Decomposition(AlignedText text, bool compatibility)
    {
        var changes = new List<TextChange>(text.Length);
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

                changes.Add(new TextChange(part, delta));
                delta = 1;
            }
        }

        SortMarks(changes, pending);
        return changes;
    }

    /// <summary>Stable sort of the marks from an index to the end by combining class. A long run of marks must not take quadratic time.</summary>
    private static void SortMarks(List<TextChange> changes, int start)
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

    private static List<TextChange> Composition(List<TextChange> decomposed)
    {
        var result = new List<TextChange>(decomposed.Count);
        int? starter = null; // index in result of the character that later ones may compose with
        byte? lastClass = null; // class of the last character after the starter that did not compose
        foreach (var change in decomposed)
        {
            var combiningClass = Data.CombiningClass(change.Rune);
            if (starter is { } at && !(lastClass >= combiningClass)
                && Data.Compose(result[at].Rune, change.Rune) is { } composite)
            {
                result[at] = new TextChange(composite, result[at].Delta + change.Delta - 1);
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
}
