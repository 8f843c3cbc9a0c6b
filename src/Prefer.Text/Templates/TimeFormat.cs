using System.Globalization;
using System.Text;

namespace Prefer.Text.Templates;

/// <summary>Python's <c>strftime</c> in the C locale, with glibc's flags (<c>%-d</c>), of a time without a zone.</summary>
internal static class TimeFormat
{
    public static string Format(string format, DateTime time)
    {
        var result = new StringBuilder();
        for (var at = 0; at < format.Length; at++)
        {
            if (format[at] != '%' || at + 1 == format.Length)
            {
                result.Append(format[at]);
                continue;
            }

            var flag = format[at + 1] is '-' or '_' or '0' or '^' or '#' && at + 2 < format.Length ? format[++at] : '\0';
            var directive = format[++at];
            result.Append(One(directive, flag, time) ?? $"%{(flag == 0 ? "" : flag)}{directive}");
        }

        return result.ToString();
    }

    private static string? One(char directive, char flag, DateTime time)
    {
        string Number(int value, int width, char fill = '0') => flag switch
        {
            '-' => value.ToString(CultureInfo.InvariantCulture),
            '_' => value.ToString(CultureInfo.InvariantCulture).PadLeft(width),
            '0' => value.ToString(CultureInfo.InvariantCulture).PadLeft(width, '0'),
            _ => value.ToString(CultureInfo.InvariantCulture).PadLeft(width, fill),
        };
        string Word(string net)
        {
            var word = time.ToString(net, CultureInfo.InvariantCulture);
            return flag == '^' || (flag == '#' && directive != 'p') ? word.ToUpperInvariant() : flag == '#' ? word.ToLowerInvariant() : word;
        }

        var weekday = (int)time.DayOfWeek;
        var hour12 = time.Hour % 12 == 0 ? 12 : time.Hour % 12;
        return directive switch
        {
            'a' => Word("ddd"),
            'A' => Word("dddd"),
            'b' or 'h' => Word("MMM"),
            'B' => Word("MMMM"),
            'c' => Format("%a %b %e %H:%M:%S %Y", time),
            'C' => Number(time.Year / 100, 2),
            'd' => Number(time.Day, 2),
            'D' or 'x' => Format("%m/%d/%y", time),
            'e' => Number(time.Day, 2, ' '),
            'f' => (time.Ticks % TimeSpan.TicksPerSecond / 10).ToString("000000", CultureInfo.InvariantCulture),
            'F' => Format("%Y-%m-%d", time),
            'g' => Number(ISOWeek.GetYear(time) % 100, 2),
            'G' => Number(ISOWeek.GetYear(time), 4),
            'H' => Number(time.Hour, 2),
            'I' => Number(hour12, 2),
            'j' => Number(time.DayOfYear, 3),
            'k' => Number(time.Hour, 2, ' '),
            'l' => Number(hour12, 2, ' '),
            'm' => Number(time.Month, 2),
            'M' => Number(time.Minute, 2),
            'n' => "\n",
            'p' => Word("tt"),
            'P' => time.Hour < 12 ? "am" : "pm",
            'r' => Format("%I:%M:%S %p", time),
            'R' => Format("%H:%M", time),
            's' => new DateTimeOffset(time).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            'S' => Number(time.Second, 2),
            't' => "\t",
            'T' or 'X' => Format("%H:%M:%S", time),
            'u' => Number(weekday == 0 ? 7 : weekday, 1),
            'U' => Number((time.DayOfYear + 6 - weekday) / 7, 2),
            'V' => Number(ISOWeek.GetWeekOfYear(time), 2),
            'w' => Number(weekday, 1),
            'W' => Number((time.DayOfYear + 6 - ((weekday + 6) % 7)) / 7, 2),
            'y' => Number(time.Year % 100, 2),
            'Y' => Number(time.Year, 4),
            'z' or 'Z' => "",
            '%' => "%",
            _ => null,
        };
    }
}
