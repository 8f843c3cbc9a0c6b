using System.Text;

namespace Prefer.Text;

/// <summary>Writes an <see cref="AlignedText"/>, one code point after the other: without places into the thread's arena.</summary>
internal sealed class AlignedTextBuilder
{
    private char[] _units;
    private TextRange[]? _ranges;
    private int _start, _capacity, _openingCount;

    /// <param name="capacity">UTF-16 units there is room for at first.</param>
    /// <param name="aligned">Whether places are kept; see <see cref="AlignedText"/>.</param>
    public AlignedTextBuilder(int capacity, bool aligned)
    {
        _capacity = Math.Max(capacity, 4);
        if (aligned)
        {
            _units = new char[_capacity];
            _ranges = new TextRange[_capacity];
        }
        else
        {
            _start = TextArena.OfThread.Take(_capacity);
            _units = TextArena.OfThread.Units;
        }
    }

    /// <summary>UTF-16 units written so far.</summary>
    public int Length { get; private set; }

    public void Append(char unit, TextRange range)
    {
        Reserve(1);
        Place(1, range);
        _units[_start + Length++] = unit;
    }

    public void Append(Rune rune, TextRange range)
    {
        Reserve(2);
        var count = rune.EncodeToUtf16(_units.AsSpan(_start + Length));
        Place(count, range);
        Length += count;
    }

    public void Append(ReadOnlySpan<char> text, TextRange range)
    {
        Reserve(text.Length);
        text.CopyTo(_units.AsSpan(_start + Length));
        Place(text.Length, range);
        Length += text.Length;
    }

    public void Append(AlignedText text)
    {
        Reserve(text.Length);
        text.Units.CopyTo(_units.AsSpan(_start + Length));
        if (_ranges is not null)
        {
            text.Ranges.CopyTo(_ranges.AsSpan(Length));
        }
        else
        {
            for (var i = 0; i < text.Length && _openingCount == Length + i && text.Ranges[i].Start == 0; i++)
            {
                _openingCount++;
            }
        }

        Length += text.Length;
    }

    /// <summary>What was written; the builder must not be used afterwards.</summary>
    public AlignedText Build()
    {
        if (_ranges is null)
        {
            TextArena.OfThread.Shrink(_units, _start, _capacity, Length);
        }

        return new AlignedText(_units, _ranges, _start + _openingCount, _start, Length);
    }

    /// <summary>Gives the next units their range.</summary>
    private void Place(int count, TextRange range)
    {
        if (_ranges is not null)
        {
            _ranges.AsSpan(Length, count).Fill(range);
        }
        else if (range.Start == 0 && _openingCount == Length)
        {
            _openingCount += count;
        }
    }

    private void Reserve(int count)
    {
        if (Length + count <= _capacity)
        {
            return;
        }

        var size = Math.Max(Length + count, 2 * _capacity);
        if (_ranges is not null)
        {
            Array.Resize(ref _units, size);
            Array.Resize(ref _ranges, size);
        }
        else
        {
            var start = TextArena.OfThread.Take(size);
            _units.AsSpan(_start, Length).CopyTo(TextArena.OfThread.Units.AsSpan(start));
            (_units, _start) = (TextArena.OfThread.Units, start);
        }

        _capacity = size;
    }
}
