using System.Globalization;
using System.Numerics;

namespace Prefer.Text.Templates;

/// <summary>
/// What stands after <c>|</c>: Jinja's filters, with <c>tojson</c> as transformers defines it. Left out: <c>random</c>, <c>pprint</c>, <c>urlize</c>, <c>xmlattr</c>.
/// </summary>
internal static class FilterTable
{
    private static readonly JsonText OneLine = new(EnsureAscii: false, Indent: null, ", ", ": ", SortKeys: false);

    private static readonly BuiltinTable Common = new BuiltinTable()
        .Add("default(default_value=, boolean=)", (_, value, a) => value is Undefined || (a.Flag(1) && !Values.IsTrue(value)) ? a.Of(0, "") : value).Alias("d", "default")
        .Add("attr(name)", (context, value, a) => value is DictValue ? Methods.Of(value, a.Text(0)!) is { } method ? new BoundMethod(method, value) : new Undefined($"'dict object' has no attribute '{a.Text(0)}'")
            : Access.Attribute(context, value, a.Text(0) ?? throw new TemplateFault("attr() needs a name")))
        .Add("tojson(ensure_ascii=, indent=, separators=, sort_keys=)", (_, value, a) => ToJson(value, a))
        // Of a list of tools JSON, as the recorded text of a published template has it (`tools|string`); Python's own str() would have single quotes.
        .Add("string", (_, value, _) => value is Markup ? value : IsTools(value) ? OneLine.Write(value) : PythonText.Str(value))
        .Add("abs", (_, value, _) => value switch
        {
            double number => Math.Abs(number),
            bool or long or BigInteger => Values.Of(BigInteger.Abs(ValueComparison.ToInteger(value))),
            Undefined undefined => throw undefined.Fault(),
            _ => throw new TemplateFault($"bad operand type for abs(): '{Values.TypeName(value)}'"),
        })
        .Add("int(default=, base=)", (_, value, a) => ToInteger(value, a.Of(0, Values.Of(0L)), a.Count(1, 10)))
        .Add("float(default=)", (_, value, a) => value switch
        {
            _ when ValueComparison.IsNumber(value) => ValueComparison.ToDouble(value),
            string or Markup when ParseFloat(Values.Text(value)!) is { } number => number,
            Undefined undefined => throw undefined.Fault(),
            _ => a.Of(0, 0.0),
        })
        .Add("round(precision=, method=)", (_, value, a) => Round(value, a.Count(0, 0), a.Text(1) ?? "common"))
        .Add("filesizeformat(binary=)", (_, value, a) => FileSize(value is string text ? ParseFloat(text) ?? 0
            : ValueComparison.IsNumber(value) ? ValueComparison.ToDouble(value)
            : throw ((value as Undefined)?.Fault() ?? new TemplateFault($"float() argument must be a string or a real number, not '{Values.TypeName(value)}'")), a.Flag(0)));

    public static BuiltinTable All { get; } = new BuiltinTable().Include(Common).Include(TextFilters.Table).Include(SequenceFilters.Table);

    private static bool IsTools(object value) =>
        value is ListValue { Kind: ListKind.List, Items.Length: > 0 } list && list.Items.All(item => item is DictValue dict && dict.TryGet("type", out var type) && type is "function" && dict.TryGet("function", out _));

    private static string ToJson(object value, CallArguments arguments)
    {
        var indent = arguments[1] switch
        {
            null or None => null,
            string text => text,
            { } width => new string(' ', Math.Clamp(Values.Index(width), 0, 1000)),
        };
        var separators = arguments[2] is { } given and not None ? Values.Iterate(given) : [indent is null ? ", " : ",", ": "];
        if (separators.Length != 2 || Values.Text(separators[0]) is not { } item || Values.Text(separators[1]) is not { } key)
        {
            throw new TemplateFault("separators must be two strings");
        }

        return new JsonText(arguments.Flag(0), indent, item, key, arguments.Flag(3)).Write(value);
    }

