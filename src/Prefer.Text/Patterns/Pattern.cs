using System.Buffers;
using Prefer.Text.Unicode;

namespace Prefer.Text.Patterns;

/// <summary>A compiled regular expression that means what it means to Oniguruma. Immutable; any number of threads may use one.</summary>
internal sealed class Pattern
{
    private const int MostFirstUnits = 64;

    private Pattern(PatternInstruction[] code, int registerCount, int groupCount, CodePointSet? first)
    {
        Code = code;
        RegisterCount = registerCount;
        GroupCount = groupCount;
        First = first;
        if (first?.Ranges.Sum(range => (long)range.Last - range.First + 1) <= MostFirstUnits && first.Ranges.All(range => range.Last < 0xD800))
        {
            FirstUnits = SearchValues.Create([.. first.Ranges.SelectMany(range => Enumerable.Range(range.First, range.Last - range.First + 1)).Select(code => (char)code)]);
        }
    }

    public PatternInstruction[] Code { get; }

    public int RegisterCount { get; }

    public int GroupCount { get; }

    /// <summary>What a match must begin with, or null where it may be empty or anything.</summary>
    public CodePointSet? First { get; }

    /// <summary>The same where it is few characters, for a faster search.</summary>
    public SearchValues<char>? FirstUnits { get; }

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
