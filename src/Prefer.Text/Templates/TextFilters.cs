using System.Text;
using System.Text.RegularExpressions;

namespace Prefer.Text.Templates;

/// <summary>Filters that make a text of a text.</summary>
internal static partial class TextFilters
{
    // Jinja cuts words only where they are this much longer than asked for.
    private const int TruncateLeeway = 5;

    public static BuiltinTable Table { get; } = new BuiltinTable()
        .Add("upper", (_, value, _) => Soft(value, PythonStrings.Upper))
        .Add("lower", (_, value, _) => Soft(value, PythonStrings.Lower))
        .Add("capitalize", (_, value, _) => Soft(value, PythonStrings.Capitalize))
        .Add("title", (_, value, _) => TitleStart().Replace(PythonText.Str(value), match => PythonStrings.Upper(CodePoints.Slice(match.Value, 0, 1)) + PythonStrings.Lower(CodePoints.Slice(match.Value, 1, CodePoints.Count(match.Value)))))
        .Add("trim(chars=)", (_, value, a) => Soft(value, text => PythonStrings.Strip(text, a.Text(0))))
        .Add("replace(old, new, count=)", (_, value, a) => PythonStrings.Replace(PythonText.Str(value), PythonText.Str(a[0]!), PythonText.Str(a[1]!), a.Count(2, -1)))
        .Add("center(width=)", (_, value, a) => Soft(value, text => PythonStrings.Pad(text, a.Count(0, 80), " ", left: true, right: true)))
        .Add("indent(width=, first=, blank=)", (_, value, a) => Indent(value, a))
        .Add("truncate(length=, killwords=, end=, leeway=)", (_, value, a) => Truncate(NeedText(value), a.Count(0, 255), a.Flag(1), a.Text(2) ?? "...", a.Count(3, TruncateLeeway)))
        .Add("wordcount", (_, value, _) => Values.Of((long)Word().Count(PythonText.Str(value))))
        .Add("wordwrap(width=, break_long_words=, wrapstring=, break_on_hyphens=)", (_, value, a) => string.Join(
            a.Text(2) ?? "\n", PythonStrings.Lines(NeedText(value), keepEnds: false).Select(line => string.Join(a.Text(2) ?? "\n", WordWrap.Wrap((string)line, a.Count(0, 79), a.Flag(1, true), a.Flag(3, true))))))
        .Add("format(*)", (context, value, a) =>
        {
            var named = new DictValue();
            foreach (var (name, item) in a.Named)
            {
                named.Set(name, item);
            }

            return a.Named.Count > 0 && a.Positional.Length > 0 ? throw new TemplateFault("can't handle positional and keyword arguments at the same time")
                : Arithmetic.Remainder(context, value is Markup ? value : PythonText.Str(value), a.Named.Count > 0 ? named : ListValue.Tuple([.. a.Positional.OfType<object>()]));
        })
        .Add("escape", (_, value, _) => value is Markup ? value : new Markup(Markup.Escape(PythonText.Str(value)))).Alias("e", "escape")
        .Add("forceescape", (_, value, _) => new Markup(Markup.Escape(PythonText.Str(value))))
        .Add("safe", (_, value, _) => new Markup(PythonText.Str(value)))
        .Add("striptags", (_, value, _) => StripTags(PythonText.Str(value)))
        .Add("urlencode", (_, value, _) => value switch
        {
            DictValue dict => Query(dict.View(ListKind.Items).Items),
            ListValue list => Query(list.Take()),
            Undefined => "",
            _ => Url(PythonText.Str(value), isQuery: false),
        });

    private static object Soft(object value, Func<string, string> change) =>
        value is Markup markup ? new Markup(change(markup.Text)) : change(PythonText.Str(value));

    private static string NeedText(object value) =>
        Values.Text(value) ?? throw ((value as Undefined)?.Fault() ?? new TemplateFault($"a {Values.TypeName(value)}, where str was expected"));

    private static object Indent(object value, CallArguments arguments)
    {
        var indent = arguments[0] switch
        {
            null => "    ",
            string text => text,
            { } width => Widened(Values.Index(width)),
        };
        var lines = PythonStrings.Lines(NeedText(value) + "\n", keepEnds: false);
        Limits.CheckText(NeedText(value).Length + ((long)indent.Length * lines.Count));
        var result = new StringBuilder();
        for (var at = 0; at < lines.Count; at++)
        {
            var line = (string)lines[at];
            result.Append(at == 0 ? "" : "\n").Append((at == 0 ? arguments.Flag(1) : line.Length > 0 || arguments.Flag(2)) ? indent : "").Append(line);
        }

        return value is Markup ? new Markup(result.ToString()) : result.ToString();
    }

    private static string Widened(int width)
    {
        Limits.CheckText(width);
        return new string(' ', Math.Max(0, width));
    }

    private static string Truncate(string text, int length, bool killsWords, string end, int leeway)
    {
        if (length < CodePoints.Count(end) || leeway < 0)
        {
            throw new TemplateFault(leeway < 0 ? $"expected leeway >= 0, got {leeway}" : $"expected length >= {CodePoints.Count(end)}, got {length}");
        }

        if (CodePoints.Count(text) <= length + leeway)
        {
            return text;
        }

        var cut = CodePoints.Slice(text, 0, length - CodePoints.Count(end));
        return (killsWords || cut.LastIndexOf(' ') < 0 ? cut : cut[..cut.LastIndexOf(' ')]) + end;
    }

    private static string StripTags(string text)
    {
        while (text.IndexOf("<!--", StringComparison.Ordinal) is var open and >= 0 && text.IndexOf("-->", open, StringComparison.Ordinal) is var close and >= 0)
        {
            text = text[..open] + text[(close + 3)..];
        }

        while (text.IndexOf('<', StringComparison.Ordinal) is var open and >= 0 && text.IndexOf('>', open) is var close and >= 0)
        {
            text = text[..open] + text[(close + 1)..];
        }

        return System.Net.WebUtility.HtmlDecode(string.Join(' ', PythonStrings.Split(text, null, -1)));
    }

    private static string Query(object[] pairs) => string.Join('&', pairs.Select(pair =>
    {
        var items = Values.Iterate(pair);
        return items.Length == 2 ? $"{Url(PythonText.Str(items[0]), isQuery: true)}={Url(PythonText.Str(items[1]), isQuery: true)}" : throw new TemplateFault("urlencode needs pairs of name and value");
    }));

    private static string Url(string text, bool isQuery)
    {
        var escaped = Uri.EscapeDataString(text);
        return isQuery ? escaped.Replace("%20", "+", StringComparison.Ordinal) : escaped.Replace("%2F", "/", StringComparison.Ordinal);
    }

    // Jinja's title cuts at white space and opening brackets; what follows begins anew.
    [GeneratedRegex(@"[^-\s({\[<]+", RegexOptions.CultureInvariant)]
    private static partial Regex TitleStart();

    [GeneratedRegex(@"[\p{L}\p{N}_]+", RegexOptions.CultureInvariant)]
    private static partial Regex Word();
}
