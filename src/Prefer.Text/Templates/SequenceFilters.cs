using System.Globalization;

namespace Prefer.Text.Templates;

/// <summary>Filters on lists and dicts. Those that are generators in Jinja are generators here: used up by the first who iterates, without a length.</summary>
internal static class SequenceFilters
{
    public static BuiltinTable Table { get; } = new BuiltinTable()
        .Add("length", (_, value, _) => Values.Of(Values.Length(value))).Alias("count", "length")
        .Add("list", (_, value, _) => new ListValue(Values.Iterate(value)))
        .Add("first", (_, value, _) => First(value))
        .Add("last", (_, value, _) => value is ListValue { Kind: ListKind.Generator } ? throw new TemplateFault("'generator' object is not reversible")
            : Values.Iterate(value) is [.., var last] ? last : new Undefined("No last item, sequence was empty."))
        .Add("items", (_, value, _) => value switch
        {
            Undefined => ListValue.Generator([]),
            DictValue dict => ListValue.Generator(dict.View(ListKind.Items).Items),
            _ => throw new TemplateFault("Can only get item pairs from a mapping."),
        })
        .Add("join(d=, attribute=)", (context, value, a) => Join(context, value, a))
        .Add("reverse", (_, value, _) => value switch
        {
            string text => string.Concat(CodePoints.Split(text).Reverse()),
            Markup markup => new Markup(string.Concat(CodePoints.Split(markup.Text).Reverse())),
            ListValue { Kind: ListKind.Generator } generator => new ListValue([.. generator.Take().Reverse()]),
            _ => ListValue.Generator(Values.Iterate(value).Reverse()),
        })
        .Add("sort(reverse=, case_sensitive=, attribute=)", (context, value, a) =>
            new ListValue(ValueComparison.Sorted(Values.Iterate(value), SeveralKeys(context, a[2], a.Flag(1)), a.Flag(0))))
        .Add("dictsort(case_sensitive=, by=, reverse=)", (_, value, a) => DictSort(value, a))
        .Add("unique(case_sensitive=, attribute=)", (context, value, a) =>
        {
            var key = Key(context, a[1], a.Flag(0));
            var seen = new HashSet<object>(ValueComparison.Keys);
            return ListValue.Generator(Values.Iterate(value).Where(item => seen.Add(Hashable(key(item)))));
        })
        .Add("min(case_sensitive=, attribute=)", (context, value, a) => Extreme(Values.Iterate(value), Key(context, a[1], a.Flag(0)), isLeast: true))
        .Add("max(case_sensitive=, attribute=)", (context, value, a) => Extreme(Values.Iterate(value), Key(context, a[1], a.Flag(0)), isLeast: false))
        .Add("sum(attribute=, start=)", (context, value, a) =>
        {
            var key = a[0] is null or None ? item => item : Key(context, a[0], isCaseSensitive: true);
            var start = a.Of(1, Values.Of(0L));
            return start is string or Markup ? throw new TemplateFault("sum() can't sum strings [use ''.join(seq) instead]")
                : Values.Iterate(value).Aggregate(start, (sum, item) => context.Charged(Arithmetic.Add(sum, key(item))));
        })
        .Add("groupby(attribute, default=, case_sensitive=)", (context, value, a) => GroupBy(context, value, a))
        .Add("batch(linecount, fill_with=)", (_, value, a) =>
        {
            var (size, items) = (Values.Index(a[0]!), Values.Iterate(value));

            // Without a size Jinja gives everything in one batch, for 0 after an empty one.
            List<object[]> chunks = size > 0 ? [.. items.Chunk(size)] : items.Length == 0 ? [] : size == 0 ? [[], items] : [items];
            if (chunks.Count > 0 && a.Of(1, None.Value) is not None && chunks[^1].Length < size)
            {
                Limits.CheckCount(size);
                chunks[^1] = [.. chunks[^1], .. Enumerable.Repeat(a[1]!, size - chunks[^1].Length)];
            }

            return ListValue.Generator(chunks.Select(chunk => new ListValue(chunk)));
        })
        .Add("slice(slices, fill_with=)", (_, value, a) => Slice(Values.Iterate(value), Values.Index(a[0]!), a.Of(1, None.Value)))
        .Add("map(*)", (context, value, a) => Map(context, value, a))
        .Add("select(*)", (context, value, a) => Select(context, value, a, wanted: true, byAttribute: false))
        .Add("reject(*)", (context, value, a) => Select(context, value, a, wanted: false, byAttribute: false))
        .Add("selectattr(*)", (context, value, a) => Select(context, value, a, wanted: true, byAttribute: true))
        .Add("rejectattr(*)", (context, value, a) => Select(context, value, a, wanted: false, byAttribute: true));

    private static object First(object value)
    {
        var first = value is ListValue list ? list.TakeFirst() : Values.Iterate(value).FirstOrDefault();
        return first ?? new Undefined("No first item, sequence was empty.");
    }

    private static string Join(TemplateContext context, object value, CallArguments arguments)
    {
        var key = arguments[1] is null or None ? null : Key(context, arguments[1], isCaseSensitive: true);
        var texts = Values.Iterate(value).Select(item => (object)PythonText.Str(key is null ? item : key(item)));
        return Methods.Join(PythonText.Str(arguments.Of(0, "")), [.. texts]);
    }

    /// <summary>What an <c>attribute=</c> argument looks up: a path with dots, whole numbers as indices.</summary>
    private static Func<object, object> Path(TemplateContext context, object? attribute, object? missing = null)
    {
        object[] parts = attribute switch
        {
            null or None => [],
            string path => [.. path.Split('.').Select(part => part.Length > 0 && part.All(char.IsAsciiDigit) ? Values.Of(long.Parse(part, CultureInfo.InvariantCulture)) : part)],
            _ => [attribute],
        };
        return item =>
        {
            context.Charge();
            foreach (var part in parts)
            {
                item = Access.Item(context, item, part);
                item = item is Undefined && missing is not (null or None) ? missing : item;
            }

            return item;
        };
    }

