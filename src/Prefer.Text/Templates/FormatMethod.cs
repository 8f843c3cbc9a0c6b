using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;

namespace Prefer.Text.Templates;

/// <summary>Python's <c>str.format</c>. Fields reach attributes and items by the same rules as the template itself.</summary>
internal static partial class FormatMethod
{
    public static string Fill(TemplateContext context, string format, CallArguments arguments)
    {
        var next = 0;
        return Fill(context, format, arguments, ref next, 0);
    }

    private static string Fill(TemplateContext context, string format, CallArguments arguments, ref int next, int level)
    {
        if (level > 1 && format.Length > 0)
        {
            throw new TemplateFault("Max string recursion exceeded");
        }

        var result = new StringBuilder();
        for (var at = 0; at < format.Length; at++)
        {
            var character = format[at];
            if (character is not ('{' or '}'))
            {
                result.Append(character);
                continue;
            }

            if (at + 1 < format.Length && format[at + 1] == character)
            {
                result.Append(character);
                at++;
                continue;
            }

            if (character == '}')
            {
                throw new TemplateFault("Single '}' encountered in format string");
            }

            var end = End(format, at);
            result.Append(Field(context, format[(at + 1)..end], arguments, ref next, level));
            Limits.CheckText(result.Length);
            at = end;
        }

        return result.ToString();
    }

    private static int End(string format, int open)
    {
        var depth = 0;
        for (var at = open; at < format.Length; at++)
        {
            depth += format[at] == '{' ? 1 : format[at] == '}' ? -1 : 0;
            if (depth == 0)
            {
                return at;
            }
        }

        throw new TemplateFault("expected '}' before end of string");
    }

