using System.Globalization;
using System.Text;

namespace Prefer.Text.Templates;

/// <summary>Python's string functions where .NET's differ: what is white space, what ends a line, upper case that grows.</summary>
internal static class PythonStrings
{
    // Upper case of one letter that is several (Unicode's SpecialCasing.txt, the entries without a condition).
    private static readonly Dictionary<char, string> LongUpper = ReadLong(UpperTable);

    private const string UpperTable =
        "\u00df\u0053\u0053 \u0149\u02bc\u004e \u01f0\u004a\u030c \u0390\u0399\u0308\u0301 \u03b0\u03a5\u0308\u0301 \u0587\u0535\u0552 "
        + "\u1e96\u0048\u0331 \u1e97\u0054\u0308 \u1e98\u0057\u030a \u1e99\u0059\u030a \u1e9a\u0041\u02be \u1f50\u03a5\u0313 "
        + "\u1f52\u03a5\u0313\u0300 \u1f54\u03a5\u0313\u0301 \u1f56\u03a5\u0313\u0342 \u1f80\u1f08\u0399 \u1f81\u1f09\u0399 "
        + "\u1f82\u1f0a\u0399 \u1f83\u1f0b\u0399 \u1f84\u1f0c\u0399 \u1f85\u1f0d\u0399 \u1f86\u1f0e\u0399 \u1f87\u1f0f\u0399 "
        + "\u1f88\u1f08\u0399 \u1f89\u1f09\u0399 \u1f8a\u1f0a\u0399 \u1f8b\u1f0b\u0399 \u1f8c\u1f0c\u0399 \u1f8d\u1f0d\u0399 "
        + "\u1f8e\u1f0e\u0399 \u1f8f\u1f0f\u0399 \u1f90\u1f28\u0399 \u1f91\u1f29\u0399 \u1f92\u1f2a\u0399 \u1f93\u1f2b\u0399 "
        + "\u1f94\u1f2c\u0399 \u1f95\u1f2d\u0399 \u1f96\u1f2e\u0399 \u1f97\u1f2f\u0399 \u1f98\u1f28\u0399 \u1f99\u1f29\u0399 "
        + "\u1f9a\u1f2a\u0399 \u1f9b\u1f2b\u0399 \u1f9c\u1f2c\u0399 \u1f9d\u1f2d\u0399 \u1f9e\u1f2e\u0399 \u1f9f\u1f2f\u0399 "
        + "\u1fa0\u1f68\u0399 \u1fa1\u1f69\u0399 \u1fa2\u1f6a\u0399 \u1fa3\u1f6b\u0399 \u1fa4\u1f6c\u0399 \u1fa5\u1f6d\u0399 "
        + "\u1fa6\u1f6e\u0399 \u1fa7\u1f6f\u0399 \u1fa8\u1f68\u0399 \u1fa9\u1f69\u0399 \u1faa\u1f6a\u0399 \u1fab\u1f6b\u0399 "
        + "\u1fac\u1f6c\u0399 \u1fad\u1f6d\u0399 \u1fae\u1f6e\u0399 \u1faf\u1f6f\u0399 \u1fb2\u1fba\u0399 \u1fb3\u0391\u0399 "
        + "\u1fb4\u0386\u0399 \u1fb6\u0391\u0342 \u1fb7\u0391\u0342\u0399 \u1fbc\u0391\u0399 \u1fc2\u1fca\u0399 \u1fc3\u0397\u0399 "
        + "\u1fc4\u0389\u0399 \u1fc6\u0397\u0342 \u1fc7\u0397\u0342\u0399 \u1fcc\u0397\u0399 \u1fd2\u0399\u0308\u0300 "
        + "\u1fd3\u0399\u0308\u0301 \u1fd6\u0399\u0342 \u1fd7\u0399\u0308\u0342 \u1fe2\u03a5\u0308\u0300 \u1fe3\u03a5\u0308\u0301 "
        + "\u1fe4\u03a1\u0313 \u1fe6\u03a5\u0342 \u1fe7\u03a5\u0308\u0342 \u1ff2\u1ffa\u0399 \u1ff3\u03a9\u0399 \u1ff4\u038f\u0399 "
        + "\u1ff6\u03a9\u0342 \u1ff7\u03a9\u0342\u0399 \u1ffc\u03a9\u0399 \ufb00\u0046\u0046 \ufb01\u0046\u0049 \ufb02\u0046\u004c "
        + "\ufb03\u0046\u0046\u0049 \ufb04\u0046\u0046\u004c \ufb05\u0053\u0054 \ufb06\u0053\u0054 \ufb13\u0544\u0546 \ufb14\u0544\u0535 "
        + "\ufb15\u0544\u053b \ufb16\u054e\u0546 \ufb17\u0544\u053d";

