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

    /// <summary>Another code point, or none, for each code point.</summary>
    public AlignedText Map(Func<Rune, Rune?> map)
    {
        var builder = new AlignedTextBuilder(length);
        for (var i = 0; i < length;)
        {
            var rune = RuneAt(i);
            if (map(rune) is { } mapped)
            {
                builder.Append(mapped, Ranges[i]);
            }

            i += rune.Utf16SequenceLength;
        }

        return builder.Build();
    }

    /// <summary>Another text in place of this one. An inserted character comes from where the one replaced last came from.</summary>
    public AlignedText Rewrite(IReadOnlyCollection<TextChange> changes)
    {
        var replaced = new List<TextRange>(length);
        for (var i = 0; i < length; i++)
        {
            if (!char.IsLowSurrogate(Units[i]))
            {
                replaced.Add(Ranges[i]);
            }
        }

        var builder = new AlignedTextBuilder(changes.Count + changes.Count / 8);
        var next = 0;
        foreach (var (rune, delta) in changes)
        {
            if (delta > 0)
            {
                builder.Append(rune, next == 0 ? BeforeFirst : replaced[next - 1]);
            }
            else
            {
                builder.Append(rune, replaced[next]);
                next += 1 - delta;
            }
        }

        return builder.Build();
    }

    /// <summary>The empty range where the text starts; the text must not be empty.</summary>
    public TextRange BeforeFirst => new(Ranges[0].Start, Ranges[0].Start);

    public override string ToString() => new(units, start, length);
}
