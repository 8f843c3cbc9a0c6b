namespace Prefer.Text.Templates;

/// <summary>Strings counted as Python counts them, in code points. Almost all strings have no surrogates, and then nothing is converted.</summary>
internal static class CodePoints
{
    private static readonly object[] Ascii = [.. Enumerable.Range(0, 128).Select(code => ((char)code).ToString())];

    public static bool AreUnits(ReadOnlySpan<char> text) => text.IndexOfAnyInRange('\uD800', '\uDFFF') < 0;

    public static int Count(ReadOnlySpan<char> text)
    {
        var count = text.Length;
        if (!AreUnits(text))
        {
            for (var at = 1; at < text.Length; at++)
            {
                count -= char.IsSurrogatePair(text[at - 1], text[at]) ? 1 : 0;
            }
        }

        return count;
    }

    public static object[] Split(string text)
    {
        var parts = new List<object>(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            if (char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]))
            {
                parts.Add(text.Substring(at++, 2));
            }
            else
            {
                parts.Add(text[at] < 128 ? Ascii[text[at]] : text[at].ToString());
            }
        }

        return [.. parts];
    }

    /// <summary>The part from one code point to another; both lie within the string.</summary>
    public static string Slice(string text, int start, int end) =>
        AreUnits(text) ? text[start..end] : text[UnitOf(text, start)..UnitOf(text, end)];

    /// <summary>Where in UTF-16 the code point stands.</summary>
    public static int UnitOf(string text, int index)
    {
        var at = 0;
        for (; index > 0 && at < text.Length; index--)
        {
            at += at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]) ? 2 : 1;
        }

        return at;
    }

    /// <summary>The character of a code point, as <c>chr</c> gives it.</summary>
    public static string Character(int code) =>
        System.Text.Rune.IsValid(code) ? new System.Text.Rune(code).ToString() : throw new TemplateFault($"{code} is not the code of a character");

    /// <summary>Order by code points, which UTF-16 units do not have beyond U+FFFF.</summary>
    public static int Compare(string left, string right)
    {
        var common = left.AsSpan().CommonPrefixLength(right);
        if (common == left.Length || common == right.Length)
        {
            return left.Length.CompareTo(right.Length);
        }

        var (one, other) = (left[common], right[common]);
        return char.IsSurrogate(one) == char.IsSurrogate(other) ? one.CompareTo(other) : char.IsSurrogate(one) ? 1 : -1;
    }
}
