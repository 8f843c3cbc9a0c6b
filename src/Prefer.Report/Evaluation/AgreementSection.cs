using System.Collections.Immutable;
using Prefer.Evaluation;
using Prefer.Report.Page;

namespace Prefer.Report.Evaluation;

/// <summary>The scorer as one more annotator.</summary>
internal static class AgreementSection
{
    public static ReportSection? Of(AgreementMetrics? agreement)
    {
        if (agreement is null)
        {
            return null;
        }
        var (without, with) = (agreement.Annotators, agreement.WithModel);
        return new ReportSection("agreement", "Agreement with annotators")
        {
            Body = Markup.Of($"""
                <p>On {NumberText.Count(agreement.Items)} comparisons with {NumberText.Count(agreement.Votes)} votes the verdict is shared by {NumberText.Share(agreement.ModelAgreement)} of a comparison's votes (95 %: {NumberText.Ends(agreement.ModelAgreementCi95)}).</p>
                {new DataTable("In an annotator's place, on comparisons of two votes or more", ["votes", "comparisons", "model with the others", "annotator with the others", "difference", "95 % by prompt"],
                [
                    Beside("all", agreement.All), Beside("without ties", agreement.Decided),
                ]).ToMarkup()}{new DataTable("Coefficients, 1 for perfect agreement and 0 for chance", ["coefficient", "annotators", "95 %", "with the model as one more", "95 %, with it"],
                [
                    ["raw agreement", NumberText.Share(without.Raw), NumberText.Ends(without.RawCi95), NumberText.Share(with.Raw), NumberText.Ends(with.RawCi95)],
                    ["Fleiss's kappa", NumberText.Share(without.FleissKappa), NumberText.Ends(without.FleissKappaCi95), NumberText.Share(with.FleissKappa), NumberText.Ends(with.FleissKappaCi95)],
                    ["Krippendorff's alpha, nominal", NumberText.Share(without.AlphaNominal), NumberText.Ends(without.AlphaNominalCi95), NumberText.Share(with.AlphaNominal), NumberText.Ends(with.AlphaNominalCi95)],
                    ["Krippendorff's alpha, ordinal", NumberText.Share(without.AlphaOrdinal), NumberText.Ends(without.AlphaOrdinalCi95), NumberText.Share(with.AlphaOrdinal), NumberText.Ends(with.AlphaOrdinalCi95)],
                    ["Krippendorff's alpha, interval", NumberText.Share(without.AlphaInterval), NumberText.Ends(without.AlphaIntervalCi95), NumberText.Share(with.AlphaInterval), NumberText.Ends(with.AlphaIntervalCi95)],
                ]).ToMarkup()}{(agreement.ByAnnotator.Count == 0 ? Markup.Empty : new DataTable("Annotator by annotator", ["annotator", "votes", "same as the model", "Cohen's kappa", "with the others", "model with those others"],
                [
                    .. agreement.ByAnnotator.Select(ImmutableArray<string> (row) =>
                        [row.Annotator, NumberText.Count(row.Votes), NumberText.Share(row.WithModel), NumberText.Share(row.CohenKappa), NumberText.Share(row.WithOthers), NumberText.Share(row.ModelWithOthers)]),
                ]).ToMarkup())}{(agreement.Systems is { } systems ? Systems(systems) : Markup.Empty)}
                """),
        };
    }

    private static ImmutableArray<string> Beside(string votes, BesideAnnotators beside) =>
        [votes, NumberText.Count(beside.Items), NumberText.Share(beside.Model), NumberText.Share(beside.Annotators), NumberText.Signed(beside.Difference), NumberText.SignedEnds(beside.DifferenceCi95)];

    private static Markup Systems(SystemsBesideModel systems)
    {
        var verdicts = systems.ByVerdicts.Table.ToDictionary(row => row.System);
        return Markup.Of($"""
            {new DataTable("Systems, by the votes and by the model's verdicts", ["system", "votes", "win rate", "strength", "95 %", "win rate by the model", "strength by the model"],
            [
                .. systems.ByVotes.Table.Select(ImmutableArray<string> (row) =>
                [
                    row.System, NumberText.Count(row.Votes), NumberText.Share(row.WinRate), NumberText.Signed(row.Strength), NumberText.SignedEnds(row.StrengthCi95),
                    NumberText.Share(verdicts.GetValueOrDefault(row.System)?.WinRate), NumberText.Signed(verdicts.GetValueOrDefault(row.System)?.Strength),
                ]),
            ]).ToMarkup()}<p>Rank correlation of the two orders: {NumberText.Signed(systems.StrengthSpearman)} by strength, {NumberText.Signed(systems.WinRateSpearman)} by win rate.</p>

            """);
    }
}
