using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Prefer.Evaluation;
using Prefer.Report.Page;

namespace Prefer.Report.Evaluation;

/// <summary>How the differences of rewards are spread.</summary>
internal static class MarginSection
{
    public static ReportSection? Of(MarginDistribution? margins)
    {
        if (margins is null)
        {
            return null;
        }
        var chart = new Chart("reward-differences", "Reward differences",
            new JsonObject
            {
                ["kind"] = "histogram", ["x"] = "reward of chosen − reward of rejected", ["y"] = "pairs", ["level"] = 0,
                ["bins"] = new JsonArray([.. margins.Histogram.Select(bin => new JsonObject { ["low"] = bin.Low, ["high"] = bin.High, ["count"] = bin.Count })]),
            },
            new DataTable("Reward differences", ["from", "to", "pairs"], [.. margins.Histogram.Select(ImmutableArray<string> (bin) => [NumberText.Number(bin.Low), NumberText.Number(bin.High), NumberText.Count(bin.Count)])]))
        {
            Remark = $"Right of 0 the chosen response got the higher reward. {NumberText.Share(margins.NearZeroShare)} of the pairs lie within a tenth of the root mean square of 0: those the scorer hardly tells apart.",
        };
        return new ReportSection("margins", "Margins")
        {
            Charts = [chart],
            Body = Markup.Of($"""
                {chart.ToMarkup()}{new DataTable("Percentiles of the difference", ["percentile", "difference"],
                    [.. margins.Quantiles.Select(ImmutableArray<string> (quantile) => [NumberText.Count((long)Math.Round(100 * quantile.Level)), NumberText.Number(quantile.Value)])]).ToMarkup()}
                """),
        };
    }
}
