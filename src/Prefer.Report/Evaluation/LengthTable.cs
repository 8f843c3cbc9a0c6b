using System.Collections.Immutable;
using Prefer.Evaluation;
using Prefer.Report.Page;

namespace Prefer.Report.Evaluation;

/// <summary>Whether more than length was learned, by subset.</summary>
internal static class LengthTable
{
    public static DataTable Of(EvaluationResult result) => new("Accuracy against “the longer response wins”", ["subset", "longer wins", "gain on it", "95 % by prompt", "chosen is shorter", "accuracy there"],
    [
        .. AccuracySection.Parts(result).Select(ImmutableArray<string> (row) =>
        [
            row.Name, NumberText.Share(row.Metrics.LengthBaselineAccuracy), NumberText.Signed(row.Metrics.LengthDifference), NumberText.SignedEnds(row.Metrics.LengthDifferenceCi95),
            NumberText.Count(row.Metrics.ShorterChosenPairs), NumberText.Share(row.Metrics.ShorterChosenAccuracy),
        ]),
    ]);
}
