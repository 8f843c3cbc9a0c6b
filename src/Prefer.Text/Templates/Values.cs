using System.Numerics;

namespace Prefer.Text.Templates;

// A value of a template is one of: None, Undefined, bool, long, BigInteger (beyond 64 bits), double, string, Markup, ListValue, DictValue,
// NamespaceValue or a Callable. There is no other kind, and so no way from a template to anything of the program.

/// <summary>Python's <c>None</c>.</summary>
internal sealed class None
{
    public static readonly None Value = new();

    private None()
    {
    }
}

/// <summary>What a name or attribute that is not there gives: printed as nothing, empty when iterated, an error for anything else.</summary>
/// <param name="reason">What the error says.</param>
internal sealed class Undefined(string reason)
{
    public string Reason => reason;

    public TemplateFault Fault() => new(reason);
}

/// <summary>A string marked as safe (<c>safe</c>, <c>escape</c>): what is joined to it by <c>+</c> is escaped, as markupsafe does.</summary>
/// <param name="text">The string.</param>
internal sealed class Markup(string text)
{
    public string Text => text;

    public static string Escape(string text) =>
        text.AsSpan().IndexOfAny("&<>'\"") < 0
            ? text
            : text.Replace("&", "&amp;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)
                .Replace("'", "&#39;", StringComparison.Ordinal).Replace("\"", "&#34;", StringComparison.Ordinal);
}

/// <summary>Which of Python's sequences a <see cref="ListValue"/> is; they differ in printing, indexing and equality.</summary>
internal enum ListKind
{
    List,
    Tuple,
    Range,
    Generator,
    Keys,
    Values,
    Items,
}

/// <summary>A sequence. It is never changed after it was made, save that a generator gives each item once.</summary>
internal sealed class ListValue(object[] items, ListKind kind = ListKind.List, string? shown = null)
{
    private int taken;

    public ListKind Kind => kind;

    /// <summary>All items; of a generator too, taken or not.</summary>
    public object[] Items => items;

    /// <summary>How a range is written.</summary>
    public string? Shown => shown;

    public bool IsIndexable => kind is ListKind.List or ListKind.Tuple or ListKind.Range;

    public static ListValue Tuple(params object[] items) => new(items, ListKind.Tuple);

    public static ListValue Generator(IEnumerable<object> items) => new([.. items], ListKind.Generator);

    /// <summary>The items as iteration gives them: of a generator those that nobody took yet.</summary>
    public object[] Take()
    {
        if (kind != ListKind.Generator)
        {
            return items;
        }

        var rest = taken == 0 ? items : items[taken..];
        taken = items.Length;
        return rest;
    }

    /// <summary>The first item, which a generator then no longer has.</summary>
    public object? TakeFirst()
    {
        var at = kind == ListKind.Generator ? taken : 0;
        taken = at + 1;
        return at < items.Length ? items[at] : null;
    }
}

/// <summary>A mapping in the order in which its keys came.</summary>
internal sealed class DictValue
{
    // Below this many entries a scan is faster than a hash.
    private const int ScanCount = 8;

    private readonly List<KeyValuePair<object, object>> entries = [];
    private Dictionary<object, int>? index;

    public int Count => entries.Count;

    public IReadOnlyList<KeyValuePair<object, object>> Entries => entries;

    public object[] Keys => [.. entries.Select(entry => entry.Key)];

    public bool TryGet(object key, out object value)
    {
        var at = Find(key);
        value = at < 0 ? None.Value : entries[at].Value;
        return at >= 0;
    }

    public void Set(object key, object value)
    {
        ValueComparison.RequireHashable(key);
        var at = Find(key);
        if (at >= 0)
        {
            entries[at] = new(entries[at].Key, value);
            return;
        }

        entries.Add(new(key, value));
        if (index is not null)
        {
            index[key] = entries.Count - 1;
        }
        else if (entries.Count > ScanCount)
        {
            index = new Dictionary<object, int>(ValueComparison.Keys);
            for (var position = 0; position < entries.Count; position++)
            {
                index[entries[position].Key] = position;
            }
        }
    }

    public ListValue View(ListKind kind) => new(
        [.. entries.Select(entry => kind switch
        {
            ListKind.Keys => entry.Key,
            ListKind.Values => entry.Value,
            _ => ListValue.Tuple(entry.Key, entry.Value),
        })], kind);

