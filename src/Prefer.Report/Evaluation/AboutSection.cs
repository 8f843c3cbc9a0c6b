using System.Text.Json;
using Prefer.Evaluation;
using Prefer.Report.Page;

namespace Prefer.Report.Evaluation;

/// <summary>What the figures were made of: data, configuration, machine.</summary>
internal static class AboutSection
{
    public static ReportSection Data(PairMetrics all, EvaluationAbout? about)
    {
        var counts = new DataTable("What became of the comparisons", ["comparisons", "count"],
        [
            ["comparisons read", NumberText.Count(all.Pairs)],
            ["in accuracy", NumberText.Count(all.AccuracyPairs)],
            ["ties, in the loss only", NumberText.Count(all.Ties)],
            ["identical responses, not scored", NumberText.Count(all.Identical)],
            ["an empty side, not scored", NumberText.Count(all.Empty)],
            ["equal rewards, wrong in accuracy", NumberText.Count(all.EqualRewards)],
            ["responses that were truncated", NumberText.Count(all.Truncated)],
            ["pairs made identical by truncation", NumberText.Count(all.BecameIdenticalByTruncation)],
        ]);
        var statistics = about?.Statistics is { } known ? FactTable.Of("Statistics of the data", JsonSerializer.SerializeToNode(known, ResultJson.Options)!.AsObject()).ToMarkup() : Markup.Empty;
        return new ReportSection("data", "Data") { Body = Markup.Of($"{counts.ToMarkup()}{statistics}") };
    }

    public static ReportSection? Configuration(EvaluationAbout? about) =>
        about?.Options is not { Count: > 0 } options ? null : new ReportSection("configuration", "Configuration") { Body = FactTable.Of("Options", options).ToMarkup() };

    public static ReportSection Machine(double seconds, double? pairsPerSecond, long? tokens, EvaluationAbout? about)
    {
        var facts = about?.Machine?.DeepClone().AsObject() ?? [];
        facts["seconds"] = NumberText.Seconds(seconds);
        facts["pairs_per_second"] = pairsPerSecond is null ? null : NumberText.Number(pairsPerSecond);
        facts["tokens"] = tokens;
        facts["tokens_per_second"] = tokens is null ? null : NumberText.Number(tokens / seconds);
        return new ReportSection("machine", "Machine and versions") { Body = FactTable.Of("Machine and versions", facts).ToMarkup() };
    }
}
