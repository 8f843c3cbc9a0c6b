namespace Prefer.Text.Patterns;

/// <summary>The open choices of a match and its registers. Each thread has one and keeps it, so that matching allocates nothing.</summary>
internal sealed class PatternStack
{
    /// <summary>Go on at A with the place B.</summary>
    public const int Resume = 0;

    /// <summary>Register A was B.</summary>
    public const int Restore = 1;

    /// <summary>The loop at A took up to C and may give back to B.</summary>
    public const int GiveBack = 2;

    /// <summary>The loop at A took up to B and may take C more.</summary>
    public const int More = 3;

    /// <summary>The step at A went back to B and may go back C more.</summary>
    public const int Further = 4;

    [ThreadStatic]
    private static PatternStack? _ofThread;

    private Choice[] _choices = new Choice[64];
    private int[] _registers = [];

    private PatternStack()
    {
    }

    public struct Choice
    {
        public int Kind, A, B, C;
    }

    public static PatternStack OfThread => _ofThread ??= new PatternStack();

    public int Height { get; private set; }

    /// <summary>The last choice; it is good until the next push.</summary>
    public ref Choice Top => ref _choices[Height - 1];

    public int[] Registers(int count) => _registers.Length >= count ? _registers : _registers = new int[count];

    public void Clear() => Height = 0;

    public void Push(int kind, int a, int b, int c)
    {
        if (Height == _choices.Length)
        {
            Array.Resize(ref _choices, 2 * Height);
        }

        _choices[Height++] = new Choice { Kind = kind, A = a, B = b, C = c };
    }

    public void Pop() => Height--;

    /// <summary>Forgets the choices above a height, but not what registers were before them.</summary>
    public void Cut(int height)
    {
        var kept = height;
        for (var i = height; i < Height; i++)
        {
            if (_choices[i].Kind == Restore)
            {
                _choices[kept++] = _choices[i];
            }
        }

        Height = kept;
    }
}
