namespace Prefer.Cli;

/// <summary>A curve in one line of text, its lowest value at the bottom and its highest at the top.</summary>
internal static class Sparkline
{
    private const string Levels = "▁▂▃▄▅▆▇█";

    /// <summary>Draws the curve.</summary>
    /// <param name="values">Finite, in order; none give nothing.</param>
    /// <param name="width">Most characters; of more values each character is the mean of its share of them.</param>
    public static string Of(IReadOnlyList<double> values, int width)
    {
        var count = Math.Min(width, values.Count);
        double[] means = [.. Enumerable.Range(0, count).Select(place => Mean(values, place * values.Count / count, (place + 1) * values.Count / count))];
        var (low, high) = (means.DefaultIfEmpty().Min(), means.DefaultIfEmpty().Max());
        return string.Concat(means.Select(mean => Levels[high > low ? (int)Math.Round((mean - low) / (high - low) * (Levels.Length - 1)) : 0]));
    }

    private static double Mean(IReadOnlyList<double> values, int from, int to) => Enumerable.Range(from, to - from).Average(index => values[index]);
}
