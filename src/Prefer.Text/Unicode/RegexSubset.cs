namespace Prefer.Text.Unicode;

/// <summary>Tells whether a regular expression stays in what .NET and Oniguruma understand alike.</summary>
internal static class RegexSubset
{
    private static readonly HashSet<string> Categories =
    [
        "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "S", "Sm",
        "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp",
    ];

    /// <summary>The first part of a pattern that is outside the subset, or null. \w and \b are: the engines disagree about them.</summary>
    public static string? FirstUnsupported(string pattern)
    {
        var inClass = false;
        for (var i = 0; i < pattern.Length; i++)
        {
            var rest = pattern.AsSpan(i);
            switch (pattern[i])
            {
                case '\\':
                    if (EscapeLength(rest) is not { } length)
                    {
                        return rest[..Math.Min(2, rest.Length)].ToString();
                    }

                    i += length - 1;
                    break;
                case '[' when inClass:
                case '^' or '$' when !inClass:
                    return rest[..1].ToString();
                case '&' when inClass && rest.StartsWith("&&"):
                    return "&&";
                case '{' when !inClass && rest.StartsWith("{,"):
                    return "{,";
                case '[':
                    inClass = true;
                    i += rest.StartsWith("[^") ? 1 : 0;
                    break;
                case ']':
                    inClass = false;
                    break;
                case '(' when !inClass && rest.StartsWith("(?") && !IsKnownGroup(rest):
                    return rest[..Math.Min(3, rest.Length)].ToString();
                case >= '\uD800' and <= '\uDFFF':
                    return rest[..Math.Min(2, rest.Length)].ToString();
            }
        }

        return null;
    }

    private static bool IsKnownGroup(ReadOnlySpan<char> rest) =>
        rest.StartsWith("(?:") || rest.StartsWith("(?=") || rest.StartsWith("(?!") || rest.StartsWith("(?<=") || rest.StartsWith("(?<!")
        || rest.StartsWith("(?>") || rest.StartsWith("(?i:");

    private static int? EscapeLength(ReadOnlySpan<char> rest)
    {
        if (rest.Length < 2)
        {
            return null;
        }

        if (rest[1] is 'p' or 'P')
        {
            var end = rest.IndexOf('}');
            return end > 3 && rest[2] == '{' && Categories.Contains(rest[3..end].ToString()) ? end + 1 : null;
        }

        return rest[1] is 's' or 'S' or 'd' or 'D' or 'r' or 'n' or 't' or 'f' or 'v' || (char.IsAscii(rest[1]) && !char.IsAsciiLetterOrDigit(rest[1]))
            ? 2
            : null;
    }
}
