using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;

namespace Prefer.Text.Templates;

/// <summary>Values as Python writes them: <c>str()</c> and <c>repr()</c>.</summary>
internal static class PythonText
{
    public static string Str(object value)
    {
        switch (value)
        {
            case string text:
                return text;
            case Markup markup:
                return markup.Text;
            case Undefined:
                return "";
            case long number:
                return number.ToString(CultureInfo.InvariantCulture);
            case bool flag:
                return flag ? "True" : "False";
            default:
                var builder = new StringBuilder();
                Repr(builder, value);
                return builder.ToString();
        }
    }

    public static string Repr(object value)
    {
        var builder = new StringBuilder();
        Repr(builder, value);
        return builder.ToString();
    }

    /// <summary>The shortest digits that read back the same, in Python's layout.</summary>
    public static string Float(double value)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        }

        var sign = double.IsNegative(value) ? "-" : "";
        if (value == 0)
        {
            return sign + "0.0";
        }

        var shortest = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture);
        var mark = shortest.IndexOf('E', StringComparison.Ordinal);
        var plain = mark < 0 ? shortest : shortest[..mark];
        var point = plain.IndexOf('.', StringComparison.Ordinal);
        var whole = point < 0 ? plain : plain[..point];
        var fraction = point < 0 ? "" : plain[(point + 1)..];
        var digits = (whole + fraction).TrimStart('0');

        // The power of ten of the first digit.
        var exponent = (mark < 0 ? 0 : int.Parse(shortest.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture))
            + (whole == "0" ? digits.Length - fraction.Length - 1 : whole.Length - 1);
        digits = digits.TrimEnd('0');
        if (exponent is < -4 or >= 16)
        {
            var mantissa = digits.Length == 1 ? digits : $"{digits[0]}.{digits[1..]}";
            return string.Create(CultureInfo.InvariantCulture, $"{sign}{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");
        }

        return exponent < 0 ? $"{sign}0.{new string('0', -exponent - 1)}{digits}"
            : digits.Length <= exponent + 1 ? $"{sign}{digits.PadRight(exponent + 1, '0')}.0"
            : $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }

    private static void Repr(StringBuilder builder, object value)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        Limits.CheckText(builder.Length);
        switch (value)
        {
            case None:
                builder.Append("None");
                break;
            case Undefined:
                builder.Append("Undefined");
                break;
            case bool flag:
                builder.Append(flag ? "True" : "False");
                break;
            case long or BigInteger:
                builder.Append(CultureInfo.InvariantCulture, $"{value}");
                break;
            case double number:
                builder.Append(Float(number));
                break;
            case string text:
                Quote(builder, text);
                break;
            case Markup markup:
                builder.Append("Markup(");
                Quote(builder, markup.Text);
                builder.Append(')');
                break;
            case ListValue list:
                List(builder, list);
                break;
            case DictValue dict:
                builder.Append('{');
                for (var at = 0; at < dict.Count; at++)
                {
                    builder.Append(at == 0 ? "" : ", ");
                    Repr(builder, dict.Entries[at].Key);
                    builder.Append(": ");
                    Repr(builder, dict.Entries[at].Value);
                }

                builder.Append('}');
                break;
            case NamespaceValue space:
                builder.Append("<Namespace {");
                foreach (var (name, item) in space.Members)
                {
                    builder.Append(builder[^1] == '{' ? "" : ", ");
                    Quote(builder, name);
                    builder.Append(": ");
                    Repr(builder, item);
                }

                builder.Append("}>");
                break;
            case LoopState loop:
                builder.Append(CultureInfo.InvariantCulture, $"<LoopContext {loop.Index0 + 1}/{loop.Length}>");
                break;
            case Macro macro:
                builder.Append("<Macro ");
                Quote(builder, macro.Name);
                builder.Append('>');
                break;
            default:
                builder.Append("<function ").Append(((Callable)value).Name).Append('>');
                break;
        }
    }

    private static void List(StringBuilder builder, ListValue list)
    {
        var (open, close) = list.Kind switch
        {
            ListKind.List => ("[", "]"),
            ListKind.Tuple => ("(", list.Items.Length == 1 ? ",)" : ")"),
            ListKind.Keys => ("dict_keys([", "])"),
            ListKind.Values => ("dict_values([", "])"),
            ListKind.Items => ("dict_items([", "])"),
            ListKind.Range => (list.Shown!, ""),
            _ => ("<generator>", ""),
        };
        builder.Append(open);
        for (var at = 0; at < list.Items.Length && list.Kind is not (ListKind.Range or ListKind.Generator); at++)
        {
            builder.Append(at == 0 ? "" : ", ");
            Repr(builder, list.Items[at]);
        }

        builder.Append(close);
    }

    /// <summary>A string in quotes: single ones, unless it has single and no double ones.</summary>
    private static void Quote(StringBuilder builder, string text)
    {
        var quote = text.Contains('\'', StringComparison.Ordinal) && !text.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        builder.Append(quote);
        foreach (var rune in text.EnumerateRunes())
        {
            var code = rune.Value;
            switch (code)
            {
                case '\n':
                    builder.Append("\\n");
                    break;
                case '\r':
                    builder.Append("\\r");
                    break;
                case '\t':
                    builder.Append("\\t");
                    break;
                case '\\':
                    builder.Append("\\\\");
                    break;
                default:
                    if (code == quote)
                    {
                        builder.Append('\\').Append(quote);
                    }
                    else if (code is >= 32 and < 127 || (code > 160 && IsPrintable(rune)))
                    {
                        builder.Append(rune);
                    }
                    else
                    {
                        builder.Append(code < 256 ? "\\x" : code < 65536 ? "\\u" : "\\U").Append(code.ToString(code < 256 ? "x2" : code < 65536 ? "x4" : "x8", CultureInfo.InvariantCulture));
                    }

                    break;
            }
        }

        builder.Append(quote);
    }

    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);
}
