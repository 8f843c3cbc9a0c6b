using System.Numerics;

namespace Prefer.Text.Templates;

/// <summary>Python's operators on values. Whole numbers beyond 64 bits stay exact.</summary>
internal static class Arithmetic
{
    // Bits of the largest whole number; more is a mistake, and slow.
    private const long MaxBits = 4096;

    public static object Add(object left, object right)
    {
        if (left is string text && right is string other)
        {
            return Limits.Join(text, other);
        }

        if (ValueComparison.IsNumber(left) && ValueComparison.IsNumber(right))
        {
            return Numbers("+", left, right);
        }

        if (left is ListValue one && right is ListValue two && one.Kind == two.Kind && one.Kind is ListKind.List or ListKind.Tuple)
        {
            Limits.CheckCount((long)one.Items.Length + two.Items.Length);
            return new ListValue([.. one.Items, .. two.Items], one.Kind);
        }

        if ((left is Markup || right is Markup) && Values.Text(left) is { } start && Values.Text(right) is { } end)
        {
            return new Markup(Limits.Join(left is Markup ? start : Markup.Escape(start), right is Markup ? end : Markup.Escape(end)));
        }

        throw Values.Text(left) is not null && right is not Undefined
            ? new TemplateFault($"can only concatenate str (not \"{Values.TypeName(right)}\") to str")
            : Unsupported("+", left, right);
    }

    public static object Multiply(object left, object right)
    {
        if (ValueComparison.IsNumber(left) && ValueComparison.IsNumber(right))
        {
            return Numbers("*", left, right);
        }

        if (right is string or Markup or ListValue && left is bool or long)
        {
            (left, right) = (right, left);
        }

        if (right is not (bool or long))
        {
            throw Unsupported("*", left, right);
        }

        long count = Math.Max(0, right is bool flag ? (flag ? 1 : 0) : (long)right);
        switch (left)
        {
            case string or Markup:
                var text = Values.Text(left)!;
                Limits.CheckText(text.Length, count);
                var repeated = string.Concat(Enumerable.Repeat(text, text.Length == 0 ? 0 : (int)count));
                return left is Markup ? new Markup(repeated) : repeated;
            case ListValue { Kind: ListKind.List or ListKind.Tuple } list:
                Limits.CheckCount(list.Items.Length, count);
                return new ListValue([.. Enumerable.Repeat(list.Items, list.Items.Length == 0 ? 0 : (int)count).SelectMany(items => items)], list.Kind);
            default:
                throw Unsupported("*", left, right);
        }
    }

    public static object Remainder(TemplateContext context, object left, object right)
    {
        if (Values.Text(left) is { } format)
        {
            if (right is Undefined undefined)
            {
                throw undefined.Fault();
            }

            var filled = PrintfFormat.Fill(context, format, left is Markup ? Escaped(right) : right);
            return left is Markup ? new Markup(filled) : filled;
        }

        return Numbers("%", left, right);
    }

    public static object Negate(object value) => value switch
    {
        long number when number != long.MinValue => Values.Of(-number),
        double number => -number,
        bool or long or BigInteger => Values.Of(-ValueComparison.ToInteger(value)),
        Undefined undefined => throw undefined.Fault(),
        _ => throw new TemplateFault($"bad operand type for unary -: '{Values.TypeName(value)}'"),
    };

    public static object Plus(object value) => value switch
    {
        long or BigInteger or double => value,
        bool flag => Values.Of(flag ? 1L : 0L),
        Undefined undefined => throw undefined.Fault(),
        _ => throw new TemplateFault($"bad operand type for unary +: '{Values.TypeName(value)}'"),
    };

    /// <summary>One of <c>+ - * / // % **</c> on two numbers.</summary>
    public static object Numbers(string sign, object left, object right)
    {
        if (!ValueComparison.IsNumber(left) || !ValueComparison.IsNumber(right))
        {
            throw Unsupported(sign, left, right);
        }

        if (left is double || right is double || sign == "/" || (sign == "**" && ValueComparison.ToInteger(right).Sign < 0))
        {
            return Fractions(sign, ValueComparison.ToDouble(left), ValueComparison.ToDouble(right));
        }

