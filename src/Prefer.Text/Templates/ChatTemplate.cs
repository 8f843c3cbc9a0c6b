using System.Collections.Immutable;

namespace Prefer.Text.Templates;

/// <summary>A rendered conversation.</summary>
/// <param name="Text">The text.</param>
/// <param name="Generated">Ranges of the text that stand inside <c>{% generation %}</c>, in UTF-16 units; empty where the template does not mark them.</param>
public sealed record RenderedChat(string Text, ImmutableArray<Range> Generated);

/// <summary>
/// A chat template: Jinja as transformers sets it up (<c>trim_blocks</c>, <c>lstrip_blocks</c>, immutable sandbox, loop controls, <c>{% generation %}</c>,
/// its own <c>tojson</c>, <c>raise_exception</c> and <c>strftime_now</c>). Read once, rendered any number of times by any number of threads. A template
/// reaches nothing but the variables it is given, and what it may do is limited. docs/templates.md says what is left out.
/// </summary>
public sealed class ChatTemplate
{
    private readonly string name;
    private readonly TemplateParser.Parsed parsed;

    private ChatTemplate(string name, string source, TemplateParser.Parsed parsed) => (this.name, Source, this.parsed) = (name, source, parsed);

    /// <summary>The template as it was read.</summary>
    public string Source { get; }

    /// <summary>Whether the text may depend on the day: the template calls <c>strftime_now</c>.</summary>
    public bool ReadsClock => parsed.Globals.ContainsKey("strftime_now");

    /// <summary>Reads a template.</summary>
    /// <param name="source">Jinja.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="TemplateException">It is not a template, or uses what is not supported.</exception>
    public static ChatTemplate Parse(string source, string name = "chat template")
    {
        try
        {
            return new ChatTemplate(name, source, TemplateParser.Read(source));
        }
        catch (TemplateFault fault)
        {
            throw new TemplateException(name, Math.Max(1, fault.Line), fault.Message, fault);
        }
        catch (InsufficientExecutionStackException error)
        {
            throw new TemplateException(name, 1, "nested too deeply to be read", error);
        }
    }

    /// <summary>The text of a conversation.</summary>
    /// <param name="variables">What the template reads.</param>
    /// <param name="now">The local time that <c>strftime_now</c> tells.</param>
    /// <exception cref="TemplateException">The template refuses the conversation, fails on it, or goes beyond the limits.</exception>
    public string Render(TemplateVariables variables, DateTime now) => RenderWithRanges(variables, now).Text;

    /// <inheritdoc cref="Render"/>
    public RenderedChat RenderWithRanges(TemplateVariables variables, DateTime now)
    {
        var globals = new object?[parsed.Globals.Count];
        foreach (var (global, at) in parsed.Globals)
        {
            globals[at] = variables.Find(global) ?? GlobalTable.Find(global);
        }

        var context = new TemplateContext(globals, now);
        try
        {
            Statement.Run(parsed.Body, context, new Frame(parsed.Root.FrameSlotCount, null));
        }
        catch (TemplateFault fault)
        {
            throw new TemplateException(name, context.Line, fault.Message, fault);
        }
        catch (InsufficientExecutionStackException error)
        {
            throw new TemplateException(name, context.Line, "values or calls nested too deeply", error);
        }

        return new RenderedChat(context.Output.ToString(), [.. context.Generated]);
    }
}
