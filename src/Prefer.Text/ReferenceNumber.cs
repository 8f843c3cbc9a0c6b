namespace Prefer.Text;

/// <summary>
/// Numbers as the reference's JSON parser (serde_json without <c>float_roundtrip</c>) reads them: the digits as a 64-bit whole number, then one multiplication or
/// division by a power of ten. Beyond 15 digits that is a last place off what was written, which decides between cuts of a word whose scores are equal.
/// </summary>
internal static class ReferenceNumber
{
    private const int LargestPower = 308;

    // Parsed, because Math.Pow is not always the nearest.
    private static readonly double[] Powers =
        [.. Enumerable.Range(0, LargestPower + 1).Select(power => double.Parse($"1e{power}", System.Globalization.CultureInfo.InvariantCulture))];

    /// <param name="text">A number as JSON writes it.</param>
    public static double Parse(ReadOnlySpan<char> text)
    {
        var isNegative = text[0] == '-';
        var (significand, exponent, isFull, isFraction) = (0UL, 0, false, false);
        var index = isNegative ? 1 : 0;
        for (; index < text.Length && text[index] is not ('e' or 'E'); index++)
        {
            if (text[index] == '.')
            {
                isFraction = true;
                continue;
            }

            // Digits for which there is no room count only for the size.
            var digit = (ulong)(text[index] - '0');
            isFull = isFull || significand > (ulong.MaxValue - digit) / 10;
            if (!isFull)
            {
                significand = (significand * 10) + digit;
                exponent -= isFraction ? 1 : 0;
            }
            else if (!isFraction)
            {
                exponent++;
            }
        }

        if (index < text.Length)
        {
            var written = text[(index + 1)..];
            exponent += int.TryParse(written, System.Globalization.CultureInfo.InvariantCulture, out var power) ? Math.Clamp(power, -100_000, 100_000) : written[0] == '-' ? -100_000 : 100_000;
        }

        double value = significand;
        for (; exponent < -LargestPower && value != 0; exponent += LargestPower)
        {
            value /= 1e308;
        }

        value = exponent > LargestPower ? (value == 0 ? 0 : double.PositiveInfinity)
            : exponent >= 0 ? value * Powers[exponent]
            : value / Powers[Math.Min(-exponent, LargestPower)];
        return isNegative ? -value : value;
    }
}
