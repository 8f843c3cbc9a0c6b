using Prefer.Text.Unicode;

namespace Prefer.Text.Patterns;

/// <summary>A compiled regular expression that means what it means to Oniguruma. Immutable; any number of threads may use one.</summary>
internal sealed class Pattern
{
    private Pattern(PatternInstruction[] code, int registerCount, int groupCount, CodePointSet? first)
    {
        Code = code;
        RegisterCount = registerCount;
        GroupCount = groupCount;
        First = first;
    }

    public PatternInstruction[] Code { get; }

    public int RegisterCount { get; }

    public int GroupCount { get; }

    /// <summary>What a match must begin with, or null where it may be empty or anything.</summary>
    public CodePointSet? First { get; }

    /// <exception cref="PatternException">The pattern cannot be read.</exception>
    public static Pattern Compile(string pattern)
    {
        var (root, groupCount) = PatternParser.Parse(pattern);
        var (code, registerCount) = PatternCompiler.Compile(root, groupCount);
        return new Pattern(code, registerCount, groupCount, root.First is (var first, false) ? first : null);
    }

    /// <summary>The matches from left to right, without overlap, in UTF-16 units. The text must be valid UTF-16.</summary>
    public PatternMatches Matches(ReadOnlySpan<char> text) => new(this, text);
}
