using System.Collections.Immutable;
using Prefer.Evaluation.Benchmarks;
using Prefer.Report.Page;

namespace Prefer.Report.Evaluation;

/// <summary>The page of a published benchmark.</summary>
internal static class BenchmarkReport
{
    public static ReportPage Of(BenchmarkResult result, EvaluationAbout? about) => new()
    {
        Title = $"{Name(result.Benchmark)} of {about?.Scorer ?? "a scorer"}",
        Subtitle = EvaluationReport.Subtitle(about),
        KeyFigures =
        [
            new KeyFigure("score", NumberText.Share(result.Score), result.ScoreCi95 is null ? "" : $"95 %: {NumberText.Ends(result.ScoreCi95)}"),
            new KeyFigure("items", NumberText.Count(result.Items)),
            new KeyFigure("equal rewards", NumberText.Count(result.EqualRewards), "items"),
        ],
        Sections = [.. new[] { Scores(result), Baselines(result), Counts(result), AboutSection.Configuration(about), AboutSection.Machine(result.Seconds, null, result.Tokens, about) }.OfType<ReportSection>()],
    };

    private static string Name(BenchmarkKind benchmark) => benchmark switch
    {
        BenchmarkKind.Rewardbench => "RewardBench",
        BenchmarkKind.Rewardbench2 => "RewardBench 2",
        BenchmarkKind.RmBench => "RM-Bench",
        BenchmarkKind.Llmbar => "LLMBar",
        BenchmarkKind.Judgebench => "JudgeBench",
        BenchmarkKind.Pandalm => "PandaLM",
        _ => benchmark.ToString(),
    };

    private static ReportSection Scores(BenchmarkResult result)
    {
        Chart?[] charts = [Part("sections", "Sections", result.Sections), Part("subsets", "Subsets", result.Subsets)];
        ImmutableArray<Chart> drawn = [.. charts.OfType<Chart>()];
        var missing = result.Missing.Count == 0 ? Markup.Empty : Markup.Of($"""
            <p class="remark">The score is of {string.Join(", ", result.ScoreOf)}. The data lacks {string.Join(", ", result.Missing)}: it compares with no published score.</p>

            """);
        return new ReportSection("scores", "Scores") { Charts = drawn, Body = Markup.Of($"{missing}{drawn.Select(chart => chart.ToMarkup())}") };
    }

    private static Chart? Part(string id, string title, IReadOnlyDictionary<string, BenchmarkPart> parts) => parts.Count == 0 ? null : new Chart(id, title,
        Whiskers.Data("score", null, parts.Select(part => (part.Key, part.Value.Score, part.Value.ScoreCi95)), lowest: 0),
        new DataTable(title, ["name", "score", "95 %", "items", "published items"],
        [
            .. parts.Select(ImmutableArray<string> (part) => [part.Key, NumberText.Share(part.Value.Score), NumberText.Ends(part.Value.ScoreCi95), NumberText.Count(part.Value.Items), NumberText.Count(part.Value.PublishedItems)]),
        ]))
    { Remark = "By the benchmark's own formula, 1 at best, with 95 % intervals." };

    private static ReportSection? Baselines(BenchmarkResult result) => result.Baselines.Count == 0 ? null : new ReportSection("baselines", "Beside other scorers")
    {
        Body = new DataTable("Other scorers on the same items", ["scorer", "score", "95 %", .. result.Sections.Keys],
        [
            Row("measured", result, result),
            .. result.Baselines.Select(other => Row(other.Key, other.Value, result)),
        ]).ToMarkup(),
    };

    private static ImmutableArray<string> Row(string name, BenchmarkResult row, BenchmarkResult measured) =>
        [name, NumberText.Share(row.Score), NumberText.Ends(row.ScoreCi95), .. measured.Sections.Keys.Select(section => NumberText.Share(row.Sections.GetValueOrDefault(section)?.Score))];

    private static ReportSection Counts(BenchmarkResult result) => new("data", "Data")
    {
        Body = new DataTable("What became of the items", ["items", "count"],
        [
            ["scored", NumberText.Count(result.Items)],
            ["with equal rewards of two responses", NumberText.Count(result.EqualRewards)],
            ["responses that were truncated", NumberText.Count(result.Truncated)],
            ["with two responses made the same by truncation", NumberText.Count(result.BecameIdenticalByTruncation)],
            ["rows left out", NumberText.Count(result.BadRows)],
        ]).ToMarkup(),
    };
}
