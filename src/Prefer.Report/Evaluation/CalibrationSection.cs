using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Prefer.Evaluation;
using Prefer.Report.Page;
using Prefer.Statistics;

namespace Prefer.Report.Evaluation;

/// <summary>Whether σ of a reward difference is the probability that it claims to be.</summary>
internal static class CalibrationSection
{
    public static ReportSection? Of(CalibrationMetrics? calibration)
    {
        if (calibration is null)
        {
            return null;
        }
        var (width, mass) = (Diagram("reliability", "Reliability", "Bins of equal width.", calibration.Curve), Diagram("reliability-mass", "Reliability in bins of equal mass", "As many pairs in each bin.", calibration.EqualMassCurve));
        var temperature = calibration.Temperature;
        return new ReportSection("calibration", "Calibration")
        {
            Charts = [width, mass],
            Body = Markup.Of($"""
                <div class="pair">{width.ToMarkup()}{mass.ToMarkup()}</div>
                {new DataTable("Calibration", ["figure", "value"],
                [
                    ["pairs, ties included", NumberText.Count(calibration.Pairs)],
                    ["expected calibration error, equal width", NumberText.Share(calibration.Ece)],
                    ["expected calibration error, equal mass", NumberText.Share(calibration.EceEqualMass)],
                    ["Brier score", NumberText.Number(calibration.Brier.Score)],
                    ["its reliability, 0 at best", NumberText.Number(calibration.Brier.Reliability)],
                    ["its resolution, the more the better", NumberText.Number(calibration.Brier.Resolution)],
                    ["its uncertainty", NumberText.Number(calibration.Brier.Uncertainty)],
                    ["its variance within bins", NumberText.Number(calibration.Brier.WithinBinVariance)],
                    ["its covariance within bins", NumberText.Number(calibration.Brier.WithinBinCovariance)],
                ]).ToMarkup()}{new DataTable("One temperature, fitted on half of the prompts and reported on the other", ["held-out half", "rewards as they are", $"divided by {NumberText.Number(temperature.Temperature)}"],
                [
                    ["pairs", NumberText.Count(temperature.HeldOutPairs), NumberText.Count(temperature.HeldOutPairs)],
                    ["loss", NumberText.Number(temperature.LossBefore), NumberText.Number(temperature.LossAfter)],
                    ["expected calibration error", NumberText.Share(temperature.EceBefore), NumberText.Share(temperature.EceAfter)],
                ]).ToMarkup()}<p>Fitted on all pairs the temperature is {NumberText.Number(temperature.TemperatureOfAll)}.</p>

                """),
        };
    }

    private static Chart Diagram(string id, string title, string remark, ImmutableArray<ReliabilityBin> bins) => new(id, title,
        new JsonObject
        {
            ["kind"] = "reliability", ["x"] = "probability of the verdict", ["y"] = "share that was right", ["domain"] = new JsonArray(0.5, 1),
            ["bins"] = new JsonArray([.. bins.Select(bin => new JsonObject
            {
                ["confidence"] = bin.MeanProbability, ["accuracy"] = bin.Outcome, ["low"] = bin.OutcomeCi95.Low, ["high"] = bin.OutcomeCi95.High, ["count"] = bin.Count,
            })]),
        },
        new DataTable(title, ["from", "to", "pairs", "mean probability", "was right", "95 %"],
        [
            .. bins.Select(ImmutableArray<string> (bin) =>
                [NumberText.Share(bin.Low), NumberText.Share(bin.High), NumberText.Count(bin.Count), NumberText.Share(bin.MeanProbability), NumberText.Share(bin.Outcome), NumberText.Ends(bin.OutcomeCi95)]),
        ]))
    {
        Remark = $"How often the response with the higher reward was the preferred one, against how probable its lead makes it. On the dashed line both agree; below it the rewards are too bold. {remark}",
    };
}
