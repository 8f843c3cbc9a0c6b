using System.Globalization;
using System.Text;

namespace Prefer.Text.Templates;

/// <summary>Methods of strings, lists and dicts. Those that change a list or dict are missing, as Jinja's immutable sandbox withholds them.</summary>
internal static class Methods
{
    private static readonly BuiltinTable OfDict = new BuiltinTable()
        .Add("get(key, default=)", (_, self, a) =>
        {
            ValueComparison.RequireHashable(a[0]!);
            return ((DictValue)self).TryGet(a[0]!, out var value) ? value : a.Of(1, None.Value);
        })
        .Add("items", (_, self, _) => ((DictValue)self).View(ListKind.Items))
        .Add("keys", (_, self, _) => ((DictValue)self).View(ListKind.Keys))
        .Add("values", (_, self, _) => ((DictValue)self).View(ListKind.Values))
        .Add("copy", (_, self, _) => self);

    private static readonly BuiltinTable OfList = new BuiltinTable()
        .Add("count(value)", (_, self, a) => Values.Of((long)((ListValue)self).Items.Count(item => ValueComparison.AreEqual(item, a[0]!))))
        .Add("index(value, start=, stop=)", (_, self, a) =>
        {
            var items = ((ListValue)self).Items;
            var (start, stop) = Window(a, items.Length);
            for (var at = start; at < stop; at++)
            {
                if (ValueComparison.AreEqual(items[at], a[0]!))
                {
                    return Values.Of((long)at);
                }
            }

            throw new TemplateFault($"{PythonText.Repr(a[0]!)} is not in list");
        })
        .Add("copy", (_, self, _) => self);

    private static readonly BuiltinTable OfLoops = new BuiltinTable()
        .Add("cycle(*)", (_, self, a) => a.Positional.Length > 0
            ? a.Positional[((LoopState)self).Index0 % a.Positional.Length]!
            : throw new TemplateFault("no items for cycling given"))
        .Add("changed(*)", (_, self, a) => Values.Of(((LoopState)self).Changed([.. a.Positional.OfType<object>()])));

