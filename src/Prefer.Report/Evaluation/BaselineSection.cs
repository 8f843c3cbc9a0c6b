using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Prefer.Evaluation;
using Prefer.Report.Page;
using Prefer.Statistics;

namespace Prefer.Report.Evaluation;

/// <summary>What is measured beside scorers that a reward model has to beat.</summary>
internal static class BaselineSection
{
    public static ReportSection? Of(PairMetrics all, JsonObject? baselines)
    {
        if (baselines is null or { Count: 0 })
        {
            return null;
        }
        var rows = baselines.Select(entry => (Name: entry.Key, Metrics: entry.Value.Deserialize<PairMetrics>(ResultJson.Options)!,
            Difference: (double?)entry.Value!["difference"], Interval: entry.Value["difference_ci95"].Deserialize<Interval?>(ResultJson.Options))).ToList();
        var table = new DataTable("Beside baselines", ["scorer", "pairs", "accuracy", "95 %", "measured is better by", "95 % by prompt"],
        [
            ["measured", NumberText.Count(all.AccuracyPairs), NumberText.Share(all.Accuracy), NumberText.Ends(all.AccuracyCi95), NumberText.None, NumberText.None],
            .. rows.Select(ImmutableArray<string> (row) =>
            [
                row.Name, NumberText.Count(row.Metrics.AccuracyPairs), NumberText.Share(row.Metrics.Accuracy), NumberText.Ends(row.Metrics.AccuracyCi95),
                NumberText.Signed(row.Difference), NumberText.SignedEnds(row.Interval),
            ]),
        ]);
        var chart = new Chart("over-baselines", "Gain in accuracy over baselines", AccuracySection.Data("gain in accuracy", 0, rows.Select(row => (row.Name, row.Difference, row.Interval))), table)
        {
            Remark = "Pair by pair, with 95 % intervals by prompt. An interval that holds 0 does not show which is better.",
        };
        return new ReportSection("baselines", "Beside baselines") { Charts = [chart], Body = chart.ToMarkup() };
    }
}
