using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;

namespace Prefer.Text.Templates;

/// <summary>Python's <c>text % values</c>, which the filter <c>format</c> is too.</summary>
internal static partial class PrintfFormat
{
    public static string Fill(TemplateContext context, string format, object values)
    {
        var items = values is ListValue { Kind: ListKind.Tuple } tuple ? tuple.Items : [values];
        var next = 0;
        var usesNames = false;
        object Take() => next < items.Length ? items[next++] : throw new TemplateFault("not enough arguments for format string");
        var result = new StringBuilder();
        var at = 0;
        while (format.IndexOf('%', at) is var mark and >= 0)
        {
            result.Append(format, at, mark - at);
            var match = Directive().Match(format, mark);
            if (!match.Success)
            {
                throw new TemplateFault(mark + 1 == format.Length ? "incomplete format" : $"unsupported format character '{format[mark + 1]}'");
            }

            at = mark + match.Length;
            if (match.Groups["type"].Value == "%")
            {
                result.Append('%');
                continue;
            }

            var width = match.Groups["width"].Value is "*" ? Values.Index(Take()) : Number(match.Groups["width"].Value) ?? 0;
            var precision = match.Groups["precision"].Value is "*" ? Values.Index(Take()) : match.Groups["point"].Success ? Number(match.Groups["precision"].Value) ?? 0 : (int?)null;
            object value;
            if (match.Groups["name"].Success)
            {
                usesNames = true;
                var dict = values as DictValue ?? throw new TemplateFault("format requires a mapping");
                value = dict.TryGet(match.Groups["name"].Value, out var found) ? found : throw new TemplateFault($"no key {PythonText.Repr(match.Groups["name"].Value)}");
            }
            else
            {
                value = Take();
            }

            var flags = match.Groups["flags"].Value;
            var filled = One(value, match.Groups["type"].Value[0], flags, precision);
            result.Append(Pad(filled, Math.Abs(width), flags.Contains('-', StringComparison.Ordinal) || width < 0, flags.Contains('0', StringComparison.Ordinal) && match.Groups["type"].Value is not ("s" or "r" or "a" or "c")));
            Limits.CheckText(result.Length);
        }

        if (next < items.Length && !usesNames && values is not DictValue)
        {
            throw new TemplateFault("not all arguments converted during string formatting");
        }

        context.Charge();
        return result.Append(format, at, format.Length - at).ToString();
    }

    private static string One(object value, char type, string flags, int? precision)
    {
        switch (type)
        {
            case 's' or 'r' or 'a':
                var text = type == 's' ? PythonText.Str(value) : PythonText.Repr(value);
                return precision < CodePoints.Count(text) ? CodePoints.Slice(text, 0, precision.Value) : text;
            case 'c':
                return value is string { Length: > 0 } single && CodePoints.Count(single) == 1 ? single : CodePoints.Character(Values.Index(value));
            case 'd' or 'i' or 'u' or 'x' or 'X' or 'o':
                return Signed(Integer(value, type, precision ?? 0, flags.Contains('#', StringComparison.Ordinal)), flags);
            default:
                var number = ValueComparison.IsNumber(value) ? ValueComparison.ToDouble(value)
                    : throw ((value as Undefined)?.Fault() ?? new TemplateFault($"must be real number, not {Values.TypeName(value)}"));
                var digits = char.ToLowerInvariant(type) switch
                {
                    'f' => NumberText.Fixed(number, precision ?? 6),
                    'e' => NumberText.Scientific(number, precision ?? 6),
                    _ => NumberText.General(number, precision ?? 6, flags.Contains('#', StringComparison.Ordinal)),
                };
                return Signed(char.IsUpper(type) ? digits.ToUpperInvariant() : digits, flags);
        }
    }

    private static string Integer(object value, char type, int precision, bool isPrefixed)
    {
        var number = value switch
        {
            double fraction when type is 'd' or 'i' or 'u' && double.IsFinite(fraction) => new BigInteger(Math.Truncate(fraction)),
            bool or long or BigInteger => ValueComparison.ToInteger(value),
            Undefined undefined => throw undefined.Fault(),
            _ => throw new TemplateFault($"%{type} format: a real number is required, not {Values.TypeName(value)}"),
        };
        Limits.CheckText(precision);
        var digits = InBase(BigInteger.Abs(number), type).PadLeft(precision, '0');
        var prefix = isPrefixed && type is 'x' or 'X' or 'o' && isPrefixed ? $"0{type}" : "";
        return (number.Sign < 0 ? "-" : "") + prefix + digits;
    }

    /// <summary>Digits of a number that is not negative, by the letter of a format: x, X, o, b or decimal.</summary>
    public static string InBase(BigInteger number, char type)
    {
        var radix = char.ToLowerInvariant(type) switch
        {
            'x' => 16,
            'o' => 8,
            'b' => 2,
            _ => 10,
        };
        if (radix == 10)
        {
            return number.ToString(CultureInfo.InvariantCulture);
        }

        var digits = new StringBuilder();
        do
        {
            digits.Insert(0, "0123456789abcdef"[(int)(number % radix)]);
            number /= radix;
        }
        while (!number.IsZero);
        return type == 'X' ? digits.ToString().ToUpperInvariant() : digits.ToString();
    }

    private static string Signed(string digits, string flags) =>
        digits.StartsWith('-') ? digits
        : flags.Contains('+', StringComparison.Ordinal) ? "+" + digits
        : flags.Contains(' ', StringComparison.Ordinal) ? " " + digits
        : digits;

    private static string Pad(string text, int width, bool left, bool zeros)
    {
        if (left || !zeros)
        {
            return PythonStrings.Pad(text, width, " ", left: !left, right: left);
        }

        var sign = text.Length > 0 && text[0] is '-' or '+' or ' ' ? 1 : 0;
        return text[..sign] + PythonStrings.Pad(text[sign..], width - sign, "0", left: true, right: false);
    }

    private static int? Number(string digits) =>
        digits.Length == 0 ? null : digits.Length < 9 ? int.Parse(digits, CultureInfo.InvariantCulture) : throw new TemplateFault("width too big");

    [GeneratedRegex(@"\G%(?:\((?<name>[^)]*)\))?(?<flags>[-+ 0#]*)(?<width>\*|[0-9]*)(?<point>\.(?<precision>\*|[0-9]*))?[hlL]?(?<type>[sradiufFeEgGxXoc%])", RegexOptions.CultureInvariant)]
    private static partial Regex Directive();
}
