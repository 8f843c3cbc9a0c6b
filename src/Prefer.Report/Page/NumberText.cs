using System.Globalization;
using Prefer.Statistics;

namespace Prefer.Report.Page;

/// <summary>Numbers as a reader sees them. What does not exist is a dash.</summary>
internal static class NumberText
{
    public const string None = "–";

    public static string Share(double? value) => Fixed(value, "0.000");

    /// <summary>Four significant digits, which suits losses, rewards and rates alike; powers of ten where zeros would hide them.</summary>
    public static string Number(double? value) => value switch
    {
        null => None,
        0 => "0",
        { } number when double.IsFinite(number) && Math.Abs(number) is >= 1e-3 and < 1e6 => Math.Abs(number) >= 1000 ? number.ToString("#,0", CultureInfo.InvariantCulture) : Significant(number),
        { } number => number.ToString("0.###e+0", CultureInfo.InvariantCulture),
    };

    public static string Count(long? value) => value?.ToString("#,0", CultureInfo.InvariantCulture) ?? None;

    public static string Ends(Interval? interval) => interval is { } ends ? $"{Share(ends.Low)} to {Share(ends.High)}" : None;

    public static string Signed(double? value) => Fixed(value, "+0.000;−0.000;0.000");

    public static string SignedEnds(Interval? interval) => interval is { } ends ? $"{Signed(ends.Low)} to {Signed(ends.High)}" : None;

    public static string Seconds(double seconds) => seconds < 60
        ? string.Create(CultureInfo.InvariantCulture, $"{seconds:0.#} s")
        : TimeSpan.FromSeconds(Math.Round(seconds)).ToString(seconds < 86400 ? @"h\:mm\:ss" : @"d\.hh\:mm\:ss", CultureInfo.InvariantCulture);

    public static string Bytes(long? bytes) => bytes is { } count ? string.Create(CultureInfo.InvariantCulture, $"{count / 1e6:#,0} MB") : None;

    private static string Fixed(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture).Replace('-', '−') ?? None;

    private static string Significant(double number)
    {
        var decimals = Math.Clamp(3 - (int)Math.Floor(Math.Log10(Math.Abs(number))), 0, 6);
        return number.ToString("0." + new string('0', decimals), CultureInfo.InvariantCulture).Replace('-', '−');
    }
}