    private static readonly BuiltinTable OfText = new BuiltinTable()
        .Add("upper", (_, self, _) => PythonStrings.Upper(S(self)))
        .Add("lower", (_, self, _) => PythonStrings.Lower(S(self)))
        .Add("casefold", (_, self, _) => PythonStrings.Lower(PythonStrings.Upper(S(self))))
        .Add("title", (_, self, _) => PythonStrings.TitleWords(S(self)))
        .Add("capitalize", (_, self, _) => PythonStrings.Capitalize(S(self)))
        .Add("swapcase", (_, self, _) => PythonStrings.SwapCase(S(self)))
        .Add("strip(chars=)", (_, self, a) => PythonStrings.Strip(S(self), a.Text(0)))
        .Add("lstrip(chars=)", (_, self, a) => PythonStrings.StripStart(S(self), a.Text(0)))
        .Add("rstrip(chars=)", (_, self, a) => PythonStrings.StripEnd(S(self), a.Text(0)))
        .Add("removeprefix(prefix)", (_, self, a) => S(self).StartsWith(Needed(a, 0), StringComparison.Ordinal) ? S(self)[Needed(a, 0).Length..] : S(self))
        .Add("removesuffix(suffix)", (_, self, a) => Needed(a, 0).Length > 0 && S(self).EndsWith(Needed(a, 0), StringComparison.Ordinal) ? S(self)[..^Needed(a, 0).Length] : S(self))
        .Add("split(sep=, maxsplit=)", (_, self, a) => new ListValue([.. PythonStrings.Split(S(self), a.Text(0), a.Count(1, -1))]))
        .Add("rsplit(sep=, maxsplit=)", (_, self, a) => new ListValue([.. PythonStrings.SplitFromEnd(S(self), a.Text(0), a.Count(1, -1))]))
        .Add("splitlines(keepends=)", (_, self, a) => new ListValue([.. PythonStrings.Lines(S(self), a.Flag(0))]))
        .Add("partition(sep)", (_, self, a) =>
        {
            var at = S(self).IndexOf(Separator(a), StringComparison.Ordinal);
            return at < 0 ? ListValue.Tuple(S(self), "", "") : ListValue.Tuple(S(self)[..at], Needed(a, 0), S(self)[(at + Needed(a, 0).Length)..]);
        })
        .Add("rpartition(sep)", (_, self, a) =>
        {
            var at = S(self).AsSpan().LastIndexOf(Separator(a), StringComparison.Ordinal);
            return at < 0 ? ListValue.Tuple("", "", S(self)) : ListValue.Tuple(S(self)[..at], Needed(a, 0), S(self)[(at + Needed(a, 0).Length)..]);
        })
        .Add("join(iterable)", (_, self, a) => Join(S(self), Values.Iterate(a[0]!)))
        .Add("replace(old, new, count=)", (_, self, a) => PythonStrings.Replace(S(self), Needed(a, 0), Needed(a, 1), a.Count(2, -1)))
        .Add("startswith(prefix, start=, end=)", (_, self, a) => Values.Of(Affix(S(self), a, static (text, affix) => text.StartsWith(affix, StringComparison.Ordinal))))
        .Add("endswith(suffix, start=, end=)", (_, self, a) => Values.Of(Affix(S(self), a, static (text, affix) => text.EndsWith(affix, StringComparison.Ordinal))))
        .Add("find(sub, start=, end=)", (_, self, a) => Values.Of(Find(S(self), a, fromEnd: false)))
        .Add("rfind(sub, start=, end=)", (_, self, a) => Values.Of(Find(S(self), a, fromEnd: true)))
        .Add("index(sub, start=, end=)", (_, self, a) => Values.Of(Found(Find(S(self), a, fromEnd: false))))
        .Add("rindex(sub, start=, end=)", (_, self, a) => Values.Of(Found(Find(S(self), a, fromEnd: true))))
        .Add("count(sub, start=, end=)", (_, self, a) =>
        {
            var part = Part(S(self), a);
            return Values.Of(Needed(a, 0).Length == 0 ? CodePoints.Count(part) + 1L : part.AsSpan().Count(Needed(a, 0)));
        })
        .Add("center(width, fillchar=)", (_, self, a) => PythonStrings.Pad(S(self), Values.Index(a[0]!), a.Text(1) ?? " ", left: true, right: true))
        .Add("ljust(width, fillchar=)", (_, self, a) => PythonStrings.Pad(S(self), Values.Index(a[0]!), a.Text(1) ?? " ", left: false, right: true))
        .Add("rjust(width, fillchar=)", (_, self, a) => PythonStrings.Pad(S(self), Values.Index(a[0]!), a.Text(1) ?? " ", left: true, right: false))
        .Add("zfill(width)", (_, self, a) =>
        {
            var (text, sign) = (S(self), S(self) is ['+' or '-', ..] ? 1 : 0);
            return text[..sign] + PythonStrings.Pad(text[sign..], Values.Index(a[0]!) - sign, "0", left: true, right: false);
        })
        .Add("expandtabs(tabsize=)", (_, self, a) => ExpandTabs(S(self), a.Count(0, 8)))
        .Add("format(*)", (context, self, a) => FormatMethod.Fill(context, S(self), a))
        .Add("format_map(mapping)", (context, self, a) => FormatMethod.Fill(context, S(self), new CallArguments([], a[0] is DictValue dict
            ? [.. dict.Entries.Where(entry => entry.Key is string).Select(entry => KeyValuePair.Create((string)entry.Key, entry.Value))]
            : throw new TemplateFault("format_map(..) takes exactly one argument, a mapping"))))
        .Add("isdigit", (_, self, _) => All(self, rune => CharUnicodeInfo.GetDigitValue(rune.ToString(), 0) >= 0))
        .Add("isdecimal", (_, self, _) => All(self, rune => Rune.GetUnicodeCategory(rune) == UnicodeCategory.DecimalDigitNumber))
        .Add("isnumeric", (_, self, _) => All(self, Rune.IsNumber))
        .Add("isalpha", (_, self, _) => All(self, Rune.IsLetter))
        .Add("isalnum", (_, self, _) => All(self, rune => Rune.IsLetter(rune) || Rune.IsNumber(rune)))
        .Add("isspace", (_, self, _) => All(self, rune => rune.IsBmp && PythonStrings.IsSpace((char)rune.Value)))
        .Add("isascii", (_, self, _) => Values.Of(Ascii.IsValid(S(self))))
        .Add("isupper", (_, self, _) => Values.Of(HasCase(S(self), Rune.IsUpper)))
        .Add("islower", (_, self, _) => Values.Of(HasCase(S(self), Rune.IsLower)))
        .Add("istitle", (_, self, _) => Values.Of(S(self).EnumerateRunes().Any(PythonStrings.IsCased) && PythonStrings.TitleWords(S(self)) == S(self)))
        .Add("isidentifier", (_, self, _) => Values.Of(S(self).Length > 0 && (char.IsLetter(S(self)[0]) || S(self)[0] == '_') && S(self).All(c => char.IsLetterOrDigit(c) || c == '_')));

    // What markupsafe wraps: arguments are escaped, and the result is markup again.
    private static readonly Dictionary<string, Builtin> OfMarkup = new(StringComparer.Ordinal);

    /// <summary>A method of a value, or null where it has none of that name.</summary>
    public static Builtin? Of(object value, string name) => value switch
    {
        string => OfText.Find(name),
        DictValue => OfDict.Find(name),
        ListValue { IsIndexable: true } list => name == "copy" && list.Kind != ListKind.List ? null : OfList.Find(name),
        Markup => OfText.Find(name) is { } method ? Wrapped(method) : null,
        _ => null,
    };