    private int Find(object key)
    {
        if (index is not null)
        {
            return index.GetValueOrDefault(key, -1);
        }

        for (var position = 0; position < entries.Count; position++)
        {
            var own = entries[position].Key;
            if (key is string text ? own is string other && text == other : ValueComparison.AreEqual(own, key))
            {
                return position;
            }
        }

        return key is string && entries.Exists(entry => entry.Key is Markup) ? entries.FindIndex(entry => ValueComparison.AreEqual(entry.Key, key)) : -1;
    }
}

/// <summary>What <c>namespace()</c> makes: the one value that a template can change.</summary>
internal sealed class NamespaceValue
{
    public Dictionary<string, object> Members { get; } = new(StringComparer.Ordinal);
}

/// <summary>Something that can be called: a macro, a method, a global function.</summary>
internal abstract class Callable
{
    /// <summary>What messages and printing call it.</summary>
    public abstract string Name { get; }

    public abstract object Call(TemplateContext context, CallArguments arguments);

    /// <summary>An attribute, or null where there is none.</summary>
    public virtual object? Attribute(TemplateContext context, string name) => null;
}

/// <summary>Questions about values that many places ask.</summary>
internal static class Values
{
    public static readonly object True = true;
    public static readonly object False = false;

    private static readonly object[] Small = [.. Enumerable.Range(-1, 258).Select(value => (object)(long)value)];

    public static object Of(bool value) => value ? True : False;

    public static object Of(long value) => value is >= -1 and <= 256 ? Small[value + 1] : value;

    public static object Of(BigInteger value) => value >= long.MinValue && value <= long.MaxValue ? Of((long)value) : value;

    public static bool IsTrue(object value) => value switch
    {
        bool flag => flag,
        string text => text.Length > 0,
        None or Undefined => false,
        long number => number != 0,
        ListValue list => list.Kind == ListKind.Generator || list.Items.Length > 0,
        DictValue dict => dict.Count > 0,
        double number => number != 0,
        Markup markup => markup.Text.Length > 0,
        BigInteger number => !number.IsZero,
        LoopState loop => loop.Length > 0,
        _ => true,
    };

    /// <summary>The string of a string or of markup; null for anything else.</summary>
    public static string? Text(object value) => value as string ?? (value as Markup)?.Text;

    public static string TypeName(object value) => value switch
    {
        None => "NoneType",
        Undefined => "Undefined",
        bool => "bool",
        long or BigInteger => "int",
        double => "float",
        string => "str",
        Markup => "Markup",
        DictValue => "dict",
        NamespaceValue => "Namespace",
        ListValue { Kind: ListKind.List } => "list",
        ListValue { Kind: ListKind.Tuple } => "tuple",
        ListValue { Kind: ListKind.Range } => "range",
        ListValue { Kind: ListKind.Generator } => "generator",
        ListValue { Kind: ListKind.Keys } => "dict_keys",
        ListValue { Kind: ListKind.Values } => "dict_values",
        ListValue => "dict_items",
        LoopState => "LoopContext",
        Macro => "Macro",
        _ => "function",
    };

    /// <summary>The items that iterating gives: of a dict its keys, of a string its characters.</summary>
    /// <exception cref="TemplateFault">It cannot be iterated.</exception>
    public static object[] Iterate(object value) => value switch
    {
        ListValue list => list.Take(),
        DictValue dict => dict.Keys,
        Undefined => [],
        string text => CodePoints.Split(text),
        Markup markup => [.. CodePoints.Split(markup.Text).Select(character => new Markup((string)character))],
        _ => throw new TemplateFault($"'{TypeName(value)}' object is not iterable"),
    };

    public static long Length(object value) => value switch
    {
        string text => CodePoints.Count(text),
        Markup markup => CodePoints.Count(markup.Text),
        ListValue { Kind: not ListKind.Generator } list => list.Items.Length,
        DictValue dict => dict.Count,
        Undefined => 0,
        LoopState loop => loop.Length,
        _ => throw new TemplateFault($"object of type '{TypeName(value)}' has no len()"),
    };

    /// <summary>A whole number, booleans included.</summary>
    /// <exception cref="TemplateFault">It is none, or beyond 32 bits.</exception>
    public static int Index(object value) => value switch
    {
        bool flag => flag ? 1 : 0,
        long number when number is >= int.MinValue and <= int.MaxValue => (int)number,
        long or BigInteger => throw new TemplateFault("cannot fit 'int' into an index-sized integer"),
        Undefined undefined => throw undefined.Fault(),
        _ => throw new TemplateFault($"'{TypeName(value)}' object cannot be interpreted as an integer"),
    };
}
