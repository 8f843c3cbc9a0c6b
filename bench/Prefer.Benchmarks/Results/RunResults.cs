using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Prefer.Models.Files;

namespace Prefer.Benchmarks.Results;

/// <summary>The figures of a run: what is in <c>results/NAME.json</c>, and how tables read them.</summary>
internal sealed class RunResults
{
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly JsonObject json;

    private RunResults(JsonObject json) => this.json = json;

    internal JsonObject Machine => json["machine"]!.AsObject();

    internal JsonObject Run => json["run"]!.AsObject();

    internal string Name => (string)Machine["name"]!;

    private JsonObject Cases => json["cases"]!.AsObject();

    internal static RunResults Load(string path) => new(JsonNode.Parse(File.ReadAllText(path))!.AsObject());

    /// <summary>Puts the lines of all rounds together.</summary>
    /// <param name="lines">What the processes printed.</param>
    /// <param name="machine">See <see cref="Results.Machine.Describe"/>.</param>
    /// <param name="run">Date, amount, rounds and data.</param>
    internal static RunResults Of(IEnumerable<JsonObject> lines, JsonObject machine, JsonObject run)
    {
        var rounds = (int)run["rounds"]!;
        var cases = new JsonObject();
        foreach (var own in lines.GroupBy(line => (string)line["case"]!))
        {
            cases[own.Key] = Combine([.. own], rounds);
        }
        var results = new RunResults(new JsonObject { ["machine"] = machine, ["run"] = run, ["cases"] = cases });
        foreach (var (name, figures) in cases)
        {
            results.AddShareOfPeak(name, figures!.AsObject());
            results.AddDifference(name, figures!.AsObject());
        }
        return results;
    }

    internal void Save(string folder)
    {
        Directory.CreateDirectory(folder);
        AtomicFile.WriteText(Path.Combine(folder, $"{Name}.json"), json.ToJsonString(Format) + "\n");
        AtomicFile.WriteText(Path.Combine(folder, $"{Name}.md"), ResultTables.Of(this));
    }

    internal IEnumerable<string> NamesOf(string prefix) => Cases.Select(item => item.Key).Where(name => name.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>The median over rounds, or null where there is none.</summary>
    internal double? Median(string name, string figure) => (double?)Cases[name]?[figure]?["median"];

    /// <summary>The median over rounds of the quotient of two cases in one round, or null.</summary>
    internal double? Ratio(string name, string other, string figure) =>
        Middle(Rounds(name, figure).Zip(Rounds(other, figure), (own, its) => own / its));

    /// <summary>How many times more tokens another case computes for the same real tokens, or null.</summary>
    internal double? TokenRatio(string name, string other) => TokensPerReal(other) / TokensPerReal(name);

    internal double? Single(string name, string figure) => (double?)Cases[name]?[figure];

    internal bool? Agrees(string name) => (bool?)Cases[name]?["agrees"];

    /// <summary>Why a case has no figures, or null.</summary>
    internal string? Reason(string name) => (string?)Cases[name]?["not_available"] ?? (string?)Cases[name]?["failed"];

    private double? TokensPerReal(string name) => Median(name, "computed_tokens") / Median(name, "real_tokens");

    private IEnumerable<double?> Rounds(string name, string figure) => Cases[name]?[figure]?["rounds"]?.AsArray().Select(value => (double?)value) ?? [];

    private static JsonObject Combine(JsonObject[] lines, int rounds)
    {
        var combined = new JsonObject();
        foreach (var (figure, value) in lines.SelectMany(line => line).Where(item => item.Key is not ("case" or "round")).DistinctBy(item => item.Key))
        {
            if (value is not JsonValue number || number.GetValueKind() != JsonValueKind.Number)
            {
                combined[figure] = value!.DeepClone(); // the same in every round
                continue;
            }
            var values = new double?[rounds];
            foreach (var line in lines)
            {
                values[(int)line["round"]!] = (double?)line[figure];
            }
            combined[figure] = OfRounds(values);
        }
        return combined;
    }

    private static JsonObject OfRounds(double?[] values) => new()
    {
        ["median"] = Middle(values),
        ["rounds"] = new JsonArray([.. values.Select(value => (JsonNode?)value)]),
    };

    private static double? Middle(IEnumerable<double?> values)
    {
        double[] sorted = [.. values.OfType<double>().Order()];
        return sorted.Length == 0 ? null : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>Model-FLOP utilisation: speed over the peak that was measured in the same round.</summary>
    private void AddShareOfPeak(string name, JsonObject figures)
    {
        if (figures.ContainsKey("gflops") && !name.StartsWith("peak/", StringComparison.Ordinal))
        {
            var peak = name.Contains("/bf16/", StringComparison.Ordinal) ? "peak/bf16" : "peak/fp32";
            figures["mfu"] = OfRounds([.. Rounds(name, "gflops").Zip(Rounds(peak, "gflops").DefaultIfEmpty(), (own, limit) => own / limit)]);
        }
    }

    /// <summary>Losses, or rewards, of the same rows must be those of the padded computation.</summary>
    private void AddDifference(string name, JsonObject figures)
    {
        var (padded, isHalf) = (name[..(name.LastIndexOf('/') + 1)] + "padded", name.Contains("/bf16/", StringComparison.Ordinal));
        foreach (var kind in new[] { "losses", "rewards" })
        {
            if (padded != name && !name.EndsWith("/sorted", StringComparison.Ordinal) && figures[kind] is JsonArray own && Cases[padded]?[kind] is JsonArray its)
            {
                var difference = own.Zip(its, (first, second) => Math.Abs((double)first! - (double)second!)).Max();
                figures["largest_difference_from_padded"] = difference;
                // Rounding of fp32 over some steps of AdamW, and of bf16.
                figures["agrees"] = own.Count == its.Count && difference <= (isHalf ? 2e-2 : 1e-4);
            }
        }
    }
}