        if (left is long one && right is long two && Small(sign, one, two) is { } result)
        {
            return Values.Of(result);
        }

        return Values.Of(Whole(sign, ValueComparison.ToInteger(left), ValueComparison.ToInteger(right)));
    }

    /// <summary>Null where the result may not fit.</summary>
    private static long? Small(string sign, long left, long right)
    {
        long result;
        switch (sign)
        {
            case "+":
                result = unchecked(left + right);
                return ((left ^ result) & (right ^ result)) < 0 ? null : result;
            case "-":
                result = unchecked(left - right);
                return ((left ^ right) & (left ^ result)) < 0 ? null : result;
            case "*":
                return Math.BigMul(left, right, out result) == result >> 63 ? result : null;
            case "//" when right > 0:
                return (left / right) - (left % right < 0 ? 1 : 0);
            case "%" when right > 0:
                return (left % right) + (left % right < 0 ? right : 0);
            default:
                return null;
        }
    }

    private static BigInteger Whole(string sign, BigInteger left, BigInteger right)
    {
        if (sign is "//" or "%" && right.IsZero)
        {
            throw new TemplateFault(sign == "%" ? "integer modulo by zero" : "integer division or modulo by zero");
        }

        if (sign == "**" && left.GetBitLength() * (double)right > MaxBits + 1 && !left.IsZero && !left.IsOne && left != BigInteger.MinusOne)
        {
            throw new TemplateFault($"a power of more than {MaxBits} bits");
        }

        var remainder = sign is "//" or "%" ? ((left % right) + right) % right : default;
        var result = sign switch
        {
            "+" => left + right,
            "-" => left - right,
            "*" => left * right,
            "//" => (left - remainder) / right,
            "%" => remainder,
            _ => left.IsOne || left.IsZero || left == BigInteger.MinusOne ? BigInteger.Pow(left, right.IsZero ? 0 : right.IsEven ? 2 : 1) : BigInteger.Pow(left, (int)right),
        };
        return result.GetBitLength() <= MaxBits ? result : throw new TemplateFault($"a whole number of more than {MaxBits} bits");
    }

    private static double Fractions(string sign, double left, double right)
    {
        if (right == 0 && sign is "/" or "//" or "%")
        {
            throw new TemplateFault(sign switch
            {
                "/" => "division by zero",
                "//" => "float floor division by zero",
                _ => "float modulo by zero",
            });
        }

        if (sign == "**" && left == 0 && right < 0)
        {
            throw new TemplateFault("0.0 cannot be raised to a negative power");
        }

        if (sign == "**" && left < 0 && right != Math.Floor(right))
        {
            throw new TemplateFault("a negative number raised to a fraction is complex, which templates do not have");
        }

        var remainder = sign is "//" or "%" ? left % right : 0;
        remainder += remainder != 0 && remainder < 0 != right < 0 ? right : 0;
        return sign switch
        {
            "+" => left + right,
            "-" => left - right,
            "*" => left * right,
            "/" => left / right,
            "%" => remainder == 0 ? Math.CopySign(0, right) : remainder,
            "//" => Math.Round((left - remainder) / right),
            _ => Math.Pow(left, right) is var power && double.IsInfinity(power) && double.IsFinite(left) && double.IsFinite(right)
                ? throw new TemplateFault("Numerical result out of range")
                : power,
        };
    }

    private static object Escaped(object value)
    {
        switch (value)
        {
            case string text:
                return Markup.Escape(text);
            case ListValue { Kind: ListKind.Tuple } tuple:
                return new ListValue([.. tuple.Items.Select(Escaped)], ListKind.Tuple);
            case DictValue dict:
                var escaped = new DictValue();
                foreach (var (key, item) in dict.Entries)
                {
                    escaped.Set(key, Escaped(item));
                }

                return escaped;
            default:
                return value;
        }
    }

    private static TemplateFault Unsupported(string sign, object left, object right) =>
        (left as Undefined ?? right as Undefined)?.Fault()
        ?? new TemplateFault($"unsupported operand type(s) for {sign}: '{Values.TypeName(left)}' and '{Values.TypeName(right)}'");
}
