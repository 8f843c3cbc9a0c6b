using System.Text;

namespace Prefer.Text;

/// <summary>
/// A stretch of text on its way through the pipeline, with the place in the original that every UTF-16 unit came from.
/// Slicing shares the arrays. Both units of a surrogate pair carry the same range. Where only ids are wanted the places are not
/// kept: then every range is (0, 0).
/// </summary>
internal readonly struct AlignedText(char[] units, TextRange[]? ranges, int start, int length)
{
    public int Length => length;

    /// <summary>Whether places are kept; a builder for a rewritten text must do as its text does.</summary>
    public bool IsAligned => ranges is not null;

    public ReadOnlySpan<char> Units => units.AsSpan(start, length);

    public RangeList Ranges => new(ranges, start, length);

    /// <summary>The text as given. A lone surrogate, which no tokenizer can see, becomes U+FFFD.</summary>
    public static AlignedText Of(string text, bool aligned = true)
    {
        if (!aligned && !text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            return new AlignedText(text.ToCharArray(), null, 0, text.Length);
        }

        var builder = new AlignedTextBuilder(text.Length, aligned);
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
    public TextRange RangeOf(int from, int to) => ranges is null ? default : new(ranges[start + from].Start, ranges[start + to - 1].End);

    /// <summary>The code point at a unit that starts one.</summary>
    public Rune RuneAt(int index)
    {
        Rune.DecodeFromUtf16(units.AsSpan(start + index, length - index), out var rune, out _);
        return rune;
    }

    public override string ToString() => new(units, start, length);

    /// <summary>The range of every unit, or (0, 0) for each where places are not kept.</summary>
    internal readonly ref struct RangeList(TextRange[]? ranges, int start, int length)
    {
        public TextRange this[int index] => ranges is null ? default : ranges[start + index];

        public void CopyTo(Span<TextRange> target)
        {
            if (ranges is not null)
            {
                ranges.AsSpan(start, length).CopyTo(target);
            }
        }
    }
}