    private static Func<object, object> Key(TemplateContext context, object? attribute, bool isCaseSensitive, object? missing = null)
    {
        var path = Path(context, attribute, missing);
        return isCaseSensitive ? path : item => Folded(path(item));
    }

    private static Func<object, object> SeveralKeys(TemplateContext context, object? attribute, bool isCaseSensitive)
    {
        var keys = (attribute is string names ? names.Split(',').Cast<object?>() : [attribute]).Select(name => Key(context, name, isCaseSensitive)).ToArray();
        return item => new ListValue([.. keys.Select(key => key(item))]);
    }

    private static object Folded(object value) => Values.Text(value) is { } text ? PythonStrings.Lower(text) : value;

    private static object Hashable(object key)
    {
        ValueComparison.RequireHashable(key);
        return key;
    }

    private static ListValue DictSort(object value, CallArguments arguments)
    {
        if (value is not DictValue dict)
        {
            throw (value as Undefined)?.Fault() ?? new TemplateFault($"'{Values.TypeName(value)}' object has no attribute 'items'");
        }

        var by = arguments.Text(1) ?? "key";
        if (by is not ("key" or "value"))
        {
            throw new TemplateFault("You can only sort by either \"key\" or \"value\"");
        }

        object Of(object pair) => ((ListValue)pair).Items[by == "key" ? 0 : 1];
        return new ListValue(ValueComparison.Sorted(dict.View(ListKind.Items).Items, arguments.Flag(0) ? Of : pair => Folded(Of(pair)), arguments.Flag(2)));
    }

    private static object Extreme(object[] items, Func<object, object> key, bool isLeast)
    {
        if (items.Length == 0)
        {
            return new Undefined("No aggregated item, sequence was empty.");
        }

        var (best, bestKey) = (items[0], key(items[0]));
        foreach (var item in items.Skip(1))
        {
            var itemKey = key(item);
            if (isLeast ? ValueComparison.Holds(itemKey, "<", bestKey) : ValueComparison.Holds(itemKey, ">", bestKey))
            {
                (best, bestKey) = (item, itemKey);
            }
        }

        return best;
    }

    private static ListValue GroupBy(TemplateContext context, object value, CallArguments arguments)
    {
        var isCaseSensitive = arguments.Flag(2);
        var key = Key(context, arguments[0], isCaseSensitive, arguments[1]);
        var groups = new List<(object Key, List<object> Items)>();
        foreach (var item in ValueComparison.Sorted(Values.Iterate(value), key, reverse: false))
        {
            var itemKey = key(item);
            if (groups.Count == 0 || !ValueComparison.AreEqual(groups[^1].Key, itemKey))
            {
                groups.Add((itemKey, []));
            }

            groups[^1].Items.Add(item);
        }

        var shown = Path(context, arguments[0], arguments[1]);
        return new ListValue([.. groups.Select(group => new ListValue([isCaseSensitive ? group.Key : shown(group.Items[0]), new ListValue([.. group.Items])], ListKind.Tuple, Access.GroupMark))]);
    }

    private static ListValue Slice(object[] items, int count, object filler)
    {
        if (count < 1)
        {
            throw new TemplateFault("integer division or modulo by zero");
        }

        Limits.CheckCount(count);
        var (size, longer) = (items.Length / count, items.Length % count);
        var slices = new List<object>();
        var at = 0;
        for (var slice = 0; slice < count; slice++)
        {
            var end = at + size + (slice < longer ? 1 : 0);
            slices.Add(new ListValue(filler is not None && slice >= longer ? [.. items[at..end], filler] : items[at..end]));
            at = end;
        }

        return ListValue.Generator(slices);
    }

    private static ListValue Map(TemplateContext context, object value, CallArguments arguments)
    {
        if (value is Undefined or ListValue { Items.Length: 0 })
        {
            return ListValue.Generator([]);
        }

        if (arguments.Positional.Length == 0 && arguments.Named.Any(pair => pair.Key == "attribute"))
        {
            var bound = arguments.Bind("map", ["attribute", "default"], 1);
            return ListValue.Generator(Values.Iterate(value).Select(Path(context, bound[0], bound[1])));
        }

        var name = arguments.Text(0) ?? throw new TemplateFault("map requires a filter argument");
        var filter = FilterTable.All.Find(name) ?? throw new TemplateFault($"no filter named '{name}'");
        var rest = new CallArguments(arguments.Positional[1..], arguments.Named);
        return ListValue.Generator(Values.Iterate(value).Select(item => filter.Call(context, item, rest)));
    }

    private static ListValue Select(TemplateContext context, object value, CallArguments arguments, bool wanted, bool byAttribute)
    {
        if (!Values.IsTrue(value))
        {
            return ListValue.Generator([]);
        }

        var offset = byAttribute ? 1 : 0;
        var path = byAttribute ? Path(context, arguments[0] ?? throw new TemplateFault("Missing parameter for attribute name")) : item => item;
        if (arguments.Positional.Length <= offset)
        {
            return ListValue.Generator(Values.Iterate(value).Where(item => Values.IsTrue(path(item)) == wanted));
        }

        var name = arguments.Text(offset) ?? "";
        var test = TestTable.All.Find(name) ?? throw new TemplateFault($"no test named '{name}'");
        var rest = new CallArguments(arguments.Positional[(offset + 1)..], arguments.Named);
        return ListValue.Generator(Values.Iterate(value).Where(item => Values.IsTrue(test.Call(context, path(item), rest)) == wanted));
    }
}
