namespace Prefer.Text.Templates;

/// <summary>How much a template may do. Far above what conversations need; a template that gets there runs wild.</summary>
internal static class Limits
{
    /// <summary>Characters of the rendered text, and of any string on the way.</summary>
    public const int TextLength = 1 << 24;

    /// <summary>Items of one list.</summary>
    public const int ListCount = 1 << 20;

    /// <summary>Rounds of loops, calls, and blocks of 64 characters or 8 items moved.</summary>
    public const int StepCount = 10_000_000;

    /// <summary>Macros and recursive loops within one another.</summary>
    public const int Depth = 200;

    /// <summary>Numbers of one <c>range</c>; Jinja's sandbox has the same.</summary>
    public const int RangeCount = 100_000;

    public static string Join(string left, string right)
    {
        CheckText((long)left.Length + right.Length);
        return string.Concat(left, right);
    }

    public static void CheckText(long length, long times = 1)
    {
        if ((double)length * times > TextLength)
        {
            throw new TemplateFault($"a text of more than {TextLength} characters, which is the limit");
        }
    }

    public static void CheckCount(long count, long times = 1)
    {
        if ((double)count * times > ListCount)
        {
            throw new TemplateFault($"a list of more than {ListCount} items, which is the limit");
        }
    }
}
