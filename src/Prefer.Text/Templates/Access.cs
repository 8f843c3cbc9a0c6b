using System.Numerics;
using System.Runtime.CompilerServices;

namespace Prefer.Text.Templates;

/// <summary><c>value.name</c>: a method or member first, else the item of that key.</summary>
internal sealed class AttributeExpression(Expression target, string name) : Expression
{
    public Expression Target => target;

    public string Name => name;

    public override object Evaluate(TemplateContext context, Frame frame)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        return Access.Attribute(context, target.Evaluate(context, frame), name);
    }
}

/// <summary><c>value[key]</c>: the item first, else the method or member of that name.</summary>
internal sealed class ItemExpression(Expression target, Expression key) : Expression
{
    public override object Evaluate(TemplateContext context, Frame frame)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        return Access.Item(context, target.Evaluate(context, frame), key.Evaluate(context, frame));
    }
}

/// <summary><c>value[start:stop:step]</c> of a string, list or tuple.</summary>
internal sealed class SliceExpression(Expression target, Expression? start, Expression? stop, Expression? step) : Expression
{
    public override object Evaluate(TemplateContext context, Frame frame)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var value = target.Evaluate(context, frame);
        return context.Charged(Access.Slice(value, Bound(start, context, frame), Bound(stop, context, frame), Bound(step, context, frame)));
    }

    private static long? Bound(Expression? bound, TemplateContext context, Frame frame) => bound?.Evaluate(context, frame) switch
    {
        null or None => null,
        long number => number,
        bool flag => flag ? 1 : 0,
        Undefined undefined => throw undefined.Fault(),
        BigInteger large => large.Sign * (long)int.MaxValue,
        _ => throw new TemplateFault("slice indices must be integers or None"),
    };
}

/// <summary>Jinja's rules for <c>.</c> and <c>[]</c>.</summary>
internal static class Access
{
    /// <summary>Marks a pair that <c>groupby</c> made, whose items have names.</summary>
    public const string GroupMark = "group";

    /// <exception cref="TemplateFault">The value is undefined.</exception>
    public static object Attribute(TemplateContext context, object value, string name)
    {
        switch (value)
        {
            case DictValue dict:
                if (Methods.Of(value, name) is { } method)
                {
                    return new BoundMethod(method, value);
                }

                return dict.TryGet(name, out var item) ? item : Missing(value, name);
            case LoopState loop:
                return loop.Attribute(context, name) ?? Missing(value, name);
            case NamespaceValue space:
                return space.Members.GetValueOrDefault(name) ?? Missing(value, name);
            case Undefined undefined:
                return name == "__class__" ? Missing(value, name) : throw undefined.Fault();
            case ListValue { Shown: GroupMark } group when name is "grouper" or "list":
                return group.Items[name == "grouper" ? 0 : 1];
            case Callable callable:
                return callable.Attribute(context, name) ?? Missing(value, name);
            default:
                return Methods.Of(value, name) is { } bound ? new BoundMethod(bound, value) : Missing(value, name);
        }
    }

    /// <exception cref="TemplateFault">The value is undefined.</exception>
    public static object Item(TemplateContext context, object value, object key)
    {
        switch (value)
        {
            case DictValue dict when key is not (DictValue or ListValue { Kind: ListKind.List }):
                if (dict.TryGet(key, out var item))
                {
                    return item;
                }

                break;
            case ListValue { IsIndexable: true } list when key is long or bool:
                var at = key is long number ? number : key is true ? 1 : 0;
                at += at < 0 ? list.Items.Length : 0;
                if (at >= 0 && at < list.Items.Length)
                {
                    return list.Items[at];
                }

                break;
            case string or Markup when key is long or bool:
                if (Character(Values.Text(value)!, key is long place ? place : key is true ? 1 : 0) is { } character)
                {
                    return value is Markup ? new Markup(character) : character;
                }

                break;
            case Undefined undefined:
                throw undefined.Fault();
        }

        if (Values.Text(key) is { } name)
        {
            return value is DictValue ? Methods.Of(value, name) is { } method ? new BoundMethod(method, value) : Missing(value, name) : Attribute(context, value, name);
        }

        return new Undefined(value is None ? $"None has no element {PythonText.Repr(key)}" : $"{Values.TypeName(value)} object has no element {PythonText.Repr(key)}");
    }

    public static object Slice(object value, long? start, long? stop, long? step)
    {
        if (step == 0)
        {
            throw new TemplateFault("slice step cannot be zero");
        }

        switch (value)
        {
            case string or Markup:
                var text = Values.Text(value)!;
                var cut = SliceText(text, start, stop, step ?? 1);
                return value is Markup ? new Markup(cut) : cut;
            case ListValue { IsIndexable: true } list:
                return new ListValue([.. Indices(list.Items.Length, start, stop, step ?? 1).Select(at => list.Items[at])], list.Kind == ListKind.Tuple ? ListKind.Tuple : ListKind.List);
            case Undefined undefined:
                throw undefined.Fault();
            default:
                throw new TemplateFault(value is DictValue ? "unhashable type: 'slice'" : $"'{Values.TypeName(value)}' object is not subscriptable");
        }
    }

    private static string SliceText(string text, long? start, long? stop, long step)
    {
        var count = CodePoints.Count(text);
        if (step == 1)
        {
            var (from, to) = (Clamp(start ?? 0, count, 0, count), Clamp(stop ?? count, count, 0, count));
            return from < to ? CodePoints.Slice(text, (int)from, (int)to) : "";
        }

        var characters = CodePoints.Split(text);
        return string.Concat(Indices(count, start, stop, step).Select(at => characters[at]));
    }

    private static IEnumerable<int> Indices(int count, long? start, long? stop, long step)
    {
        var (low, high) = step > 0 ? (0, count) : (-1, count - 1);
        var from = start is { } first ? Clamp(first, count, low, high) : step > 0 ? low : high;
        var to = stop is { } last ? Clamp(last, count, low, high) : step > 0 ? high : low;
        for (var at = from; step > 0 ? at < to : at > to; at += step)
        {
            yield return (int)at;
        }
    }

    private static long Clamp(long index, int count, int low, int high) => Math.Clamp(index < 0 ? index + count : index, low, high);

    private static string? Character(string text, long index)
    {
        if (CodePoints.AreUnits(text))
        {
            index += index < 0 ? text.Length : 0;
            return index >= 0 && index < text.Length ? text[(int)index].ToString() : null;
        }

        var characters = CodePoints.Split(text);
        index += index < 0 ? characters.Length : 0;
        return index >= 0 && index < characters.Length ? (string)characters[index] : null;
    }

    // What every Python object has is withheld: undefined, and an error where it is used.
    private static Undefined Missing(object value, string name) =>
        new(name == "__class__" ? $"access to attribute '{name}' of '{Values.TypeName(value)}' object is unsafe." : value is None ? $"'None' has no attribute '{name}'" : $"'{Values.TypeName(value)} object' has no attribute '{name}'");
}
