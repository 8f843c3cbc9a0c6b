namespace Prefer.Text.Unicode;

/// <summary>An immutable set of code points. Asking whether one is in it is a look into a bitmap, for those beyond U+FFFF a binary search.</summary>
internal sealed class CodePointSet
{
    /// <summary>One more than the largest code point.</summary>
    public const int Limit = 0x110000;

    // Ascending; the set begins at each even index and ends before each odd one.
    private readonly int[] _bounds;
    private readonly ulong _below64, _below128;
    private uint[]? _bitmap;

    private CodePointSet(int[] bounds)
    {
        _bounds = bounds;
        for (var code = 0; code < 64; code++)
        {
            _below64 |= Search(code) ? 1UL << code : 0;
            _below128 |= Search(code + 64) ? 1UL << code : 0;
        }
    }

    public static CodePointSet Empty { get; } = new([]);

    public static CodePointSet All { get; } = new([0, Limit]);

    public bool IsEmpty => _bounds.Length == 0;

    /// <summary>The only code point of the set, or null when it has none or several.</summary>
    public int? Single => _bounds.Length == 2 && _bounds[1] == _bounds[0] + 1 ? _bounds[0] : null;

    /// <summary>The inclusive ranges in ascending order.</summary>
    public IEnumerable<(int First, int Last)> Ranges
    {
        get
        {
            for (var i = 0; i < _bounds.Length; i += 2)
            {
                yield return (_bounds[i], _bounds[i + 1] - 1);
            }
        }
    }

    public static CodePointSet Of(int code) => new([code, code + 1]);

    public static CodePointSet Range(int first, int last) => new([first, last + 1]);

    /// <summary>The union of inclusive ranges, in any order.</summary>
    public static CodePointSet Of(IEnumerable<(int First, int Last)> ranges)
    {
        var bounds = new List<int>();
        foreach (var (first, last) in ranges.OrderBy(range => range.First))
        {
            if (bounds.Count > 0 && first <= bounds[^1])
            {
                bounds[^1] = Math.Max(bounds[^1], last + 1);
            }
            else
            {
                bounds.Add(first);
                bounds.Add(last + 1);
            }
        }

        return new CodePointSet([.. bounds]);
    }

    public bool Contains(int code)
    {
        if (code < 128)
        {
            return ((code < 64 ? _below64 >> code : _below128 >> (code - 64)) & 1) != 0;
        }

        return code < 0x10000 ? ((_bitmap ?? FillBitmap())[code >> 5] >> (code & 31) & 1) != 0 : Search(code);
    }

    public CodePointSet Union(CodePointSet other) => Of(Ranges.Concat(other.Ranges));

    public CodePointSet Intersect(CodePointSet other) => Complement().Union(other.Complement()).Complement();

    public bool Overlaps(CodePointSet other) => !Intersect(other).IsEmpty;

    public CodePointSet Complement()
    {
        var bounds = _bounds.ToList();
        if (bounds.Count > 0 && bounds[0] == 0)
        {
            bounds.RemoveAt(0);
        }
        else
        {
            bounds.Insert(0, 0);
        }

        if (bounds.Count > 0 && bounds[^1] == Limit)
        {
            bounds.RemoveAt(bounds.Count - 1);
        }
        else
        {
            bounds.Add(Limit);
        }

        return new CodePointSet([.. bounds]);
    }

    private bool Search(int code)
    {
        var index = Array.BinarySearch(_bounds, code);
        return ((index >= 0 ? index : ~index - 1) & 1) == 0;
    }

    // Two threads may both fill it; they write the same bits.
    private uint[] FillBitmap()
    {
        var bitmap = new uint[0x10000 / 32];
        foreach (var (first, last) in Ranges)
        {
            for (var code = first; code <= Math.Min(last, 0xFFFF); code++)
            {
                bitmap[code >> 5] |= 1u << (code & 31);
            }
        }

        return _bitmap = bitmap;
    }
}
