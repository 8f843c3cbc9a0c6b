using System.Globalization;
using System.Numerics;

namespace Prefer.Text.Templates;

/// <summary>Fractions with a given number of digits, rounded as Python rounds: exactly, a tie to the even digit.</summary>
internal static class NumberText
{
    private const int MaxDigits = 500;

    /// <summary><c>%.nf</c></summary>
    public static string Fixed(double value, int precision)
    {
        if (!double.IsFinite(value))
        {
            return PythonText.Float(value);
        }

        Check(precision);
        var digits = Scaled(Math.Abs(value), precision).ToString(CultureInfo.InvariantCulture).PadLeft(precision + 1, '0');
        return (double.IsNegative(value) ? "-" : "") + (precision == 0 ? digits : $"{digits[..^precision]}.{digits[^precision..]}");
    }

    /// <summary><c>%.ne</c></summary>
    public static string Scientific(double value, int precision)
    {
        if (!double.IsFinite(value))
        {
            return PythonText.Float(value);
        }

        Check(precision);
        var (digits, exponent) = Digits(Math.Abs(value), precision + 1);
        var mantissa = precision == 0 ? digits : $"{digits[0]}.{digits[1..]}";
        return string.Create(CultureInfo.InvariantCulture, $"{(double.IsNegative(value) ? "-" : "")}{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");
    }

    /// <summary><c>%.ng</c></summary>
    public static string General(double value, int precision, bool keepsZeros = false)
    {
        if (!double.IsFinite(value))
        {
            return PythonText.Float(value);
        }

        precision = Math.Max(1, precision);
        Check(precision);
        var exponent = Digits(Math.Abs(value), precision).Exponent;
        if (exponent >= -4 && exponent < precision)
        {
            var plain = Fixed(value, precision - 1 - exponent);
            return keepsZeros || !plain.Contains('.', StringComparison.Ordinal) ? plain : plain.TrimEnd('0').TrimEnd('.');
        }

        var scientific = Scientific(value, precision - 1);
        var mark = scientific.IndexOf('e', StringComparison.Ordinal);
        var mantissa = scientific[..mark];
        return (keepsZeros || !mantissa.Contains('.', StringComparison.Ordinal) ? mantissa : mantissa.TrimEnd('0').TrimEnd('.')) + scientific[mark..];
    }

    /// <summary><c>round(value, precision)</c>.</summary>
    public static double Round(double value, int precision) =>
        !double.IsFinite(value) ? value
        : precision >= 0 ? double.Parse(Fixed(value, Math.Min(precision, 330)), CultureInfo.InvariantCulture)
        : precision < -330 ? 0
        : double.Parse($"{(double.IsNegative(value) ? "-" : "")}{Scaled(Math.Abs(value), precision)}e{-precision}", CultureInfo.InvariantCulture);

    private static void Check(int precision)
    {
        if (precision is < 0 or > MaxDigits)
        {
            throw new TemplateFault($"a precision of {precision}; the limit is {MaxDigits}");
        }
    }

    private static (string Digits, int Exponent) Digits(double value, int count)
    {
        if (value == 0)
        {
            return (new string('0', count), 0);
        }

        var exponent = (int)Math.Floor(Math.Log10(value));
        while (true)
        {
            var digits = Scaled(value, count - 1 - exponent).ToString(CultureInfo.InvariantCulture);
            if (digits.Length == count && digits != "0")
            {
                return (digits, exponent);
            }

            // The logarithm was off by one, or rounding carried into another digit.
            exponent += digits.Length > count ? 1 : -1;
        }
    }

    /// <summary>value · 10^power to the nearest whole number.</summary>
    private static BigInteger Scaled(double value, int power)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var exponent = (int)((bits >> 52) & 0x7FF);
        var mantissa = bits & 0xFFFFFFFFFFFFF;
        (mantissa, exponent) = exponent == 0 ? (mantissa, -1074) : (mantissa | (1L << 52), exponent - 1075);
        var numerator = new BigInteger(mantissa) * BigInteger.Pow(10, Math.Max(0, power)) << Math.Max(0, exponent);
        var denominator = BigInteger.Pow(10, Math.Max(0, -power)) << Math.Max(0, -exponent);
        var quotient = BigInteger.DivRem(numerator, denominator, out var remainder);
        var order = (remainder * 2).CompareTo(denominator);
        return order > 0 || (order == 0 && !quotient.IsEven) ? quotient + 1 : quotient;
    }
}
