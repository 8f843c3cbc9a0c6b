namespace Prefer.Text;

/// <summary>
/// A thread's memory for the texts between the steps of one encoding, used anew for the next, so that encoding to ids allocates no text. Regions are taken
/// one behind the other; the last may grow and shrink.
/// </summary>
internal sealed class TextArena
{
    private const int FirstSize = 1 << 16;

    /// <summary>A larger chunk, taken for a long text, is not kept for the next.</summary>
    private const int LargestKept = 1 << 20;

    [ThreadStatic]
    private static TextArena? own;

    private int _used;

    public static TextArena OfThread => own ??= new TextArena();

    public char[] Units { get; private set; } = new char[FirstSize];

    /// <summary>Forgets all regions.</summary>
    public void Clear()
    {
        _used = 0;
        if (Units.Length > LargestKept)
        {
            Units = new char[FirstSize];
        }
    }

    /// <summary>Takes a region of <see cref="Units"/> and gives its start. Earlier regions stay where they are: a chunk that is full is left to those who hold it.</summary>
    public int Take(int length)
    {
        if (_used + length > Units.Length)
        {
            Units = new char[Math.Max(2 * Units.Length, length)];
            _used = 0;
        }

        var start = _used;
        _used += length;
        return start;
    }

    /// <summary>Gives back the end of a region, if nothing was taken since.</summary>
    public void Shrink(char[] units, int start, int length, int kept)
    {
        if (units == Units && start + length == _used)
        {
            _used = start + kept;
        }
    }
}