    public static Builtin OfLoop(string name) => OfLoops.Find(name)!;

    public static string Join(string separator, object[] items)
    {
        var builder = new StringBuilder();
        for (var at = 0; at < items.Length; at++)
        {
            builder.Append(at == 0 ? "" : separator)
                .Append(Values.Text(items[at]) ?? throw new TemplateFault($"sequence item {at}: expected str instance, {Values.TypeName(items[at])} found"));
            Limits.CheckText(builder.Length);
        }

        return builder.ToString();
    }

    private static Builtin Wrapped(Builtin method)
    {
        lock (OfMarkup)
        {
            if (!OfMarkup.TryGetValue(method.Name, out var wrapped))
            {
                wrapped = new Builtin(method.Name, null, 0, (context, self, a) => AsMarkup(method.Call(
                    context, ((Markup)self).Text, new CallArguments([.. a.Positional.Select(Escaped)], [.. a.Named.Select(pair => KeyValuePair.Create(pair.Key, Escaped(pair.Value)!))]))));
                OfMarkup.Add(method.Name, wrapped);
            }

            return wrapped;
        }
    }

    private static object? Escaped(object? argument) => argument switch
    {
        string text => Markup.Escape(text),
        ListValue list => new ListValue([.. list.Items.Select(item => Escaped(item)!)], list.Kind),
        _ => argument,
    };

    private static object AsMarkup(object result) => result switch
    {
        string text => new Markup(text),
        ListValue list => new ListValue([.. list.Items.Select(AsMarkup)], list.Kind),
        _ => result,
    };

    private static string S(object self) => self as string ?? ((Markup)self).Text;

    private static string Needed(CallArguments arguments, int index) => arguments[index] switch
    {
        string text => text,
        Markup markup => markup.Text,
        Undefined undefined => throw undefined.Fault(),
        var other => throw new TemplateFault($"must be str, not {Values.TypeName(other!)}"),
    };

    private static string Separator(CallArguments arguments) => Needed(arguments, 0) is { Length: > 0 } separator ? separator : throw new TemplateFault("empty separator");

    private static (int Start, int Stop) Window(CallArguments arguments, int length)
    {
        int At(int index, int missing) => arguments.Count(index, missing) is var place && place < 0 ? Math.Max(0, place + length) : Math.Min(place, length);
        return (arguments.Count(1, 0) > length ? length + 1 : At(1, 0), At(2, length));
    }

    private static string Part(string text, CallArguments arguments)
    {
        var (start, stop) = Window(arguments, CodePoints.Count(text));
        return start < stop ? CodePoints.Slice(text, start, stop) : "";
    }

    private static bool Affix(string text, CallArguments arguments, Func<string, string, bool> matches)
    {
        if (arguments[1] is not null || arguments[2] is not null)
        {
            var (start, stop) = Window(arguments, CodePoints.Count(text));
            if (start > stop)
            {
                return false;
            }

            text = CodePoints.Slice(text, start, stop);
        }

        return arguments[0] is ListValue { Kind: ListKind.Tuple } several
            ? several.Items.Any(affix => matches(text, Values.Text(affix) ?? throw new TemplateFault($"tuple for startswith or endswith must only contain str, not {Values.TypeName(affix)}")))
            : matches(text, Needed(arguments, 0));
    }

    private static long Find(string text, CallArguments arguments, bool fromEnd)
    {
        var (start, stop) = Window(arguments, CodePoints.Count(text));
        if (start > stop)
        {
            return -1;
        }

        var part = CodePoints.Slice(text, start, stop);
        var found = fromEnd ? part.AsSpan().LastIndexOf(Needed(arguments, 0), StringComparison.Ordinal) : part.IndexOf(Needed(arguments, 0), StringComparison.Ordinal);
        return found < 0 ? -1 : start + CodePoints.Count(part.AsSpan(0, found));
    }

    private static long Found(long at) => at >= 0 ? at : throw new TemplateFault("substring not found");

    private static string ExpandTabs(string text, int size)
    {
        var result = new StringBuilder();
        var column = 0;
        foreach (var character in text)
        {
            var spaces = character == '\t' && size > 0 ? size - (column % size) : 0;
            result.Append(character == '\t' ? new string(' ', spaces) : character.ToString());
            Limits.CheckText(result.Length);
            column = character is '\n' or '\r' ? 0 : column + (character == '\t' ? spaces : 1);
        }

        return result.ToString();
    }

    private static object All(object self, Func<Rune, bool> test) => Values.Of(S(self).Length > 0 && S(self).EnumerateRunes().All(test));

    private static bool HasCase(string text, Func<Rune, bool> isWanted)
    {
        var cased = text.EnumerateRunes().Where(PythonStrings.IsCased).ToList();
        return cased.Count > 0 && cased.TrueForAll(rune => isWanted(rune));
    }
}
