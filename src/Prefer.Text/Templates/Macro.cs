namespace Prefer.Text.Templates;

/// <summary>What a macro or the body of a call block is made of.</summary>
internal sealed class MacroBody
{
    public required string Name { get; init; }

    public required (string Name, int Slot, Expression? Default)[] Parameters { get; init; }

    public required Scope Scope { get; init; }

    public required Statement[] Body { get; init; }

    /// <summary>Slots of the names that are filled only where the body reads them; null where it does not.</summary>
    public required int? VarargsSlot { get; init; }

    /// <inheritdoc cref="VarargsSlot"/>
    public required int? KwargsSlot { get; init; }

    /// <inheritdoc cref="VarargsSlot"/>
    public required int? CallerSlot { get; init; }
}

/// <summary>A macro with the variables of the place where it stands.</summary>
internal sealed class Macro(MacroBody body, Frame definedIn) : Callable
{
    public override string Name => body.Name;

    public override object Call(TemplateContext context, CallArguments arguments)
    {
        context.Enter();
        var frame = new Frame(body.Scope.FrameSlotCount, definedIn);
        Fill(frame, context, arguments);
        var outer = context.BeginCapture();
        Statement.Run(body.Body, context, frame);
        var text = context.EndCapture(outer);
        context.Leave();
        return text;
    }

    public override object? Attribute(TemplateContext context, string name) => name switch
    {
        "name" => body.Name,
        "arguments" => ListValue.Tuple([.. body.Parameters.Select(parameter => parameter.Name)]),
        "catch_kwargs" => Values.Of(body.KwargsSlot is not null),
        "catch_varargs" => Values.Of(body.VarargsSlot is not null),
        "caller" => Values.Of(body.CallerSlot is not null),
        _ => null,
    };

    private void Fill(Frame frame, TemplateContext context, CallArguments arguments)
    {
        var (positional, parameters) = (arguments.Positional, body.Parameters);
        var extra = new DictValue();
        object caller = new Undefined("No caller defined");
        foreach (var (name, value) in arguments.Named)
        {
            var at = Array.FindIndex(parameters, parameter => parameter.Name == name);
            if (at >= positional.Length)
            {
                frame.Slots[parameters[at].Slot] = value;
            }
            else if (name == "caller" && body.CallerSlot is not null && at < 0)
            {
                caller = value;
            }
            else if (at >= 0)
            {
                throw new TemplateFault($"macro '{Name}' got multiple values for argument '{name}'");
            }
            else
            {
                extra.Set(name, value);
            }
        }

        for (var at = 0; at < parameters.Length; at++)
        {
            if (at < positional.Length)
            {
                frame.Slots[parameters[at].Slot] = positional[at];
            }
        }

        // A default may read the parameters before it.
        foreach (var (name, slot, missing) in parameters)
        {
            frame.Slots[slot] ??= missing?.Evaluate(context, frame) ?? new Undefined($"parameter '{name}' was not provided");
        }

        if (body.CallerSlot is { } callerSlot)
        {
            frame.Slots[callerSlot] ??= caller;
        }

        Rest(frame, positional, extra);
    }

    private void Rest(Frame frame, object?[] positional, DictValue extra)
    {
        if (body.KwargsSlot is { } named)
        {
            frame.Slots[named] = extra;
        }
        else if (extra.Count > 0)
        {
            throw new TemplateFault(extra.TryGet("caller", out _)
                ? $"macro '{Name}' was invoked with two values for the special caller argument, or takes no caller"
                : $"macro '{Name}' takes no keyword argument {PythonText.Repr(extra.Entries[0].Key)}");
        }

        var count = body.Parameters.Length;
        if (body.VarargsSlot is { } rest)
        {
            frame.Slots[rest] = ListValue.Tuple([.. positional.Skip(count).OfType<object>()]);
        }
        else if (positional.Length > count)
        {
            throw new TemplateFault($"macro '{Name}' takes not more than {count} argument(s)");
        }
    }
}

/// <summary><c>{% macro name(parameters) %}…{% endmacro %}</c></summary>
internal sealed class MacroStatement(MacroBody body, int slot) : Statement
{
    public override Flow Execute(TemplateContext context, Frame frame)
    {
        frame.Slots[slot] = new Macro(body, frame);
        return Flow.Next;
    }
}

/// <summary><c>{% call(parameters) macro(arguments) %}…{% endcall %}</c>: the macro finds the body as <c>caller</c>.</summary>
internal sealed class CallStatement(CallExpression call, MacroBody body) : Statement
{
    public override Flow Execute(TemplateContext context, Frame frame)
    {
        context.Write(PythonText.Str(call.Evaluate(context, frame, new Macro(body, frame))));
        return Flow.Next;
    }
}
