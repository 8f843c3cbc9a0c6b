using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Prefer.Evaluation;
using Prefer.Report.Page;
using Prefer.Statistics;

namespace Prefer.Report.Evaluation;

/// <summary>Accuracy with its intervals, of all pairs and of each subset.</summary>
internal static class AccuracySection
{
    public static ReportSection Of(PairMetrics all, IReadOnlyDictionary<string, PairMetrics> subsets)
    {
        ImmutableArray<(string Name, PairMetrics Metrics)> rows = [("all", all), .. subsets.Select(subset => (subset.Key, subset.Value))];
        var table = new DataTable("Accuracy, loss and margin by subset", ["subset", "pairs", "accuracy", "95 % (Wilson)", "95 % by prompt", "loss", "margin"],
        [
            .. rows.Select(ImmutableArray<string> (row) =>
            [
                row.Name, NumberText.Count(row.Metrics.AccuracyPairs), NumberText.Share(row.Metrics.Accuracy), NumberText.Ends(row.Metrics.AccuracyCi95), NumberText.Ends(row.Metrics.AccuracyCi95ByPrompt),
                NumberText.Number(row.Metrics.Loss), NumberText.Number(row.Metrics.Margin),
            ]),
        ]);
        var chart = new Chart("accuracy-by-subset", "Accuracy by subset", Data("accuracy", 0.5, rows.Select(row => (row.Name, row.Metrics.Accuracy, row.Metrics.AccuracyCi95ByPrompt ?? row.Metrics.AccuracyCi95))), table)
        {
            Remark = "With 95 % intervals, the pairs of a prompt taken as one cluster where there are several prompts. The dashed line is chance.",
        };
        return new ReportSection("accuracy", "Accuracy") { Charts = [chart], Body = Markup.Of($"{chart.ToMarkup()}") };
    }

    /// <summary>What web/charts/whiskers.js reads.</summary>
    internal static JsonObject Data(string unit, double? level, IEnumerable<(string Name, double? Value, Interval? Interval)> rows)
    {
        var data = new JsonObject
        {
            ["kind"] = "whiskers", ["x"] = unit,
            ["rows"] = new JsonArray([.. rows.Select(row => new JsonObject { ["name"] = row.Name, ["value"] = row.Value, ["low"] = row.Interval?.Low, ["high"] = row.Interval?.High })]),
        };
        if (level is { } value)
        {
            data["level"] = value;
        }
        return data;
    }
}
