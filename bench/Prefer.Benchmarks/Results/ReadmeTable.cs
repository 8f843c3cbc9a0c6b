using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Prefer.Benchmarks.Cases;
using Prefer.Models.Files;

namespace Prefer.Benchmarks.Results;

/// <summary>The speed table of README.md, made of a file of results: what stands between the two comments that mark its place.</summary>
internal static partial class ReadmeTable
{
    private static readonly (string Prefix, string Model, string Text)[] Rows =
    [
        ("train/causal/data", Preparation.Causal, "train a Llama of 26 M + embedding, pairs/s"),
        ("train/encoder/data", Preparation.Encoder, "train a DistilBERT, pairs/s"),
        ("score/causal", Preparation.Causal, "score with the Llama, pairs/s"),
        ("score/encoder", Preparation.Encoder, "score with the DistilBERT, pairs/s"),
        ("best-of/causal", Preparation.Causal, "best of 16 with the Llama, prompts/s"),
        ("best-of/encoder", Preparation.Encoder, "best of 16 with the DistilBERT, prompts/s"),
    ];

    /// <summary>Rewrites the table.</summary>
    /// <param name="readme">The document.</param>
    /// <param name="resultsPath">Results; the document names them by the path from its own folder.</param>
    internal static void Write(string readme, string resultsPath)
    {
        var path = Path.GetRelativePath(Path.GetDirectoryName(Path.GetFullPath(readme))!, Path.GetFullPath(resultsPath)).Replace('\\', '/');
        var text = File.ReadAllText(readme);
        var place = Place().Match(text);
        if (!place.Success)
        {
            throw new UsageException($"{readme}: has no place for the table: a line <!-- speed FILE --> and, after it, a line <!-- /speed -->");
        }
        AtomicFile.WriteText(readme, $"{text[..place.Index]}<!-- speed {path} -->\n{Of(RunResults.Load(resultsPath), path)}<!-- /speed -->{text[(place.Index + place.Length)..]}");
    }

    private static string Of(RunResults results, string path)
    {
        var text = new StringBuilder("| | padded | sorted | Prefer | ÷ padded | fewer tokens | MFU |\n|---|---:|---:|---:|---:|---:|---:|\n");
        foreach (var precision in new[] { "fp32", "bf16" })
        {
            foreach (var (prefix, model, what) in Rows)
            {
                var name = $"{prefix}/{precision}/{(model == Preparation.Causal ? "shared" : "packed")}";
                double? Rate(string way) => results.Median($"{prefix}/{precision}/{way}", "pairs_per_second") ?? results.Median($"{prefix}/{precision}/{way}", "prompts_per_second");
                if (Rate(name[(name.LastIndexOf('/') + 1)..]) is { } rate)
                {
                    var padded = ResultTables.PaddedOf(name);
                    text.Append(CultureInfo.InvariantCulture, $"| {what}, {precision} | {ResultTables.Number(Rate("padded"))} | {ResultTables.Number(Rate("sorted"))} | {ResultTables.Number(rate)} | "
                        + $"{ResultTables.Number(results.Ratio(name, padded, "real_tokens_per_second"))} | {ResultTables.Number(results.TokenRatio(name, padded))} | {ResultTables.Percent(results.Median(name, "mfu"))} |\n");
                }
            }
        }
        var around = new[]
        {
            ("tokenizes", results.Median("tokenize/causal", "texts_per_second"), " texts a second"), ("loads the Llama in", results.Median("load/causal", "seconds"), " s"),
            ("`prefer --help` takes", results.Median("startup/help", "seconds"), " s"), ("`prefer score` of one text", results.Median("startup/score", "seconds"), " s"),
        }.Where(item => item.Item2 is not null).Select(item => $"{item.Item1} {ResultTables.Number(item.Item2)}{item.Item3}");
        return $"{text}\nPrefer {string.Join(", ", around)}. {ResultTables.Circumstances(results)} All figures: [{path}]({Path.ChangeExtension(path, ".md")}).\n";
    }

    [GeneratedRegex(@"<!-- speed [^\n]* -->\n.*?<!-- /speed -->", RegexOptions.Singleline)]
    private static partial Regex Place();
}
