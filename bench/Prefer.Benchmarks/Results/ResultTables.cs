using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Prefer.Benchmarks.Results;

/// <summary>The tables of <c>results/NAME.md</c>.</summary>
internal static class ResultTables
{
    internal const string Missing = "–";

    private static readonly string[] TokenKinds = ["real_tokens", "padded_tokens", "computed_tokens"];

    private const string Training = "train/", Scoring = "score/", Choosing = "best-of/";

    internal static string Of(RunResults results)
    {
        var text = new StringBuilder($"# {results.Name}\n\nWritten by `bench/run`; [README.md](../README.md) says what is measured.\n\n{Circumstances(results)}\n\n");
        text.Append("## Matrix-product peak\n\n| | GFLOP/s |\n|---|---:|\n");
        foreach (var name in results.NamesOf("peak/"))
        {
            text.Append(CultureInfo.InvariantCulture, $"| {name["peak/".Length..]} | {Number(results.Median(name, "gflops"))} |\n");
        }
        text.Append("\n## Training\n\n| model, data, precision | way | pairs/s | s/step | ÷ padded | tokens ÷ | share | MFU | tokens real, padded, computed | memory |\n|---|---|---:|---:|---:|---:|---:|---:|---:|---:|\n");
        foreach (var name in results.NamesOf(Training).Where(name => results.Reason(name) is null))
        {
            var padded = PaddedOf(name);
            text.Append(CultureInfo.InvariantCulture, $"| {Subject(name)} | {Way(name)} | {Number(results.Median(name, "pairs_per_second"))} | {Number(results.Median(name, "seconds_per_step"))} | {Compared(results, name, padded)} | {Percent(results.Median(name, "mfu"))} | {Tokens(results, name)} | {Gigabytes(results.Median(name, "peak_memory_bytes"))} |\n");
        }
        text.Append("\n## Scoring and best-of\n\n| what, model, precision | way | pairs/s or prompts/s | ÷ padded | tokens ÷ | share | MFU | memory |\n|---|---|---:|---:|---:|---:|---:|---:|\n");
        foreach (var name in results.NamesOf(Scoring).Concat(results.NamesOf(Choosing)).Where(name => results.Reason(name) is null))
        {
            var rate = results.Median(name, "pairs_per_second") ?? results.Median(name, "prompts_per_second");
            text.Append(CultureInfo.InvariantCulture, $"| {Subject(name, whole: true)} | {Way(name)} | {Number(rate)} | {Compared(results, name, PaddedOf(name))} | {Percent(results.Median(name, "mfu"))} | {Gigabytes(results.Median(name, "peak_memory_bytes"))} |\n");
        }
        text.Append("\n## Around it\n\n| | | |\n|---|---:|---|\n");
        foreach (var name in results.NamesOf("tokenize/"))
        {
            text.Append(CultureInfo.InvariantCulture, $"| {name} | {Number(results.Median(name, "texts_per_second"))} | texts/s |\n");
        }
        foreach (var name in results.NamesOf("load/").Concat(results.NamesOf("startup/")))
        {
            text.Append(CultureInfo.InvariantCulture, $"| {name} | {Number(results.Median(name, "seconds"))} | s |\n");
        }
        text.Append(CultureInfo.InvariantCulture, $"\n{Agreement(results)}\n");
        var reasons = results.NamesOf("").Where(name => results.Reason(name) is not null).ToArray();
        text.Append(reasons.Length == 0 ? "" : "\n## Not measured\n\n" + string.Concat(reasons.GroupBy(results.Reason).Select(group => $"- {string.Join(", ", group.Select(name => $"`{name}`"))}: {group.Key}\n")));
        return text.ToString();
    }

    /// <summary>One paragraph: where, when, with what.</summary>
    internal static string Circumstances(RunResults results)
    {
        var (machine, run) = (results.Machine, results.Run);
        string Text(JsonObject part, string key) => part[key]?.ToString() ?? Missing;
        var quick = Text(run, "amount") == "full" ? "" : $"A {Text(run, "amount")} run: one step or batch a case, so the figures are rough. ";
        // Two runnable threads a core are one too many.
        var busy = (double?)run["load_average"] is { } load && load >= 2 * (int)machine["cores"]!
            ? string.Create(CultureInfo.InvariantCulture, $"Other work ran beside it (load average {load:0}), so the figures say little. ")
            : "";
        return $"{quick}{busy}{Text(machine, "cpu")}, {Text(machine, "cores")} cores ({Text(machine, "cpu_capability")}, {Text(machine, "threads")} threads), {Text(machine, "os")}, .NET {Text(machine, "dotnet")}, "
            + $"libtorch {Text(machine, "libtorch")}, Prefer {Text(machine, "prefer")}, {Text(run, "date")}. {(Text(run, "rounds") == "1" ? "One round" : $"Medians of {Text(run, "rounds")} rounds")}. Data: {Text(run, "data")}, tokenizer: {Text(run, "tokenizer")}.";
    }

    /// <summary>Whether the modes compute the same.</summary>
    internal static string Agreement(RunResults results)
    {
        var compared = results.NamesOf("").Where(name => results.Agrees(name) is not null).ToArray();
        if (compared.Length == 0)
        {
            return "No case was compared with its padded one.";
        }
        var wrong = compared.Where(name => results.Agrees(name) == false).ToArray();
        var largest = compared.Max(name => results.Single(name, "largest_difference_from_padded"));
        return wrong.Length == 0
            ? string.Create(CultureInfo.InvariantCulture, $"The losses of the first steps and the rewards of best-of are those of the padded computation: {compared.Length} cases were compared, and the largest difference is {largest:0.0e+0}.")
            : $"**These differ from the padded computation by more than rounding: {string.Join(", ", wrong.Select(name => string.Create(CultureInfo.InvariantCulture, $"{name} ({results.Single(name, "largest_difference_from_padded"):0.0e+0})")))}.**";
    }

    internal static string PaddedOf(string name) => name[..(name.LastIndexOf('/') + 1)] + "padded";

    /// <summary>Three significant digits.</summary>
    internal static string Number(double? value) =>
        value is not { } number ? Missing
        : number >= 1000 ? number.ToString("#,0", CultureInfo.InvariantCulture)
        : number.ToString(number >= 100 ? "0" : number >= 10 ? "0.0" : number >= 1 ? "0.00" : "0.000", CultureInfo.InvariantCulture);

    internal static string Percent(double? value) => value is { } share ? share.ToString("0 %", CultureInfo.InvariantCulture) : Missing;

    /// <summary>Speed ratio, token ratio, and the share of the one in the other, as three cells.</summary>
    internal static string Compared(RunResults results, string name, string padded)
    {
        var (speed, tokens) = name == padded ? (null, null) : (results.Ratio(name, padded, "real_tokens_per_second"), results.TokenRatio(name, padded));
        return $"{Number(speed)} | {Number(tokens)} | {Percent(speed / tokens)}";
    }

    private static string Gigabytes(double? bytes) => bytes is null ? Missing : $"{Number(bytes / 1e9)} GB";

    private static string Tokens(RunResults results, string name) =>
        string.Join(", ", TokenKinds.Select(kind => results.Median(name, kind)?.ToString("#,0", CultureInfo.InvariantCulture) ?? Missing));

    private static string Way(string name) => name[(name.LastIndexOf('/') + 1)..];

    // train/causal/data/fp32/shared becomes "causal, data, fp32".
    private static string Subject(string name, bool whole = false) => string.Join(", ", name.Split('/')[(whole ? 0 : 1)..^1]);
}
