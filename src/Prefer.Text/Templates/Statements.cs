namespace Prefer.Text.Templates;

/// <summary>How a statement ended.</summary>
internal enum Flow
{
    Next,
    Break,
    Continue,
}

/// <summary>A part of a template that writes or changes something.</summary>
internal abstract class Statement
{
    public abstract Flow Execute(TemplateContext context, Frame frame);

    public static Flow Run(Statement[] body, TemplateContext context, Frame frame)
    {
        foreach (var statement in body)
        {
            if (statement.Execute(context, frame) is var flow and not Flow.Next)
            {
                return flow;
            }
        }

        return Flow.Next;
    }
}

internal sealed class TextStatement(string text) : Statement
{
    public override Flow Execute(TemplateContext context, Frame frame)
    {
        context.Write(text);
        return Flow.Next;
    }
}

internal sealed class OutputStatement(Expression value, int line) : Statement
{
    public override Flow Execute(TemplateContext context, Frame frame)
    {
        context.Line = line;
        context.Write(PythonText.Str(value.Evaluate(context, frame)));
        return Flow.Next;
    }
}

internal sealed class IfStatement((Expression Test, int Line, Statement[] Body)[] branches, Statement[] otherwise) : Statement
{
    public override Flow Execute(TemplateContext context, Frame frame)
    {
        foreach (var (test, line, body) in branches)
        {
            context.Line = line;
            if (test.IsTrue(context, frame))
            {
                return Run(body, context, frame);
            }
        }

        return Run(otherwise, context, frame);
    }
}

internal sealed class JumpStatement(Flow flow) : Statement
{
    public override Flow Execute(TemplateContext context, Frame frame) => flow;
}

/// <summary><c>{% set target = value %}</c></summary>
internal sealed class SetStatement(Target target, Expression value, int line) : Statement
{
    public override Flow Execute(TemplateContext context, Frame frame)
    {
        context.Line = line;
        target.Assign(value.Evaluate(context, frame), context, frame);
        return Flow.Next;
    }
}

/// <summary><c>{% set target %}…{% endset %}</c></summary>
internal sealed class SetBlockStatement(Target target, FilterExpression? filters, ScopeBody body, int line) : Statement
{
    public override Flow Execute(TemplateContext context, Frame frame)
    {
        var outer = context.BeginCapture();
        var flow = body.Execute(context, frame);
        var text = context.EndCapture(outer);
        if (flow == Flow.Next)
        {
            context.Line = line;
            target.Assign(filters?.ApplyTo(text, context, frame) ?? text, context, frame);
        }

        return flow;
    }
}

/// <summary><c>{% filter f %}…{% endfilter %}</c></summary>
internal sealed class FilterStatement(FilterExpression filters, ScopeBody body) : Statement
{
    public override Flow Execute(TemplateContext context, Frame frame)
    {
        var outer = context.BeginCapture();
        var flow = body.Execute(context, frame);
        var text = context.EndCapture(outer);
        if (flow == Flow.Next)
        {
            context.Write(PythonText.Str(filters.ApplyTo(text, context, frame)));
        }

        return flow;
    }
}

/// <summary><c>{% with a = 1 %}…{% endwith %}</c>: the values are those outside.</summary>
internal sealed class WithStatement((Target Target, Expression Value)[] assignments, ScopeBody body, int line) : Statement
{
    public override Flow Execute(TemplateContext context, Frame frame)
    {
        context.Line = line;
        object[] values = [.. assignments.Select(assignment => assignment.Value.Evaluate(context, frame))];
        body.Clear(frame);
        for (var at = 0; at < values.Length; at++)
        {
            assignments[at].Target.Assign(values[at], context, frame);
        }

        return body.Continue(context, frame);
    }
}

/// <summary><c>{% generation %}…{% endgeneration %}</c>: what the assistant wrote; its place in the text is remembered.</summary>
internal sealed class GenerationStatement(ScopeBody body) : Statement
{
    public override Flow Execute(TemplateContext context, Frame frame)
    {
        var start = context.Output.Length;
        var flow = body.Execute(context, frame);
        if (context.IsDirect)
        {
            context.Generated.Add(start..context.Output.Length);
        }

        return flow;
    }
}

/// <summary>Statements with variables of their own.</summary>
/// <param name="scope">The variables.</param>
/// <param name="body">The statements.</param>
internal sealed class ScopeBody(Scope scope, Statement[] body)
{
    public Flow Execute(TemplateContext context, Frame frame)
    {
        Clear(frame);
        return Continue(context, frame);
    }

    public void Clear(Frame frame)
    {
        foreach (var slot in scope.Slots)
        {
            frame.Slots[slot] = null;
        }
    }

    public Flow Continue(TemplateContext context, Frame frame) => Statement.Run(body, context, frame);
}

/// <summary>What can be assigned to.</summary>
internal abstract class Target
{
    public abstract void Assign(object value, TemplateContext context, Frame frame);
}

internal sealed class VariableTarget(int slot) : Target
{
    public override void Assign(object value, TemplateContext context, Frame frame) => frame.Slots[slot] = value;
}

internal sealed class TupleTarget(Target[] targets) : Target
{
    public override void Assign(object value, TemplateContext context, Frame frame)
    {
        var items = Values.Iterate(value);
        if (items.Length != targets.Length)
        {
            throw new TemplateFault(items.Length > targets.Length
                ? $"too many values to unpack (expected {targets.Length})"
                : $"not enough values to unpack (expected {targets.Length}, got {items.Length})");
        }

        for (var at = 0; at < items.Length; at++)
        {
            targets[at].Assign(items[at], context, frame);
        }
    }
}

/// <summary><c>ns.member</c>, the one assignment that reaches out of a loop.</summary>
internal sealed class MemberTarget(NameExpression name, string member) : Target
{
    public override void Assign(object value, TemplateContext context, Frame frame)
    {
        if (name.Evaluate(context, frame) is not NamespaceValue space)
        {
            throw new TemplateFault($"cannot assign attribute '{member}' on '{name.Name}', which is no namespace object");
        }

        context.Charge();
        space.Members[member] = value;
    }
}
