using Prefer.Text.Unicode;

namespace Prefer.Text.Patterns;

/// <summary>The character classes that Oniguruma's UTF-8 syntax names.</summary>
internal static class PatternClasses
{
    private static readonly CodePointTable Properties = CodePointTable.Properties;

    private static readonly string[] Brackets =
        ["alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "word", "xdigit"];

    /// <summary><c>\w</c> outside brackets and what <c>\b</c> looks at. Unlike <c>[\w]</c>, Oniguruma counts ² ³ ¹ ¼ ½ ¾ of Latin-1 among them.</summary>
    public static CodePointSet Word { get; } =
        Properties["word"].Union(CodePointSet.Of([(0xB2, 0xB3), (0xB9, 0xB9), (0xBC, 0xBE)]));

    /// <summary>Everything but the line feed: <c>.</c></summary>
    public static CodePointSet NotLineFeed { get; } = CodePointSet.Of('\n').Complement();

    /// <summary>The line breaks of one code point: <c>\R</c> without CR LF.</summary>
    public static CodePointSet LineBreaks { get; } = CodePointSet.Of([('\n', '\r'), (0x85, 0x85), (0x2028, 0x2029)]);

    /// <summary>The set of <c>\w \d \s \h</c> and their negations, or null for another letter.</summary>
    public static CodePointSet? OfEscape(int letter, bool inBrackets)
    {
        var set = (letter | 0x20) switch
        {
            'w' => inBrackets ? Properties["word"] : Word,
            'd' => Properties["digit"],
            's' => Properties["space"],
            'h' => Properties["xdigit"],
            _ => null,
        };
        return letter is 'W' or 'D' or 'S' or 'H' ? set?.Complement() : set;
    }

    /// <summary>The set of <c>\p{name}</c>, or null. Case, spaces, hyphens and underscores do not matter.</summary>
    public static CodePointSet? OfProperty(string name) => Properties.Find(
        string.Concat(name.Where(unit => unit is not (' ' or '-' or '_'))).ToLowerInvariant());

    /// <summary>The set of <c>[:name:]</c>, or null.</summary>
    public static CodePointSet? OfBracket(string name) =>
        Brackets.Contains(name) ? Properties[name == "punct" ? "posixpunct" : name] : null;
}
