using System.Text;

namespace Prefer.Text;

/// <summary>
/// A stretch of text on its way through the pipeline, with the place in the original that every UTF-16 unit came from.
/// Slicing shares the arrays. Both units of a surrogate pair carry the same range.
/// </summary>
internal readonly struct AlignedText(char[] units, TextRange[] ranges, int start, int length)
{
    public int Length => length;

    public ReadOnlySpan<char> Units => units.AsSpan(start, length);

    public ReadOnlySpan<TextRange> Ranges => ranges.AsSpan(start, length);

    /// <summary>The text as given. A lone surrogate, which no tokenizer can see, becomes U+FFFD.</summary>
    public static AlignedText Of(string text)
    {
        var builder = new AlignedTextBuilder(text.Length);
        var index = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            builder.Append(rune, new TextRange(index, index + 1));
            index++;
        }

        return builder.Build();
    }

    public AlignedText Slice(int from, int count) => new(units, ranges, start + from, count);

    public AlignedText Slice(int from) => Slice(from, length - from);

    /// <summary>The original range of the units [from, to), which must not be empty.</summary>
    public TextRange RangeOf(int from, int to) => new(ranges[start + from].Start, ranges[start + to - 1].End);

    /// <summary>The code point at a unit that starts one.</summary>
    public Rune RuneAt(int index)
    {
        Rune.DecodeFromUtf16(units.AsSpan(start + index, length - index), out var rune, out _);
        return rune;
    }

    public override string ToString() => new(units, start, length);
}