    private static object ToInteger(object value, object missing, int radix)
    {
        switch (value)
        {
            case bool or long or BigInteger:
                return Values.Of(ValueComparison.ToInteger(value));
            case double number:
                return double.IsFinite(number) ? Values.Of(new BigInteger(Math.Truncate(number))) : double.IsNaN(number) ? missing : missing;
            case string or Markup:
                var text = PythonStrings.Strip(Values.Text(value)!);
                return ParseInteger(text, radix) is { } whole ? Values.Of(whole)
                    : ParseFloat(text) is { } fraction && double.IsFinite(fraction) ? Values.Of(new BigInteger(Math.Truncate(fraction)))
                    : missing;
            case Undefined undefined:
                throw undefined.Fault();
            default:
                return missing;
        }
    }

    private static BigInteger? ParseInteger(string text, int radix)
    {
        var sign = text.StartsWith('-') ? -1 : 1;
        var digits = text.StartsWith('-') || text.StartsWith('+') ? text[1..] : text;
        var prefix = digits.Length > 1 && digits[0] == '0' ? char.ToLowerInvariant(digits[1]) : ' ';
        var named = prefix switch
        {
            'x' => 16,
            'o' => 8,
            'b' => 2,
            _ => 0,
        };
        if (named > 0 && (radix == named || radix == 0))
        {
            (digits, radix) = (digits[2..].TrimStart('_'), named);
        }

        radix = radix == 0 ? 10 : radix;
        var value = BigInteger.Zero;
        var wasDigit = false;
        foreach (var character in digits)
        {
            var digit = CharUnicodeInfo.GetDecimalDigitValue(character) is >= 0 and var decimalDigit ? decimalDigit : char.IsAsciiLetter(character) ? char.ToLowerInvariant(character) - 'a' + 10 : character == '_' && wasDigit ? -1 : radix;
            if (digit >= radix || digits.Length > 1000)
            {
                return null;
            }

            value = digit < 0 ? value : (value * radix) + digit;
            wasDigit = digit >= 0;
        }

        return wasDigit ? value * sign : null;
    }

    private static double? ParseFloat(string text)
    {
        text = PythonStrings.Strip(text).ToLowerInvariant();
        var unsigned = text.TrimStart('+', '-');
        if (unsigned is "inf" or "infinity" or "nan" && text.Length - unsigned.Length < 2)
        {
            return unsigned == "nan" ? double.NaN : text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
        }

        return double.TryParse(text.Replace("_", "", StringComparison.Ordinal), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number)
            && !text.StartsWith('_') && !text.EndsWith('_')
            ? number
            : null;
    }

    private static object Round(object value, int precision, string method)
    {
        if (method is not ("common" or "ceil" or "floor"))
        {
            throw new TemplateFault("method must be common, ceil or floor");
        }

        if (!ValueComparison.IsNumber(value))
        {
            throw (value as Undefined)?.Fault() ?? new TemplateFault($"type {Values.TypeName(value)} doesn't define __round__ method");
        }

        if (method == "common")
        {
            if (value is double fraction)
            {
                return NumberText.Round(fraction, precision);
            }

            var whole = ValueComparison.ToInteger(value);
            if (precision >= 0)
            {
                return Values.Of(whole);
            }

            var unit = BigInteger.Pow(10, Math.Min(-precision, 1000));
            var rest = ((whole % unit) + unit) % unit;
            var down = whole - rest;
            var order = (rest * 2).CompareTo(unit);
            return Values.Of(order > 0 || (order == 0 && !(down / unit).IsEven) ? down + unit : down);
        }

        var factor = Math.Pow(10, precision);
        var scaled = ValueComparison.ToDouble(value) * factor;
        return (method == "ceil" ? Math.Ceiling(scaled) : Math.Floor(scaled)) / factor;
    }

    private static string FileSize(double bytes, bool isBinary)
    {
        double unit = isBinary ? 1024 : 1000;
        string[] names = isBinary ? ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"] : ["kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];
        if (bytes == 1)
        {
            return "1 Byte";
        }

        if (bytes < unit)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{(long)bytes} Bytes");
        }

        var at = 0;
        while (at < names.Length - 1 && bytes >= Math.Pow(unit, at + 2))
        {
            at++;
        }

        return $"{NumberText.Fixed(bytes / Math.Pow(unit, at + 1), 1)} {names[at]}";
    }
}
