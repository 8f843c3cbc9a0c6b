using System.Collections.Immutable;
using Prefer.Evaluation;
using Prefer.Report.Page;

namespace Prefer.Report.Evaluation;

/// <summary>Accuracy with its intervals, of all pairs, of each section and of each subset.</summary>
internal static class AccuracySection
{
    public static ReportSection Of(EvaluationResult result)
    {
        var rows = Parts(result);
        var hasTies = rows.Any(row => row.Metrics.TieAwareAccuracy is not null);
        var table = new DataTable("Accuracy, loss and margin", ["subset", "pairs", "accuracy", "95 % (Wilson)", "95 % by prompt", "loss", "margin", .. hasTies ? ["ties", "tie-aware"] : ImmutableArray<string>.Empty],
        [
            .. rows.Select(ImmutableArray<string> (row) =>
            [
                row.Name, NumberText.Count(row.Metrics.AccuracyPairs), NumberText.Share(row.Metrics.Accuracy), NumberText.Ends(row.Metrics.AccuracyCi95), NumberText.Ends(row.Metrics.AccuracyCi95ByPrompt),
                NumberText.Number(row.Metrics.Loss), NumberText.Number(row.Metrics.Margin),
                .. hasTies ? [NumberText.Count(row.Metrics.Ties), NumberText.Share(row.Metrics.TieAwareAccuracy)] : ImmutableArray<string>.Empty,
            ]),
        ]);
        var chart = new Chart("accuracy-by-subset", rows.Length == 1 ? "Accuracy" : "Accuracy by subset",
            Whiskers.Data("accuracy", 0.5, rows.Select(row => (row.Name, row.Metrics.Accuracy, row.Metrics.AccuracyCi95ByPrompt ?? row.Metrics.AccuracyCi95)), lowest: 0), table)
        {
            Remark = "With 95 % intervals, the pairs of a prompt taken as one cluster where there are several prompts. The dashed line is chance.",
        };
        return new ReportSection("accuracy", "Accuracy") { Charts = [chart], Body = chart.ToMarkup() };
    }

    /// <summary>The whole, then sections, then subsets, with the names that a reader sees.</summary>
    internal static ImmutableArray<(string Name, PairMetrics Metrics)> Parts(EvaluationResult result) =>
    [
        ("all", result),
        .. result.Sections.Select(section => ($"{section.Key}, all", section.Value)),
        .. result.Subsets.Select(subset => (subset.Key, subset.Value)),
    ];
}
