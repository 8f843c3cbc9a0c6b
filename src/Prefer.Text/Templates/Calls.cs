using System.Runtime.CompilerServices;

namespace Prefer.Text.Templates;

/// <summary>The arguments of a call as they are written.</summary>
internal sealed class ArgumentList(Expression[] positional, (string Name, Expression Value)[] named, Expression? spread, Expression? spreadNamed)
{
    public static ArgumentList None { get; } = new([], [], null, null);

    public static ArgumentList Of(Expression only) => new([only], [], null, null);

    public CallArguments Evaluate(TemplateContext context, Frame frame, Callable? caller = null)
    {
        if (positional.Length == 0 && named.Length == 0 && spread is null && spreadNamed is null && caller is null)
        {
            return CallArguments.None;
        }

        var values = new object?[positional.Length];
        for (var at = 0; at < values.Length; at++)
        {
            values[at] = positional[at].Evaluate(context, frame);
        }

        if (spread is not null)
        {
            values = [.. values, .. Values.Iterate(spread.Evaluate(context, frame))];
        }

        if (named.Length == 0 && spreadNamed is null && caller is null)
        {
            return new CallArguments(values, []);
        }

        var pairs = named.Select(pair => KeyValuePair.Create(pair.Name, pair.Value.Evaluate(context, frame))).ToList();
        switch (spreadNamed?.Evaluate(context, frame))
        {
            case null:
                break;
            case DictValue dict:
                pairs.AddRange(dict.Entries.Select(entry => KeyValuePair.Create(Values.Text(entry.Key) ?? throw new TemplateFault("keywords must be strings"), entry.Value)));
                break;
            case var other:
                throw new TemplateFault($"argument after ** must be a mapping, not {Values.TypeName(other)}");
        }

        if (caller is not null)
        {
            pairs.Add(KeyValuePair.Create("caller", (object)caller));
        }

        return new CallArguments(values, pairs);
    }
}

/// <summary><c>callee(arguments)</c>.</summary>
internal sealed class CallExpression(Expression callee, ArgumentList arguments, int line) : Expression
{
    public override object Evaluate(TemplateContext context, Frame frame) => Evaluate(context, frame, null);

    /// <param name="caller">The body of a call block, or null.</param>
    public object Evaluate(TemplateContext context, Frame frame, Callable? caller)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        context.Line = line;
        object target;
        if (callee is AttributeExpression access)
        {
            var self = access.Target.Evaluate(context, frame);
            if (self is string or DictValue or ListValue or Markup && Methods.Of(self, access.Name) is { } method)
            {
                return method.Call(context, self, arguments.Evaluate(context, frame, caller));
            }

            target = Access.Attribute(context, self, access.Name);
        }
        else
        {
            target = callee.Evaluate(context, frame);
        }

        if (target is not Callable callable)
        {
            throw (target as Undefined)?.Fault() ?? new TemplateFault($"'{Values.TypeName(target)}' object is not callable");
        }

        var values = arguments.Evaluate(context, frame, caller);
        context.Charge();
        return callable.Call(context, values);
    }
}

/// <summary><c>value|filter(arguments)</c>.</summary>
internal sealed class FilterExpression(Expression? value, Builtin filter, ArgumentList arguments, int line) : Expression
{
    public override object Evaluate(TemplateContext context, Frame frame)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        return Apply(value!.Evaluate(context, frame), context, frame);
    }

    /// <summary>The filters of a block work on what the block wrote.</summary>
    public object ApplyTo(string written, TemplateContext context, Frame frame) =>
        Apply(value is null ? written : ((FilterExpression)value).ApplyTo(written, context, frame), context, frame);

    private object Apply(object input, TemplateContext context, Frame frame)
    {
        context.Line = line;
        return filter.Call(context, input, arguments.Evaluate(context, frame));
    }
}

/// <summary><c>value is test(arguments)</c>.</summary>
internal sealed class TestExpression(Expression value, Builtin test, ArgumentList arguments) : Expression
{
    public override object Evaluate(TemplateContext context, Frame frame)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        return test.Call(context, value.Evaluate(context, frame), arguments.Evaluate(context, frame));
    }
}
