using System.Runtime.CompilerServices;
using System.Text;

namespace Prefer.Text.Templates;

/// <summary>One rendering: what was written so far, where the template is, and what it may still do.</summary>
/// <param name="globals">Values of the names that the template does not set itself, by their numbers; null where there is none.</param>
/// <param name="now">What the template takes for the time.</param>
internal sealed class TemplateContext(object?[] globals, DateTime now)
{
    private readonly Stack<StringBuilder> spare = new();
    private long steps = Limits.StepCount;
    private int depth;

    public object?[] Globals => globals;

    public DateTime Now => now;

    /// <summary>The line being rendered, for messages.</summary>
    public int Line { get; set; } = 1;

    public StringBuilder Output { get; private set; } = new();

    /// <summary>Ranges of the output inside <c>{% generation %}</c>, in UTF-16 units.</summary>
    public List<Range> Generated { get; } = [];

    /// <summary>Whether what is written goes to the rendered text itself and not into a variable or macro.</summary>
    public bool IsDirect { get; private set; } = true;

    public void Write(string text)
    {
        Limits.CheckText((long)Output.Length + text.Length);
        Output.Append(text);
    }

    /// <summary>Counts work; values are counted by their size.</summary>
    public void Charge(long units = 1)
    {
        if ((steps -= units) < 0)
        {
            throw new TemplateFault($"more than {Limits.StepCount} steps, which is the limit: the template loops without end, or the conversation is enormous");
        }
    }

    public object Charged(object value)
    {
        Charge(1 + value switch
        {
            string text => text.Length >> 6,
            ListValue list => list.Items.Length >> 3,
            _ => 0,
        });
        return value;
    }

    public Capture BeginCapture()
    {
        var outer = new Capture(Output, IsDirect);
        Output = spare.TryPop(out var builder) ? builder : new StringBuilder();
        IsDirect = false;
        return outer;
    }

    public string EndCapture(Capture outer)
    {
        var text = Output.ToString();
        spare.Push(Output.Clear());
        (Output, IsDirect) = (outer.Output, outer.IsDirect);
        Charge(1 + (text.Length >> 6));
        return text;
    }

    public void Enter()
    {
        Charge();
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (++depth > Limits.Depth)
        {
            throw new TemplateFault($"macros or recursive loops more than {Limits.Depth} deep, which is the limit");
        }
    }

    public void Leave() => depth--;

    internal readonly record struct Capture(StringBuilder Output, bool IsDirect);
}

/// <summary>The variables of the template, of one call of a macro or of one pass of a recursive loop.</summary>
/// <param name="slotCount">How many variables.</param>
/// <param name="parent">Those of the place where the macro stands.</param>
internal sealed class Frame(int slotCount, Frame? parent)
{
    public object?[] Slots { get; } = slotCount == 0 ? [] : new object?[slotCount];

    public Frame? Parent => parent;
}
