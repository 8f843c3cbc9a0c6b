using System.Text;

namespace Prefer.Text;

/// <summary>Writes an <see cref="AlignedText"/>, one code point after the other.</summary>
internal sealed class AlignedTextBuilder(int capacity)
{
    private char[] _units = new char[Math.Max(capacity, 4)];
    private TextRange[] _ranges = new TextRange[Math.Max(capacity, 4)];

    /// <summary>UTF-16 units written so far.</summary>
    public int Length { get; private set; }

    public void Append(char unit, TextRange range)
    {
        Reserve(1);
        _units[Length] = unit;
        _ranges[Length++] = range;
    }

    public void Append(Rune rune, TextRange range)
    {
        Reserve(2);
        var count = rune.EncodeToUtf16(_units.AsSpan(Length));
        _ranges.AsSpan(Length, count).Fill(range);
        Length += count;
    }

    public void Append(ReadOnlySpan<char> text, TextRange range)
    {
        Reserve(text.Length);
        text.CopyTo(_units.AsSpan(Length));
        _ranges.AsSpan(Length, text.Length).Fill(range);
        Length += text.Length;
    }

    public void Append(AlignedText text)
    {
        Reserve(text.Length);
        text.Units.CopyTo(_units.AsSpan(Length));
        text.Ranges.CopyTo(_ranges.AsSpan(Length));
        Length += text.Length;
    }

    /// <summary>What was written; the builder must not be used afterwards.</summary>
    public AlignedText Build() => new(_units, _ranges, 0, Length);

    private void Reserve(int count)
    {
        if (Length + count <= _units.Length)
        {
            return;
        }

        var size = Math.Max(Length + count, 2 * _units.Length);
        Array.Resize(ref _units, size);
        Array.Resize(ref _ranges, size);
    }
}
