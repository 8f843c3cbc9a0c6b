namespace Prefer.Text.Templates;

/// <summary>The functions that every template finds.</summary>
internal static class GlobalTable
{
    private static readonly Dictionary<string, object> Functions = new BuiltinTable()
        .Add("range(*)", (_, _, a) => Range(a))
        .Add("dict(*)", (_, _, a) => Dict(a))
        .Add("namespace(*)", (_, _, a) => Namespace(a))
        .Add("cycler(*)", (_, _, a) => new Cycler([.. a.Positional.OfType<object>()]))
        .Add("joiner(sep=)", (_, _, a) => new Joiner(a.Text(0) ?? ", "))
        .Add("raise_exception(message)", (_, _, a) => throw new TemplateFault(PythonText.Str(a[0]!)))
        .Add("strftime_now(format)", (context, _, a) => TimeFormat.Format(a.Text(0) ?? throw new TemplateFault("strftime() argument must be str"), context.Now))
        .All
        .ToDictionary(builtin => builtin.Name, builtin => (object)new BoundMethod(builtin, None.Value), StringComparer.Ordinal);

    // Jinja's `self` has the blocks of a template, of which there are none here: whatever is asked of it is undefined.
    private static readonly DictValue Self = new();

    public static object? Find(string name) => Functions.GetValueOrDefault(name) ?? (name == "self" ? Self : null);

    private static ListValue Range(CallArguments arguments)
    {
        long[] numbers = [.. arguments.Positional.Select(argument => argument switch
        {
            long number => number,
            bool flag => flag ? 1L : 0L,
            Undefined undefined => throw undefined.Fault(),
            _ => throw new TemplateFault($"'{Values.TypeName(argument!)}' object cannot be interpreted as an integer"),
        })];
        if (numbers.Length is < 1 or > 3 || arguments.Named.Count > 0)
        {
            throw new TemplateFault($"range expected 1 to 3 arguments, got {numbers.Length + arguments.Named.Count}");
        }

        var (start, stop) = numbers.Length == 1 ? (0, numbers[0]) : (numbers[0], numbers[1]);
        var step = numbers.Length == 3 ? numbers[2] : 1;
        if (step == 0)
        {
            throw new TemplateFault("range() arg 3 must not be zero");
        }

        var count = Math.Max(0, Math.Ceiling(((double)stop - start) / step));
        if (count > Limits.RangeCount)
        {
            throw new TemplateFault($"Range too big. The sandbox blocks ranges larger than MAX_RANGE ({Limits.RangeCount}).");
        }

        return new ListValue(
            [.. Enumerable.Range(0, (int)count).Select(at => Values.Of(start + (at * step)))], ListKind.Range,
            numbers.Length == 3 && step != 1 ? $"range({start}, {stop}, {step})" : $"range({start}, {stop})");
    }

    private static DictValue Dict(CallArguments arguments)
    {
        var dict = new DictValue();
        switch (arguments[0])
        {
            case null:
                break;
            case DictValue other:
                foreach (var (key, value) in other.Entries)
                {
                    dict.Set(key, value);
                }

                break;
            case var pairs:
                foreach (var pair in Values.Iterate(pairs))
                {
                    var items = Values.Iterate(pair);
                    dict.Set(items.Length == 2 ? items[0] : throw new TemplateFault($"a pair for dict() has length {items.Length}; 2 is required"), items[1]);
                }

                break;
        }

        foreach (var (name, value) in arguments.Named)
        {
            dict.Set(name, value);
        }

        return dict;
    }

    private static NamespaceValue Namespace(CallArguments arguments)
    {
        var space = new NamespaceValue();
        foreach (var (key, value) in Dict(arguments).Entries)
        {
            space.Members[Values.Text(key) ?? throw new TemplateFault("names in a namespace must be str")] = value;
        }

        return space;
    }

    private sealed class Cycler(object[] items) : Callable
    {
        private int at;

        public override string Name => "cycler";

        public override object? Attribute(TemplateContext context, string name) => name switch
        {
            "current" => items[at],
            "next" => new BoundMethod(new Builtin("next", [], 0, (_, _, _) => items[(at = (at + 1) % items.Length) is 0 ? items.Length - 1 : at - 1]), this),
            "reset" => new BoundMethod(new Builtin("reset", [], 0, (_, _, _) =>
            {
                at = 0;
                return None.Value;
            }), this),
            _ => null,
        };

        public override object Call(TemplateContext context, CallArguments arguments) => throw new TemplateFault("'Cycler' object is not callable");
    }

    private sealed class Joiner(string separator) : Callable
    {
        private bool used;

        public override string Name => "joiner";

        public override object Call(TemplateContext context, CallArguments arguments)
        {
            var text = used ? separator : "";
            used = true;
            return text;
        }
    }
}
