using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Prefer.Evaluation;
using Prefer.Report.Page;

namespace Prefer.Report.Evaluation;

/// <summary>Whole rankings, and what choosing the best of n by reward gives.</summary>
internal static class RankingSection
{
    public static ReportSection? Of(RankingMetrics? rankings, IReadOnlyList<BestOfNPoint>? bestOfN)
    {
        if (rankings is null or { Rankings: 0, AllTied: 0 })
        {
            return null;
        }
        var curve = bestOfN is { Count: > 1 } ? Curve(bestOfN) : null;
        return new ReportSection("rankings", "Rankings and best of n")
        {
            Charts = curve is null ? [] : [curve],
            Body = Markup.Of($"""
                {new DataTable("Rankings", ["figure", "value", "95 % by prompt", "by chance"],
                [
                    ["rankings", NumberText.Count(rankings.Rankings), "", ""],
                    ["rankings in which all tie, left out", NumberText.Count(rankings.AllTied), "", ""],
                    ["the highest reward is one of the best", NumberText.Share(rankings.TopAccuracy), NumberText.Ends(rankings.TopAccuracyCi95ByPrompt), NumberText.Share(rankings.TopAccuracyByChance)],
                    ["mean reciprocal rank of the best", NumberText.Share(rankings.MeanReciprocalRank), NumberText.Ends(rankings.MeanReciprocalRankCi95ByPrompt), ""],
                    ["Kendall's tau-b", NumberText.Signed(rankings.KendallTau), NumberText.SignedEnds(rankings.KendallTauCi95ByPrompt), "0.000"],
                ]).ToMarkup()}{curve?.ToMarkup() ?? Markup.Empty}
                """),
        };
    }

    private static Chart Curve(IReadOnlyList<BestOfNPoint> points) => new("best-of-n", "Best of n",
        new JsonObject
        {
            ["kind"] = "curves", ["x"] = "responses to choose from, n", ["y"] = "gain in score over one response", ["logX"] = true, ["zero"] = true, ["rules"] = new JsonArray(),
            ["series"] = new JsonArray(
                Series("chosen by reward", "first", isDashed: false, points.Select(point => new JsonArray(point.N, point.Gain, point.GainCi95ByPrompt?.Low, point.GainCi95ByPrompt?.High))),
                Series("chosen by the scores themselves", "second", isDashed: true, points.Select(point => new JsonArray(point.N, point.OracleScore - point.MeanScore)))),
        },
        new DataTable("Best of n", ["n", "KL, nats", "rankings", "score", "of one response", "of the best", "gain", "95 % by prompt", "of what can be gained"],
        [
            .. points.Select(ImmutableArray<string> (point) =>
            [
                NumberText.Count(point.N), NumberText.Share(point.KullbackLeibler), NumberText.Count(point.Rankings), NumberText.Number(point.Score), NumberText.Number(point.MeanScore), NumberText.Number(point.OracleScore),
                NumberText.Signed(point.Gain), NumberText.SignedEnds(point.GainCi95ByPrompt), NumberText.Share(point.GainShare),
            ]),
        ]))
    {
        Legend = [new("chosen by reward", "first"), new("chosen by the scores themselves", "second", IsDashed: true)],
        Remark = "Expected score of the response with the highest of n rewards, less that of one response. Each point is over the rankings of n responses or more.",
    };

    private static JsonObject Series(string name, string colour, bool isDashed, IEnumerable<JsonArray> points) => new()
    {
        ["name"] = name, ["colour"] = colour, ["dashed"] = isDashed, ["dots"] = true, ["points"] = new JsonArray([.. points]),
    };
}
