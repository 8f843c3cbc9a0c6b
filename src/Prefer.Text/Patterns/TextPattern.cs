namespace Prefer.Text.Patterns;

/// <summary>A string or a regular expression that is looked for in a text.</summary>
internal static class TextPattern
{
    /// <summary>Reads <c>{"String": …}</c> or <c>{"Regex": …}</c>. An empty string is found before and after every code point.</summary>
    public static Pattern Read(JsonPlace place)
    {
        if (place.Optional("String") is { } literal)
        {
            return Pattern.Compile(Quote(literal.Text()));
        }

        var regex = place.Required("Regex");
        try
        {
            return Pattern.Compile(regex.Text());
        }
        catch (PatternException error)
        {
            throw new TokenizerException(regex.Refusal($"is a regular expression that {error.Message}: {regex.Text()}").Message, error);
        }
    }

    private static string Quote(string text) =>
        string.Concat(text.Select(unit => unit is > ' ' and < '\x7F' && !char.IsAsciiLetterOrDigit(unit) ? $"\\{unit}" : unit.ToString()));
}