    private const string TitleTable =
        "\u00df\u0053\u0073 \u0149\u02bc\u004e \u01f0\u004a\u030c \u0390\u0399\u0308\u0301 \u03b0\u03a5\u0308\u0301 \u0587\u0535\u0582 "
        + "\u1e96\u0048\u0331 \u1e97\u0054\u0308 \u1e98\u0057\u030a \u1e99\u0059\u030a \u1e9a\u0041\u02be \u1f50\u03a5\u0313 "
        + "\u1f52\u03a5\u0313\u0300 \u1f54\u03a5\u0313\u0301 \u1f56\u03a5\u0313\u0342 \u1fb2\u1fba\u0345 \u1fb4\u0386\u0345 "
        + "\u1fb6\u0391\u0342 \u1fb7\u0391\u0342\u0345 \u1fc2\u1fca\u0345 \u1fc4\u0389\u0345 \u1fc6\u0397\u0342 \u1fc7\u0397\u0342\u0345 "
        + "\u1fd2\u0399\u0308\u0300 \u1fd3\u0399\u0308\u0301 \u1fd6\u0399\u0342 \u1fd7\u0399\u0308\u0342 \u1fe2\u03a5\u0308\u0300 "
        + "\u1fe3\u03a5\u0308\u0301 \u1fe4\u03a1\u0313 \u1fe6\u03a5\u0342 \u1fe7\u03a5\u0308\u0342 \u1ff2\u1ffa\u0345 \u1ff4\u038f\u0345 "
        + "\u1ff6\u03a9\u0342 \u1ff7\u03a9\u0342\u0345 \ufb00\u0046\u0066 \ufb01\u0046\u0069 \ufb02\u0046\u006c \ufb03\u0046\u0066\u0069 "
        + "\ufb04\u0046\u0066\u006c \ufb05\u0053\u0074 \ufb06\u0053\u0074 \ufb13\u0544\u0576 \ufb14\u0544\u0565 \ufb15\u0544\u056b "
        + "\ufb16\u054e\u0576 \ufb17\u0544\u056d";

    private static readonly Dictionary<char, string> LongTitle = ReadLong(TitleTable);

    public static bool IsSpace(char character) => char.IsWhiteSpace(character) || character is >= '\x1c' and <= '\x1f';

    public static bool IsLineEnd(char character) => character is '\n' or '\r' or '\v' or '\f' or (>= '\x1c' and <= '\x1e') or '\x85' or '\u2028' or '\u2029';

    public static string StripStart(string text, string? characters = null)
    {
        var start = 0;
        while (start < text.Length && Strips(text[start], characters))
        {
            start++;
        }

        return start == 0 ? text : text[start..];
    }

    public static string StripEnd(string text, string? characters = null)
    {
        var end = text.Length;
        while (end > 0 && Strips(text[end - 1], characters))
        {
            end--;
        }

        return end == text.Length ? text : text[..end];
    }

    public static string Strip(string text, string? characters = null) => StripStart(StripEnd(text, characters), characters);

    public static string Upper(string text) => Ascii.IsValid(text) ? text.ToUpperInvariant() : Map(text, static rune => rune.IsBmp && LongUpper.GetValueOrDefault((char)rune.Value) is { } longer ? longer : Rune.ToUpperInvariant(rune).ToString());

