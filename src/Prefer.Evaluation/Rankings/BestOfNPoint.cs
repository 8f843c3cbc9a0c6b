using Prefer.Statistics;

namespace Prefer.Evaluation;

/// <summary>
/// What choosing the best of n responses by reward gives, in the scores of the rankings: one point of the gain curve. All its figures are over the same rankings, those of n
/// responses or more; docs/metrics.md defines them.
/// </summary>
public sealed record BestOfNPoint
{
    /// <summary>How many responses there are to choose from.</summary>
    public required int N { get; init; }

    /// <summary>KL of best-of-n from the policy that wrote the responses, in nats; where responses repeat an upper bound.</summary>
    public required double KullbackLeibler { get; init; }

    /// <summary>Rankings of n responses or more.</summary>
    public required long Rankings { get; init; }

    /// <summary>Expected score of the choice by reward.</summary>
    public required double Score { get; init; }

    /// <summary>Expected score of one response, n = 1.</summary>
    public required double MeanScore { get; init; }

    /// <summary>Expected score of the best of n by the scores themselves.</summary>
    public required double OracleScore { get; init; }

    /// <summary><see cref="Score"/> − <see cref="MeanScore"/>.</summary>
    public required double Gain { get; init; }

    /// <summary>Its interval, clustered by prompt; null with a single prompt.</summary>
    public required Interval? GainCi95ByPrompt { get; init; }

    /// <summary><see cref="Gain"/> over what the oracle gains; null for n = 1, and where no ranking's scores differ.</summary>
    public required double? GainShare { get; init; }

    /// <summary>The points from n = 1 to the largest ranking's number of responses; none of no rankings.</summary>
    public static IReadOnlyList<BestOfNPoint> CurveOf(IReadOnlyList<ScoredRanking> rankings)
    {
        ArgumentNullException.ThrowIfNull(rankings);
        var curves = rankings
            .Select(ranking => (
                ranking.Prompt,
                Varies: ranking.Scores.AsSpan().ContainsAnyExcept(ranking.Scores[0]),
                Chosen: BestOfN.Curve(ranking.Rewards.AsSpan(), ranking.Scores.AsSpan()),
                Oracle: BestOfN.Curve(ranking.Scores.AsSpan(), ranking.Scores.AsSpan())))
            .ToArray();
        List<BestOfNPoint> points = [];
        for (var n = 1; curves.Any(curve => curve.Chosen.Length >= n); n++)
        {
            var counted = curves.Where(curve => curve.Chosen.Length >= n).ToArray();
            var mean = CompensatedSum.Mean([.. counted.Select(curve => curve.Chosen[0])]);
            var oracle = CompensatedSum.Mean([.. counted.Select(curve => curve.Oracle[n - 1])]);
            var gain = ClusteredMean.Of([.. counted.Select(curve => curve.Chosen[n - 1] - curve.Chosen[0])], [.. counted.Select(curve => curve.Prompt)]);
            points.Add(new BestOfNPoint
            {
                N = n,
                KullbackLeibler = BestOfN.KullbackLeibler(n),
                Rankings = counted.Length,
                Score = CompensatedSum.Mean([.. counted.Select(curve => curve.Chosen[n - 1])]),
                MeanScore = mean,
                OracleScore = oracle,
                Gain = gain.Mean,
                GainCi95ByPrompt = gain.ClusterCount > 1 ? gain.Interval : null,
                GainShare = n > 1 && counted.Any(curve => curve.Varies) ? gain.Mean / (oracle - mean) : null,
            });
        }
        return points;
    }
}
