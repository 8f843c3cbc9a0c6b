using System.Globalization;
using System.Text;

namespace Prefer.Text.PreTokenizers;

/// <summary>
/// GPT-2's words, scanned by hand on code points in linear time. The pattern is
/// <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c>.
/// </summary>
internal static class Gpt2Words
{
    private enum Class
    {
        Letter,
        Number,
        Space,
        Other,
    }

    /// <summary>The end of the word that starts at <paramref name="start"/>. Every character belongs to a word.</summary>
    public static int End(ReadOnlySpan<char> text, int start)
    {
        var contraction = Contraction(text[start..]);
        if (contraction > 0)
        {
            return start + contraction;
        }

        var first = ClassAt(text, start, out var next);
        if (text[start] == ' ' && next < text.Length)
        {
            var second = ClassAt(text, next, out var afterSecond);
            if (second != Class.Space)
            {
                return RunEnd(text, afterSecond, second);
            }
        }

        var end = RunEnd(text, next, first);
        if (first != Class.Space || end == text.Length)
        {
            return end;
        }

        // White space before a word leaves its last character to that word, unless it is the only one. All white space is in the BMP.
        return end - start > 1 ? end - 1 : end;
    }

    private static int Contraction(ReadOnlySpan<char> text)
    {
        if (text.Length < 2 || text[0] != '\'')
        {
            return 0;
        }

        if (text[1] is 's' or 't' or 'm' or 'd')
        {
            return 2;
        }

        return text.Length > 2 && (text[1], text[2]) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? 3 : 0;
    }

    private static int RunEnd(ReadOnlySpan<char> text, int index, Class wanted)
    {
        while (index < text.Length && ClassAt(text, index, out var next) == wanted)
        {
            index = next;
        }

        return index;
    }

    private static Class ClassAt(ReadOnlySpan<char> text, int index, out int next)
    {
        var unit = text[index];
        if (unit < 0x80)
        {
            next = index + 1;
            return char.IsAsciiLetter(unit) ? Class.Letter
                : char.IsAsciiDigit(unit) ? Class.Number
                : unit is ' ' or (>= '\t' and <= '\r') ? Class.Space
                : Class.Other;
        }

        Rune.DecodeFromUtf16(text[index..], out var rune, out var consumed);
        next = index + consumed;
        return Rune.GetUnicodeCategory(rune) switch
        {
            <= UnicodeCategory.OtherLetter => Class.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Class.Number,
            _ => Rune.IsWhiteSpace(rune) ? Class.Space : Class.Other,
        };
    }
}
