using System.Text;

namespace Prefer.Text;

/// <summary>Writes an <see cref="AlignedText"/>, one code point after the other.</summary>
/// <param name="capacity">UTF-16 units there is room for at first.</param>
/// <param name="aligned">Whether places are kept; otherwise the ranges given are not looked at.</param>
internal sealed class AlignedTextBuilder(int capacity, bool aligned)
{
    private char[] _units = new char[Math.Max(capacity, 4)];
    private TextRange[]? _ranges = aligned ? new TextRange[Math.Max(capacity, 4)] : null;

    /// <summary>UTF-16 units written so far.</summary>
    public int Length { get; private set; }

    public void Append(char unit, TextRange range)
    {
        Reserve(1);
        if (_ranges is not null)
        {
            _ranges[Length] = range;
        }

        _units[Length++] = unit;
    }

    public void Append(Rune rune, TextRange range)
    {
        Reserve(2);
        var count = rune.EncodeToUtf16(_units.AsSpan(Length));
        Fill(count, range);
        Length += count;
    }

    public void Append(ReadOnlySpan<char> text, TextRange range)
    {
        Reserve(text.Length);
        text.CopyTo(_units.AsSpan(Length));
        Fill(text.Length, range);
        Length += text.Length;
    }

    public void Append(AlignedText text)
    {
        Reserve(text.Length);
        text.Units.CopyTo(_units.AsSpan(Length));
        if (_ranges is not null)
        {
            text.Ranges.CopyTo(_ranges.AsSpan(Length));
        }

        Length += text.Length;
    }

    /// <summary>What was written; the builder must not be used afterwards.</summary>
    public AlignedText Build() => new(_units, _ranges, 0, Length);

    private void Fill(int count, TextRange range)
    {
        if (_ranges is not null)
        {
            _ranges.AsSpan(Length, count).Fill(range);
        }
    }

    private void Reserve(int count)
    {
        if (Length + count <= _units.Length)
        {
            return;
        }

        var size = Math.Max(Length + count, 2 * _units.Length);
        Array.Resize(ref _units, size);
        if (_ranges is not null)
        {
            Array.Resize(ref _ranges, size);
        }
    }
}
