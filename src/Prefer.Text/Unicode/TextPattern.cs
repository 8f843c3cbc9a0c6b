using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Prefer.Text.Unicode;

/// <summary>
/// A string, or a regular expression of the subset in which .NET and the reference's engine (Oniguruma) agree. .NET matches UTF-16 units,
/// so a character beyond U+FFFF is shown to it as one BMP character of the same category; classes by category then hold for all of Unicode.
/// </summary>
internal sealed class TextPattern
{
    private static readonly char[] StandIns = FindStandIns();

    private readonly string? _literal;
    private readonly Regex? _regex;

    private TextPattern(string? literal, Regex? regex)
    {
        _literal = literal;
        _regex = regex;
    }

    /// <summary>Reads <c>{"String": …}</c> or <c>{"Regex": …}</c>.</summary>
    public static TextPattern Read(JsonPlace place)
    {
        place.Allow("String", "Regex");
        if (place.Optional("String") is { } literal)
        {
            return literal.Text().Length > 0 ? new TextPattern(literal.Text(), null) : throw literal.Refusal("is empty");
        }

        var regex = place.Required("Regex");
        var pattern = regex.Text();
        if (RegexSubset.FirstUnsupported(pattern) is { } unsupported)
        {
            throw regex.Refusal($"uses \"{unsupported}\", which is not supported in a regular expression here: {pattern}");
        }

        try
        {
            return new TextPattern(null, new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.Compiled));
        }
        catch (ArgumentException error)
        {
            throw new TokenizerException(regex.Refusal($"is not a regular expression that can be read: {error.Message}").Message, error);
        }
    }

    /// <summary>The matches from left to right, without overlap, in UTF-16 units.</summary>
    public List<(int Start, int End)> Matches(ReadOnlySpan<char> text)
    {
        var matches = new List<(int Start, int End)>();
        if (_literal is not null)
        {
            var from = 0;
            while (text[from..].IndexOf(_literal, StringComparison.Ordinal) is >= 0 and var found)
            {
                matches.Add((from + found, from + found + _literal.Length));
                from = matches[^1].End;
            }
        }
        else if (!text.ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            foreach (var match in _regex!.EnumerateMatches(text))
            {
                matches.Add((match.Index, match.Index + match.Length));
            }
        }
        else
        {
            var (shown, starts) = Show(text);
            foreach (var match in _regex!.EnumerateMatches(shown))
            {
                matches.Add((starts[match.Index], starts[match.Index + match.Length]));
            }
        }

        return matches;
    }

    /// <summary>One unit a code point, and where each code point starts in the text; one start more for the end.</summary>
    private static (char[] Shown, int[] Starts) Show(ReadOnlySpan<char> text)
    {
        var shown = new List<char>(text.Length);
        var starts = new List<int>(text.Length + 1);
        var index = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            shown.Add(rune.IsBmp ? (char)rune.Value : StandIns[(int)Rune.GetUnicodeCategory(rune)]);
            starts.Add(index);
            index += rune.Utf16SequenceLength;
        }

        starts.Add(index);
        return ([.. shown], [.. starts]);
    }

    /// <summary>The last BMP character of every category: too rare to stand in a pattern by itself.</summary>
    private static char[] FindStandIns()
    {
        var standIns = new char[(int)UnicodeCategory.OtherNotAssigned + 1];
        for (var unit = '\u0001'; unit < '\uFFFE'; unit++)
        {
            standIns[(int)CharUnicodeInfo.GetUnicodeCategory(unit)] = unit;
        }

        return standIns;
    }
}