    /// <summary>Lower case; a sigma at the end of a word is final, as in Python.</summary>
    public static string Lower(string text)
    {
        if (Ascii.IsValid(text))
        {
            return text.ToLowerInvariant();
        }

        var lower = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            var rune = char.IsSurrogate(text[at]) && Rune.TryGetRuneAt(text, at, out var pair) ? pair : char.IsSurrogate(text[at]) ? Rune.ReplacementChar : new Rune(text[at]);
            lower.Append(rune.Value == 0x130 ? "i\u0307" : rune.Value == 0x3A3 && IsFinal(text, at) ? "ς" : Rune.ToLowerInvariant(rune).ToString());
            at += rune.Utf16SequenceLength - 1;
        }

        return lower.ToString();
    }

    public static string Capitalize(string text)
    {
        if (text.Length == 0)
        {
            return text;
        }

        var first = char.IsSurrogate(text[0]) && text.Length > 1 ? 2 : 1;
        return Title(text[..first]) + Lower(text)[Lower(text[..first]).Length..];
    }

    /// <summary><c>str.title</c>: a letter after a letter is small, any other large.</summary>
    public static string TitleWords(string text)
    {
        var result = new StringBuilder(text.Length);
        var afterLetter = false;
        foreach (var rune in text.EnumerateRunes())
        {
            result.Append(afterLetter ? Lower(rune.ToString()) : Title(rune.ToString()));
            afterLetter = IsCased(rune);
        }

        return result.ToString();
    }

    public static string SwapCase(string text) =>
        Map(text, static rune => Rune.IsUpper(rune) ? Lower(rune.ToString()) : Rune.IsLower(rune) ? Upper(rune.ToString()) : rune.ToString());

    public static bool IsCased(Rune rune) => Rune.IsUpper(rune) || Rune.IsLower(rune) || Rune.GetUnicodeCategory(rune) == UnicodeCategory.TitlecaseLetter;

    public static List<object> Lines(string text, bool keepEnds)
    {
        var lines = new List<object>();
        var start = 0;
        for (var at = 0; at < text.Length; at++)
        {
            if (IsLineEnd(text[at]))
            {
                var end = at;
                at += text[at] == '\r' && at + 1 < text.Length && text[at + 1] == '\n' ? 1 : 0;
                lines.Add(text[start..(keepEnds ? at + 1 : end)]);
                start = at + 1;
            }
        }

        if (start < text.Length)
        {
            lines.Add(text[start..]);
        }

        return lines;
    }

    /// <summary>Cut at white space, or at a separator.</summary>
    /// <param name="text">The string.</param>
    /// <param name="separator">Null for runs of white space.</param>
    /// <param name="most">How often to cut at most; negative for as often as can be.</param>
    public static List<object> Split(string text, string? separator, int most)
    {
        var parts = new List<object>();
        if (separator is null)
        {
            var at = 0;
            while (true)
            {
                while (at < text.Length && IsSpace(text[at]))
                {
                    at++;
                }

                if (at == text.Length)
                {
                    return parts;
                }

                if (most >= 0 && parts.Count == most)
                {
                    parts.Add(text[at..]);
                    return parts;
                }

                var start = at;
                while (at < text.Length && !IsSpace(text[at]))
                {
                    at++;
                }

                parts.Add(text[start..at]);
            }
        }

        RequireSeparator(separator);
        var from = 0;
        while ((most < 0 || parts.Count < most) && text.IndexOf(separator, from, StringComparison.Ordinal) is var found and >= 0)
        {
            parts.Add(text[from..found]);
            from = found + separator.Length;
        }

        parts.Add(text[from..]);
        return parts;
    }

    /// <summary>The same from the end.</summary>
    public static List<object> SplitFromEnd(string text, string? separator, int most)
    {
        var parts = new List<object>();
        if (separator is null)
        {
            var end = text.Length;
            while (true)
            {
                while (end > 0 && IsSpace(text[end - 1]))
                {
                    end--;
                }

                if (end == 0)
                {
                    break;
                }

                if (most >= 0 && parts.Count == most)
                {
                    parts.Add(text[..end]);
                    break;
                }

                var last = end;
                while (end > 0 && !IsSpace(text[end - 1]))
                {
                    end--;
                }

                parts.Add(text[end..last]);
            }
        }
        else
        {
            RequireSeparator(separator);
            var end = text.Length;
            while ((most < 0 || parts.Count < most) && text.AsSpan(0, end).LastIndexOf(separator, StringComparison.Ordinal) is var found and >= 0)
            {
                parts.Add(text[(found + separator.Length)..end]);
                end = found;
            }

            parts.Add(text[..end]);
        }

        parts.Reverse();
        return parts;
    }

    public static string Replace(string text, string old, string replacement, int most)
    {
        if (old.Length == 0)
        {
            var characters = CodePoints.Split(text);
            var count = most < 0 ? characters.Length + 1 : Math.Min(most, characters.Length + 1);
            Limits.CheckText(replacement.Length, count);
            var spread = new StringBuilder();
            for (var at = 0; at <= characters.Length; at++)
            {
                spread.Append(at < count ? replacement : "").Append(at < characters.Length ? (string)characters[at] : "");
            }

            return spread.ToString();
        }

        var found = most == 0 ? 0 : text.AsSpan().Count(old);
        if (found == 0)
        {
            return text;
        }

        Limits.CheckText(text.Length + ((long)Math.Max(0, replacement.Length - old.Length) * found));
        return most < 0 ? text.Replace(old, replacement, StringComparison.Ordinal) : string.Join(replacement, Split(text, old, most));
    }

    /// <summary>Filled up with a character; the count is in code points.</summary>
    public static string Pad(string text, int width, string fill, bool left, bool right)
    {
        if (CodePoints.Count(fill) != 1)
        {
            throw new TemplateFault("The fill character must be exactly one character long");
        }

        var missing = width - CodePoints.Count(text);
        if (missing <= 0)
        {
            return text;
        }

        Limits.CheckText(missing, fill.Length);

        // Where it does not come out even, Python puts the odd one before when the width is odd.
        var before = left && right ? (missing / 2) + (missing & width & 1) : left ? missing : 0;
        return new StringBuilder().Insert(0, fill, before).Append(text).Insert(before * fill.Length + text.Length, fill, missing - before).ToString();
    }

    private static string Title(string character) =>
        character.Length == 1 && LongTitle.GetValueOrDefault(character[0]) is { } longer ? longer
        : character.Length == 1 && character[0] is 'Ǆ' or 'ǅ' or 'ǆ' ? "ǅ"
        : character.Length == 1 && character[0] is 'Ǉ' or 'ǈ' or 'ǉ' ? "ǈ"
        : character.Length == 1 && character[0] is 'Ǌ' or 'ǋ' or 'ǌ' ? "ǋ"
        : character.Length == 1 && character[0] is 'Ǳ' or 'ǲ' or 'ǳ' ? "ǲ"
        : character.Length == 1 && character[0] is >= '\u10D0' and <= '\u10FF' ? character
        : character.ToUpperInvariant();

    private static bool Strips(char character, string? characters) => characters is null ? IsSpace(character) : characters.Contains(character, StringComparison.Ordinal);

    private static void RequireSeparator(string separator)
    {
        if (separator.Length == 0)
        {
            throw new TemplateFault("empty separator");
        }
    }

    private static string Map(string text, Func<Rune, string> map)
    {
        var result = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            result.Append(map(rune));
        }

        return result.ToString();
    }

    private static bool IsFinal(string text, int at)
    {
        var before = at - 1;
        while (before >= 0 && IsCaseIgnorable(text[before]))
        {
            before--;
        }

        var after = at + 1;
        while (after < text.Length && IsCaseIgnorable(text[after]))
        {
            after++;
        }

        return before >= 0 && IsCased(text[before]) && !(after < text.Length && IsCased(text[after]));
    }

    private static bool IsCased(char character) => !char.IsSurrogate(character) && IsCased(new Rune(character));

    private static bool IsCaseIgnorable(char character) => character is '\'' or '.' or ':' or '^' or '`' or '\u2019' or '\u00B7'
        || char.GetUnicodeCategory(character) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format or UnicodeCategory.ModifierLetter or UnicodeCategory.ModifierSymbol;

    private static Dictionary<char, string> ReadLong(string table) => table.Split(' ').ToDictionary(entry => entry[0], entry => entry[1..]);
}
