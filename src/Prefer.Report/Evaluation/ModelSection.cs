using System.Collections.Immutable;
using Prefer.Evaluation;
using Prefer.Report.Page;

namespace Prefer.Report.Evaluation;

/// <summary>The measured model beside other models, pair by pair.</summary>
internal static class ModelSection
{
    public static ReportSection? Of(IReadOnlyDictionary<string, ModelComparison> models)
    {
        if (models.Count == 0)
        {
            return null;
        }
        var chart = new Chart("over-models", "Gain in accuracy over other models", Whiskers.Data("gain in accuracy", 0, models.Select(other => (other.Key, other.Value.Difference, other.Value.DifferenceCi95))),
            new DataTable("Beside other models, equal rewards wrong for either", ["other model", "pairs", "only measured right", "only other right", "both", "neither", "p, McNemar's exact", "gain", "95 % by prompt", "95 % bootstrap"],
            [
                .. models.Select(ImmutableArray<string> (other) =>
                [
                    other.Key, NumberText.Count(other.Value.Pairs), NumberText.Count(other.Value.OnlyFirstRight), NumberText.Count(other.Value.OnlySecondRight), NumberText.Count(other.Value.BothRight),
                    NumberText.Count(other.Value.NeitherRight), NumberText.Number(other.Value.McnemarP), NumberText.Signed(other.Value.Difference), NumberText.SignedEnds(other.Value.DifferenceCi95),
                    NumberText.SignedEnds(other.Value.DifferenceBootstrapCi95),
                ]),
            ]))
        { Remark = "With 95 % intervals by prompt. An interval that holds 0 does not show which is better." };
        return new ReportSection("models", "Beside other models")
        {
            Charts = [chart],
            Body = Markup.Of($"""
                {chart.ToMarkup()}{new DataTable("Loss", ["other model", "pairs, ties included", "loss of measured − of other", "95 % by prompt", "correlation of differences"],
                [
                    .. models.Select(ImmutableArray<string> (other) =>
                    [
                        other.Key, NumberText.Count(other.Value.LossPairs), NumberText.Signed(other.Value.LossDifference), NumberText.SignedEnds(other.Value.LossDifferenceCi95), NumberText.Signed(other.Value.MarginCorrelation),
                    ]),
                ]).ToMarkup()}
                """),
        };
    }
}
