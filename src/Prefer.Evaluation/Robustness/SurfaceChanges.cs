using System.Text;
using System.Text.RegularExpressions;

namespace Prefer.Evaluation.Robustness;

/// <summary>Changes of characters that leave every word where it was.</summary>
internal static partial class SurfaceChanges
{
    /// <summary>One space more at the end.</summary>
    public static string TrailingSpace(string text) => text + " ";

    /// <summary><c>-</c> for <c>*</c> and the other way round before the items of lists. Not where a line of marks is a rule.</summary>
    public static string? ListMarks(string text)
    {
        var changed = ListMark().Replace(text, mark => mark.Value[..^1] + (mark.Value[^1] == '-' ? '*' : '-'));
        return changed == text ? null : changed;
    }

    /// <summary>The other case of the first character, where that is a letter that has one.</summary>
    public static string? FirstLetter(string text)
    {
        if (text.Length == 0)
        {
            return null;
        }

        var other = char.IsUpper(text[0]) ? char.ToLowerInvariant(text[0]) : char.ToUpperInvariant(text[0]);
        return other == text[0] ? null : other + text[1..];
    }

    /// <summary>Straight quotation marks and apostrophes made typographic; where there are none, typographic ones made straight. Not in text with a backtick: code means its marks.</summary>
    public static string? Quotes(string text)
    {
        if (text.Contains('`', StringComparison.Ordinal))
        {
            return null;
        }

        var changed = text.AsSpan().ContainsAny('"', '\'') ? Curled(text) : text.Replace('“', '"').Replace('”', '"').Replace('‘', '\'').Replace('’', '\'');
        return changed == text ? null : changed;
    }

    private static string Curled(string text)
    {
        var curled = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            var opens = at == 0 || char.IsWhiteSpace(curled[^1]) || "([{—–-“‘".Contains(curled[^1], StringComparison.Ordinal);
            curled.Append(text[at] switch
            {
                '"' => opens ? '“' : '”',
                '\'' => opens ? '‘' : '’',
                var other => other,
            });
        }

        return curled.ToString();
    }

    [GeneratedRegex(@"^[ \t]*[-*](?=[ \t]+\S)(?![-* \t]*\r?$)", RegexOptions.Multiline)]
    private static partial Regex ListMark();
}
