using System.Collections.Immutable;
using Prefer.Evaluation;
using Prefer.Report.Page;

namespace Prefer.Report.Evaluation;

/// <summary>What is measured beside other scorers on the same comparisons.</summary>
internal static class BaselineSection
{
    public static ReportSection? Of(EvaluationResult result)
    {
        if (result.Baselines.Count == 0)
        {
            return null;
        }
        var table = new DataTable("Other scorers on the same comparisons", ["scorer", "pairs", "accuracy", "95 %", "measured is better by", "95 % by prompt"],
        [
            ["measured", NumberText.Count(result.AccuracyPairs), NumberText.Share(result.Accuracy), NumberText.Ends(result.AccuracyCi95), NumberText.None, NumberText.None],
            .. result.Baselines.Select(ImmutableArray<string> (other) =>
            [
                other.Key, NumberText.Count(other.Value.AccuracyPairs), NumberText.Share(other.Value.Accuracy), NumberText.Ends(other.Value.AccuracyCi95),
                NumberText.Signed(other.Value.Difference), NumberText.SignedEnds(other.Value.DifferenceCi95),
            ]),
        ]);
        var chart = new Chart("over-baselines", "Gain in accuracy over other scorers",
            Whiskers.Data("gain in accuracy", 0, result.Baselines.Select(other => (other.Key, other.Value.Difference, other.Value.DifferenceCi95))), table)
        {
            Remark = "Pair by pair, with 95 % intervals by prompt. An interval that holds 0 does not show which is better.",
        };
        return new ReportSection("baselines", "Beside other scorers") { Charts = [chart], Body = chart.ToMarkup() };
    }
}
