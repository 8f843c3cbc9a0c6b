using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Prefer.Benchmarks.Cases;
using Prefer.Data;

namespace Prefer.Benchmarks;

/// <summary>Losses of pairs of runs that should follow each other, as a drawing: means over 20 steps, and how far they are apart.</summary>
internal static class LossCurves
{
    private const int Window = 20; // steps of a mean
    private const int Width = 760, PanelHeight = 250, Left = 60, Right = 20, Top = 40, Bottom = 40; // pixels

    private static readonly string[] Strokes = ["stroke=\"#1f77b4\" stroke-width=\"3\"", "stroke=\"#d62728\" stroke-width=\"1.4\" stroke-dasharray=\"6 3\""];

    /// <summary>Writes the drawing, and prints for each pair the largest difference of its means as a line of JSON.</summary>
    /// <param name="output">An .svg file.</param>
    /// <param name="pairs">TITLE=FIRST/metrics.jsonl,SECOND/metrics.jsonl, each with a line a step.</param>
    internal static int Run(string output, string[] pairs)
    {
        var svg = new StringBuilder();
        svg.AppendLine(CultureInfo.InvariantCulture, $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {PanelHeight * pairs.Length}" font-family="sans-serif" font-size="12">""");
        svg.AppendLine("""<rect width="100%" height="100%" fill="white"/>""");
        foreach (var (number, pair) in pairs.Index())
        {
            var equals = pair.LastIndexOf('=');
            var files = pair[(equals + 1)..].Split(',');
            if (equals < 1 || files.Length != 2)
            {
                throw new UsageException($"{pair}: found no TITLE=FILE,FILE");
            }
            var curves = Array.ConvertAll(files, file => Means(Losses(file)));
            if (curves[0].Length != curves[1].Length)
            {
                throw new DataException($"{pair}: the runs have {curves[0].Length} and {curves[1].Length} means; they should have as many steps as each other");
            }
            var largest = curves[0].Zip(curves[1], (first, second) => Math.Abs(first - second)).Max();
            var title = pair[..equals];
            Console.WriteLine(new JsonObject { ["runs"] = title, ["steps"] = curves[0].Length + Window - 1, ["largest_difference"] = largest, ["last"] = new JsonArray(curves[0][^1], curves[1][^1]) }.ToJsonString());
            Draw(svg, title, Array.ConvertAll(files, file => Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(file)))!), curves, largest, number * PanelHeight);
        }
        svg.AppendLine("</svg>");
        File.WriteAllText(output, svg.ToString());
        return 0;
    }

    private static double[] Losses(string file)
    {
        var lines = File.ReadLines(file).Select(line => JsonNode.Parse(line)!).Where(line => line["loss"] is not null).ToList();
        return lines.Count >= Window && lines.Index().All(line => (int)line.Item["step"]! == line.Index + 1)
            ? [.. lines.Select(line => (double)line["loss"]!)]
            : throw new DataException($"{file}: expected a line for each of at least {Window} steps; train with --logging-steps 1");
    }

    private static double[] Means(double[] losses) => [.. Enumerable.Range(0, losses.Length - Window + 1).Select(from => losses.AsSpan(from, Window).ToArray().Average())];

    private static void Draw(StringBuilder svg, string title, string[] names, double[][] curves, double largest, int offset)
    {
        var (low, high) = (curves.Min(curve => curve.Min()), curves.Max(curve => curve.Max()));
        var invariant = CultureInfo.InvariantCulture;
        double X(int index) => Left + ((double)index / (curves[0].Length - 1) * (Width - Left - Right));
        double Y(double loss) => offset + Top + ((high - loss) / (high - low) * (PanelHeight - Top - Bottom));
        svg.AppendLine(invariant, $"""<text x="{Left}" y="{offset + 22}" font-size="14">{title}: mean loss of {Window} steps; largest difference {largest:f4}</text>""");
        foreach (var loss in new[] { low, (low + high) / 2, high })
        {
            svg.AppendLine(invariant, $"""<line x1="{Left}" x2="{Width - Right}" y1="{Y(loss):f1}" y2="{Y(loss):f1}" stroke="#ddd"/><text x="{Left - 8}" y="{Y(loss) + 4:f1}" text-anchor="end">{loss:f3}</text>""");
        }
        foreach (var index in new[] { 0, (curves[0].Length - 1) / 2, curves[0].Length - 1 })
        {
            svg.AppendLine(invariant, $"""<text x="{X(index):f1}" y="{offset + PanelHeight - Bottom + 18}" text-anchor="middle">step {index + Window}</text>""");
        }
        foreach (var (number, curve) in curves.Index())
        {
            svg.AppendLine(invariant, $"""<polyline fill="none" {Strokes[number]} points="{string.Join(' ', curve.Select((loss, index) => string.Create(invariant, $"{X(index):f1},{Y(loss):f1}")))}"/>""");
            svg.AppendLine(invariant, $"""<line x1="{Width - 190 + (95 * number)}" x2="{Width - 165 + (95 * number)}" y1="{offset + Top + 8}" y2="{offset + Top + 8}" {Strokes[number]}/><text x="{Width - 160 + (95 * number)}" y="{offset + Top + 12}">{names[number]}</text>""");
        }
    }
}
