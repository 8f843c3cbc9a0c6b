using System.Text;

namespace Prefer.Text;

/// <summary>
/// A stretch of text on its way through the pipeline, with the place in the original that every UTF-16 unit came from.
/// Slicing shares the arrays. Both units of a surrogate pair carry the same range. Where only ids are wanted the places are not
/// kept, but for what came from the very beginning, which one pre-tokenizer asks: then a range is (0, 0) there and (1, 1) elsewhere.
/// </summary>
/// <param name="units">The text, perhaps with more around it.</param>
/// <param name="ranges">A place for each of the units, or null where places are not kept.</param>
/// <param name="openingEnd">The end of those units that came from the original's first character; looked at without places only.</param>
/// <param name="start">The first unit of the stretch.</param>
/// <param name="length">Units in it.</param>
internal readonly struct AlignedText(char[] units, TextRange[]? ranges, int openingEnd, int start, int length)
{
    public int Length => length;

    /// <summary>Whether places are kept; a builder for a rewritten text must do as its text does.</summary>
    public bool IsAligned => ranges is not null;

    public ReadOnlySpan<char> Units => units.AsSpan(start, length);

    public RangeList Ranges => new(ranges, openingEnd, start, length);

    /// <summary>The text as given. A lone surrogate, which no tokenizer can see, becomes U+FFFD.</summary>
    public static AlignedText Of(string text, bool aligned = true)
    {
        if (!aligned && !text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            var start = TextArena.OfThread.Take(text.Length);
            text.CopyTo(TextArena.OfThread.Units.AsSpan(start));
            return new AlignedText(TextArena.OfThread.Units, null, start + 1, start, text.Length);
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

    public AlignedText Slice(int from, int count) => new(units, ranges, openingEnd, start + from, count);

    public AlignedText Slice(int from) => Slice(from, length - from);

    /// <summary>The original range of the units [from, to), which must not be empty.</summary>
    public TextRange RangeOf(int from, int to) => ranges is null ? default : new(ranges[start + from].Start, ranges[start + to - 1].End);

    /// <summary>The code point at a unit that starts one.</summary>
    public Rune RuneAt(int index)
    {
        Rune.DecodeFromUtf16(units.AsSpan(start + index, length - index), out var rune, out _);
        return rune;
    }

    /// <summary>Another code point, or none, for each code point.</summary>
    public AlignedText Map(Func<Rune, Rune?> map)
    {
        var builder = new AlignedTextBuilder(length, IsAligned);
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
        var builder = new AlignedTextBuilder(changes.Count + changes.Count / 8, IsAligned);
        var replaced = 0; // units of this text
        int? last = null; // the character replaced last
        foreach (var (rune, delta) in changes)
        {
            if (delta > 0)
            {
                builder.Append(rune, last is { } place ? Ranges[place] : BeforeFirst);
                continue;
            }

            builder.Append(rune, Ranges[replaced]);
            for (var count = 1 - delta; count > 0 && replaced < length; count--)
            {
                last = replaced;
                replaced += char.IsHighSurrogate(Units[replaced]) ? 2 : 1;
            }
        }

        return builder.Build();
    }

    /// <summary>The empty range where the text starts; the text must not be empty.</summary>
    public TextRange BeforeFirst => new(Ranges[0].Start, Ranges[0].Start);

    public override string ToString() => new(units, start, length);

    /// <summary>The range of every unit.</summary>
    internal readonly ref struct RangeList(TextRange[]? ranges, int openingEnd, int start, int length)
    {
        public int Length => length;

        public TextRange this[int index] =>
            ranges is not null ? ranges[start + index] : start + index < openingEnd ? default : new TextRange(1, 1);

        public void CopyTo(Span<TextRange> target)
        {
            if (ranges is not null)
            {
                ranges.AsSpan(start, length).CopyTo(target);
            }
        }
    }
}
