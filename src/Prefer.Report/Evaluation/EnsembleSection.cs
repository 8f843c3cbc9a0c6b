using Prefer.Evaluation;
using Prefer.Report.Page;

namespace Prefer.Report.Evaluation;

/// <summary>How far the members of an ensemble agree, and what their agreement is worth.</summary>
internal static class EnsembleSection
{
    public static ReportSection? Of(EnsembleMetrics? ensemble) => ensemble is null ? null : new ReportSection("ensemble", "Ensemble")
    {
        Body = new DataTable("Agreement of the members", ["figure", "value", "95 %"],
        [
            ["members", NumberText.Count(ensemble.Members), ""],
            .. ensemble.MemberAccuracies.Select((accuracy, index) => System.Collections.Immutable.ImmutableArray.Create($"accuracy of member {index + 1}", NumberText.Share(accuracy), "")),
            ["two members agree on a pair", NumberText.Share(ensemble.MeanAgreement), ""],
            ["share of pairs on which all agree", NumberText.Share(ensemble.UnanimousShare), ""],
            ["accuracy there", NumberText.Share(ensemble.UnanimousAccuracy), NumberText.Ends(ensemble.UnanimousAccuracyCi95)],
            ["accuracy where they do not", NumberText.Share(ensemble.SplitAccuracy), NumberText.Ends(ensemble.SplitAccuracyCi95)],
            ["mean deviation of reward differences", NumberText.Number(ensemble.MeanDeviation), ""],
        ]).ToMarkup(),
    };
}