    private static string Field(TemplateContext context, string field, CallArguments arguments, ref int next, int level)
    {
        var colon = field.IndexOf(':', StringComparison.Ordinal);
        var head = colon < 0 ? field : field[..colon];
        var specification = colon < 0 ? "" : field[(colon + 1)..];
        var mark = head.LastIndexOf('!');
        var conversion = mark >= 0 ? head[(mark + 1)..] : "";
        head = mark >= 0 ? head[..mark] : head;
        var name = FieldName().Match(head);
        var value = name.Value.Length == 0 ? Positional(arguments, next++)
            : int.TryParse(name.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? Positional(arguments, index)
            : arguments.Named.Where(pair => pair.Key == name.Value).Select(pair => pair.Value).FirstOrDefault() ?? throw new TemplateFault($"no argument {PythonText.Repr(name.Value)} for the format string");
        for (var step = FieldStep().Match(head, name.Length); step.Success; step = FieldStep().Match(head, step.Index + step.Length))
        {
            value = step.Groups[1].Success ? Access.Attribute(context, value, step.Groups[1].Value)
                : long.TryParse(step.Groups[2].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? Access.Item(context, value, Values.Of(number))
                : Access.Item(context, value, step.Groups[2].Value);
        }

        value = conversion switch
        {
            "" => value,
            "s" => PythonText.Str(value),
            "r" or "a" => PythonText.Repr(value),
            _ => throw new TemplateFault($"Unknown conversion specifier '{conversion}'"),
        };
        return Format(value, Fill(context, specification, arguments, ref next, level + 1));
    }

    private static object Positional(CallArguments arguments, int index) =>
        arguments[index] ?? throw new TemplateFault($"Replacement index {index} out of range for positional args tuple");

    /// <summary><c>format(value, specification)</c>.</summary>
    private static string Format(object value, string specification)
    {
        if (specification.Length == 0)
        {
            return PythonText.Str(value);
        }

        var match = Specification().Match(specification);
        if (!match.Success)
        {
            throw new TemplateFault($"Invalid format specifier '{specification}'");
        }

        string Part(string name) => match.Groups[name].Value;
        int? Number(string name) => Part(name).Length is > 0 and < 9 ? int.Parse(Part(name), CultureInfo.InvariantCulture) : Part(name).Length == 0 ? null : throw new TemplateFault("Too many decimal digits in format string");
        var isNumber = value is long or double or BigInteger || (value is bool && Part("type") is not ("" or "s"));
        var (fill, align, sign) = (Part("fill"), Part("align"), Part("sign"));
        var type = Part("type");
        string text;
        if (isNumber)
        {
            text = Digits(value, type, Number("precision"), Part("alternate").Length > 0);
            text = Grouped(text, Part("group"), type);
            text = !text.StartsWith('-') && sign is "+" or " " ? sign + text : text;
        }
        else if (type is "" or "s" && sign.Length == 0 && value is string or Markup or bool)
        {
            text = PythonText.Str(value);
            text = Number("precision") is { } most && most < CodePoints.Count(text) ? CodePoints.Slice(text, 0, most) : text;
        }
        else
        {
            throw new TemplateFault(value is string ? $"Unknown format code '{type}' for object of type 'str'" : $"unsupported format string passed to {Values.TypeName(value)}.__format__");
        }

        (fill, align) = Part("zero").Length > 0 && align.Length == 0 ? ("0", isNumber ? "=" : "<") : (fill, align);
        var width = Number("width") ?? 0;
        return Aligned(text, width, fill.Length == 0 ? " " : fill, align.Length > 0 ? align : isNumber ? ">" : "<");
    }

    private static string Aligned(string text, int width, string fill, string align)
    {
        if (align == "=")
        {
            // Zeros go behind the sign and behind 0x.
            var sign = text is ['-' or '+' or ' ', ..] ? 1 : 0;
            var start = text.AsSpan(sign) is ['0', 'x' or 'X' or 'o' or 'b', ..] ? sign + 2 : sign;
            return text[..start] + PythonStrings.Pad(text[start..], width - start, fill, left: true, right: false);
        }

        if (align == "^")
        {
            var missing = Math.Max(0, width - CodePoints.Count(text));
            return PythonStrings.Pad(PythonStrings.Pad(text, width - missing + (missing / 2), fill, left: true, right: false), width, fill, left: false, right: true);
        }

        return PythonStrings.Pad(text, width, fill, left: align == ">", right: align == "<");
    }

    private static string Digits(object value, string type, int? precision, bool isPrefixed)
    {
        if (value is not double && type is "" or "d" or "n" or "x" or "X" or "o" or "b" or "c")
        {
            var number = ValueComparison.ToInteger(value);
            return type == "c" ? CodePoints.Character(Values.Index(value))
                : (number.Sign < 0 ? "-" : "") + (isPrefixed && type is "x" or "X" or "o" or "b" && isPrefixed ? $"0{type}" : "") + PrintfFormat.InBase(BigInteger.Abs(number), type.Length == 0 ? 'd' : type[0]);
        }

        var fraction = ValueComparison.ToDouble(value);
        var text = type switch
        {
            "f" or "F" => NumberText.Fixed(fraction, precision ?? 6),
            "e" or "E" => NumberText.Scientific(fraction, precision ?? 6),
            "g" or "G" or "n" => NumberText.General(fraction, precision ?? 6),
            "%" => NumberText.Fixed(fraction * 100, precision ?? 6) + "%",
            "" when precision is null => PythonText.Float(fraction),
            "" => NumberText.General(fraction, precision!.Value) is var general && general.AsSpan().IndexOfAny(".en") < 0 ? general + ".0" : NumberText.General(fraction, precision!.Value),
            _ => throw new TemplateFault($"Unknown format code '{type}' for object of type '{Values.TypeName(value)}'"),
        };
        return type is "E" or "F" or "G" ? text.ToUpperInvariant() : text;
    }

    private static string Grouped(string digits, string separator, string type)
    {
        if (separator.Length == 0)
        {
            return digits;
        }

        var start = digits.StartsWith('-') ? 1 : 0;
        var end = start;
        while (end < digits.Length && char.IsAsciiHexDigit(digits[end]) && (type is "x" or "X" || char.IsAsciiDigit(digits[end])))
        {
            end++;
        }

        var size = type is "x" or "X" or "o" or "b" ? 4 : 3;
        var grouped = new StringBuilder(digits);
        for (var at = end - size; at > start; at -= size)
        {
            grouped.Insert(at, separator);
        }

        return grouped.ToString();
    }

    [GeneratedRegex(@"\G[^.\[]*", RegexOptions.CultureInvariant)]
    private static partial Regex FieldName();

    [GeneratedRegex(@"\G(?:\.([^.\[]+)|\[([^\]]+)\])", RegexOptions.CultureInvariant)]
    private static partial Regex FieldStep();

    [GeneratedRegex(@"^(?:(?<fill>.)?(?<align>[<>=^]))?(?<sign>[-+ ])?(?<alternate>\#)?(?<zero>0)?(?<width>[0-9]+)?(?<group>[,_])?(?:\.(?<precision>[0-9]+))?(?<type>[bcdeEfFgGnosxX%])?$", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Specification();
}
