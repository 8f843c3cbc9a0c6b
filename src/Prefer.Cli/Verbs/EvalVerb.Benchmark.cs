using System.Globalization;
using System.Text.Json;
using Prefer.Data;
using Prefer.Evaluation;
using Prefer.Evaluation.Benchmarks;
using Prefer.Report.Evaluation;
using Prefer.Statistics;

namespace Prefer.Cli.Verbs;

// Published benchmarks: what is read and scored, and what a person sees of it.
internal static partial class EvalVerb
{
    private static int RunBenchmark(EvalOptions options, List<(string Name, IScorer Scorer)> scorers, Terminal terminal)
    {
        var benchmark = options.Benchmark!.Value;
        if (options.Columns is not null)
        {
            throw new UsageException("--columns was given, but --benchmark reads the published columns. Leave it out.");
        }

        var source = DataSource.Open(options.Data, options.OnBadRow);
        long? count = source.Files.Contains("-") ? null : BenchmarkEvaluation.CountItems(benchmark, source.Fields(), options.OnBadRow);
        var results = scorers.Select(scorer => MeasureBenchmark(benchmark, source, scorer, options.OnBadRow, count, terminal)).ToList();
        var result = results[0] with { Baselines = scorers.Zip(results).Skip(1).ToDictionary(other => other.First.Name, other => other.Second) };
        if (terminal.IsJson)
        {
            terminal.Json(result);
        }
        else
        {
            ShowBenchmark([.. scorers.Select(scorer => scorer.Name).Zip(results)], terminal);
        }

        if (options.Output is { } folder)
        {
            terminal.Note($"The report is {EvaluationFolder.Write(folder, result, About(options, scorers[0].Name))}.");
        }

        return 0;
    }

    private static BenchmarkResult MeasureBenchmark(BenchmarkKind benchmark, DataSource source, (string Name, IScorer Scorer) scorer, OnBadRow onBadRow, long? count, Terminal terminal)
    {
        List<BadRow>? skipped = onBadRow == OnBadRow.Skip ? [] : null;
        BenchmarkResult result;
        using (var progress = terminal.Progress(scorer.Name, count))
        {
            result = BenchmarkEvaluation.Run(benchmark, source.Fields(), scorer.Scorer, skipped, TimeProvider.System, done => progress.Report(done));
        }

        skipped?.InsertRange(0, source.Report.BadRows);
        BadRows.Tell(skipped ?? [], source.Report.RowCount, terminal);
        return result with { BadRows = skipped?.Count ?? 0 };
    }

    private static void ShowBenchmark(IReadOnlyList<(string Name, BenchmarkResult Result)> scorers, Terminal terminal)
    {
        var first = scorers[0].Result;
        string[] columns = ["", "items", .. scorers.SelectMany(scorer => (string[])[scorer.Name, "95 %"])];
        List<string[]> rows = [["score", Count(first.Items), .. scorers.SelectMany(scorer => Cells(scorer.Result.Score, scorer.Result.ScoreCi95))]];
        rows.AddRange(first.Sections.Select(section => Row(section.Key, section.Value, result => result.Sections)));
        terminal.Table(JsonName(first.Benchmark), columns, rows);
        if (first.Subsets.Count > 0)
        {
            terminal.Table("subsets", columns, [.. first.Subsets.Select(subset => Row(subset.Key, subset.Value, result => result.Subsets))]);
        }

        if (first.Missing.Count > 0)
        {
            terminal.Note($"Not in the data: {string.Join(", ", first.Missing)}. The score is of {string.Join(", ", first.ScoreOf)} alone.");
        }

        foreach (var (name, part) in first.Sections.Concat(first.Subsets).Where(part => part.Value.PublishedItems is { } published && published != part.Value.Items))
        {
            terminal.Note(string.Create(CultureInfo.InvariantCulture, $"{name}: {part.Items} items, where the published files have {part.PublishedItems}."));
        }

        foreach (var (name, result) in scorers)
        {
            (long Count, string What)[] remarks =
            [
                (result.EqualRewards, "items with equal rewards"), (result.BecameIdenticalByTruncation, "items made identical by truncation"), (result.Truncated, "responses truncated"),
            ];
            foreach (var (count, what) in remarks.Where(remark => remark.Count > 0))
            {
                terminal.Note($"{name}: {what}: {count}");
            }
        }

        string[] Row(string name, BenchmarkPart part, Func<BenchmarkResult, IReadOnlyDictionary<string, BenchmarkPart>> parts) =>
            [name, Count(part.Items), .. scorers.SelectMany(scorer => parts(scorer.Result).TryGetValue(name, out var own) ? Cells(own.Score, own.ScoreCi95) : ["", ""])];
    }

    private static string[] Cells(double? score, Interval? interval) => [Share(score), Ends(interval)];

    private static string JsonName(BenchmarkKind benchmark) => JsonNamingPolicy.KebabCaseLower.ConvertName(benchmark.ToString());
}
