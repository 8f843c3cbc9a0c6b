using System.Runtime.CompilerServices;

namespace Prefer.Text.Templates;

/// <summary>A part of a template that has a value.</summary>
internal abstract class Expression
{
    public abstract object Evaluate(TemplateContext context, Frame frame);

    public bool IsTrue(TemplateContext context, Frame frame) => Values.IsTrue(Evaluate(context, frame));
}

internal sealed class Constant(object value) : Expression
{
    public object Value => value;

    public override object Evaluate(TemplateContext context, Frame frame) => value;
}

/// <summary>A variable. Where it stands is known once the whole template is read, since a later <c>set</c> in the same scope counts.</summary>
/// <param name="name">Its name.</param>
/// <param name="position">Which token of the template it is.</param>
internal sealed class NameExpression(string name, int position) : Expression
{
    private (int Up, int Slot)[] places = [];
    private int global;

    public string Name => name;

    public int Position => position;

    /// <param name="found">The places to look at, innermost first: how many frames up, and the slot there.</param>
    /// <param name="globalIndex">The number of the name among those that the template does not set.</param>
    public void Resolve((int Up, int Slot)[] found, int globalIndex) => (places, global) = (found, globalIndex);

    public override object Evaluate(TemplateContext context, Frame frame)
    {
        foreach (var (up, slot) in places)
        {
            var at = frame;
            for (var step = up; step > 0; step--)
            {
                at = at.Parent!;
            }

            if (at.Slots[slot] is { } value)
            {
                return value;
            }
        }

        return context.Globals[global] ?? new Undefined($"'{name}' is undefined");
    }
}

internal sealed class ListExpression(Expression[] items, ListKind kind) : Expression
{
    public Expression[] Items => items;

    public ListKind Kind => kind;

    public override object Evaluate(TemplateContext context, Frame frame)
    {
        var values = new object[items.Length];
        for (var at = 0; at < values.Length; at++)
        {
            values[at] = items[at].Evaluate(context, frame);
        }

        return new ListValue(values, kind);
    }
}

internal sealed class DictExpression((Expression Key, Expression Value)[] entries) : Expression
{
    public override object Evaluate(TemplateContext context, Frame frame)
    {
        var dict = new DictValue();
        foreach (var (key, value) in entries)
        {
            dict.Set(key.Evaluate(context, frame), value.Evaluate(context, frame));
        }

        return dict;
    }
}

/// <summary><c>a if test else b</c>; without an else it is undefined where the test is false.</summary>
internal sealed class ConditionalExpression(Expression test, Expression then, Expression? otherwise) : Expression
{
    public override object Evaluate(TemplateContext context, Frame frame) =>
        test.IsTrue(context, frame) ? then.Evaluate(context, frame)
        : otherwise?.Evaluate(context, frame) ?? new Undefined("the inline if-expression evaluated to false and no else section was defined.");
}

/// <summary><c>and</c>, <c>or</c>: the value of the side that decides.</summary>
internal sealed class LogicalExpression(bool isAnd, Expression left, Expression right) : Expression
{
    public override object Evaluate(TemplateContext context, Frame frame)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var first = left.Evaluate(context, frame);
        return Values.IsTrue(first) == isAnd ? right.Evaluate(context, frame) : first;
    }
}

internal sealed class UnaryExpression(string sign, Expression operand) : Expression
{
    public override object Evaluate(TemplateContext context, Frame frame)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var value = operand.Evaluate(context, frame);
        return sign switch
        {
            "not" => Values.Of(!Values.IsTrue(value)),
            "-" => Arithmetic.Negate(value),
            _ => Arithmetic.Plus(value),
        };
    }
}

internal sealed class BinaryExpression(string sign, Expression left, Expression right) : Expression
{
    public override object Evaluate(TemplateContext context, Frame frame)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var (first, second) = (left.Evaluate(context, frame), right.Evaluate(context, frame));
        return context.Charged(sign switch
        {
            "+" => Arithmetic.Add(first, second),
            "*" => Arithmetic.Multiply(first, second),
            "%" => Arithmetic.Remainder(context, first, second),
            _ => Arithmetic.Numbers(sign, first, second),
        });
    }
}

/// <summary><c>a ~ b ~ c</c>: the texts of the values in a row.</summary>
internal sealed class JoinExpression(Expression[] parts) : Expression
{
    public override object Evaluate(TemplateContext context, Frame frame)
    {
        var text = "";
        foreach (var part in parts)
        {
            text = Limits.Join(text, PythonText.Str(part.Evaluate(context, frame)));
        }

        return context.Charged(text);
    }
}

/// <summary><c>a &lt; b == c</c>: every neighbouring pair must hold, and nothing after the first that does not is looked at.</summary>
internal sealed class ComparisonExpression(Expression first, (string Sign, Expression Operand)[] others) : Expression
{
    public override object Evaluate(TemplateContext context, Frame frame)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var left = first.Evaluate(context, frame);
        foreach (var (sign, operand) in others)
        {
            var right = operand.Evaluate(context, frame);
            if (right is ListValue searched)
            {
                context.Charge(searched.Items.Length >> 3);
            }

            var holds = sign switch
            {
                "in" => ValueComparison.Contains(right, left),
                "not in" => !ValueComparison.Contains(right, left),
                _ => ValueComparison.Holds(left, sign, right),
            };
            if (!holds)
            {
                return Values.False;
            }

            left = right;
        }

        return Values.True;
    }
}
