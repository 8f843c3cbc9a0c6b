using System.Collections.Immutable;
using Prefer.Statistics;

namespace Prefer.Evaluation;

/// <summary>How well rewards order whole rankings. Over those whose responses do not all tie; docs/metrics.md defines every number.</summary>
public sealed record RankingMetrics
{
    /// <summary>Rankings that the figures below count.</summary>
    public required long Rankings { get; init; }

    /// <summary>Rankings whose responses all have the same score: nothing to get right.</summary>
    public required long AllTied { get; init; }

    /// <summary>How often the response of the highest reward is one of the best; of equal rewards a fair draw.</summary>
    public required double? TopAccuracy { get; init; }

    /// <summary>Its interval, clustered by prompt; null, as below, with a single prompt.</summary>
    public required Interval? TopAccuracyCi95ByPrompt { get; init; }

    /// <summary>The same for a scorer that draws.</summary>
    public required double? TopAccuracyByChance { get; init; }

    /// <summary>Mean of 1 over the place, by reward, of the first of the best responses.</summary>
    public required double? MeanReciprocalRank { get; init; }

    /// <summary>Its interval.</summary>
    public required Interval? MeanReciprocalRankCi95ByPrompt { get; init; }

    /// <summary>Mean of Kendall's tau-b of rewards and scores within a ranking; equal rewards throughout are 0.</summary>
    public required double? KendallTau { get; init; }

    /// <summary>Its interval.</summary>
    public required Interval? KendallTauCi95ByPrompt { get; init; }

    /// <summary>The figures.</summary>
    public static RankingMetrics Of(IReadOnlyList<ScoredRanking> rankings)
    {
        ArgumentNullException.ThrowIfNull(rankings);
        ScoredRanking[] counted = [.. rankings.Where(ranking => ranking.Scores.AsSpan().ContainsAnyExcept(ranking.Scores[0]))];
        int[] prompts = [.. counted.Select(ranking => ranking.Prompt)];
        var (top, reciprocal, tau) = (Mean(TopCredit), Mean(ReciprocalRank), Mean(ranking => RankCorrelation.KendallTauB(ranking.Rewards.AsSpan(), ranking.Scores.AsSpan()) ?? 0));
        ClusteredMean? Mean(Func<ScoredRanking, double> figure) => counted.Length == 0 ? null : ClusteredMean.Of([.. counted.Select(figure)], prompts);
        Interval? IntervalOf(ClusteredMean? mean) => mean is { ClusterCount: > 1 } ? mean.Interval : null;
        return new RankingMetrics
        {
            Rankings = counted.Length,
            AllTied = rankings.Count - counted.Length,
            TopAccuracy = top?.Mean,
            TopAccuracyCi95ByPrompt = IntervalOf(top),
            TopAccuracyByChance = Mean(ranking => BestOf(ranking.Scores).Length / (double)ranking.Scores.Length)?.Mean,
            MeanReciprocalRank = reciprocal?.Mean,
            MeanReciprocalRankCi95ByPrompt = IntervalOf(reciprocal),
            KendallTau = tau?.Mean,
            KendallTauCi95ByPrompt = IntervalOf(tau),
        };
    }

    private static int[] BestOf(ImmutableArray<double> scores)
    {
        var most = scores.Max();
        return [.. Enumerable.Range(0, scores.Length).Where(index => scores[index] == most)];
    }

    private static double TopCredit(ScoredRanking ranking)
    {
        var picked = BestOf(ranking.Rewards);
        return picked.Intersect(BestOf(ranking.Scores)).Count() / (double)picked.Length;
    }

    // Before the best responses' highest reward come `ahead` others. Among the `tied` at it, `best` of them best, in random order, the first best stands at place j with
    // probability C(tied − j, best − 1)/C(tied, best), renewed from j to j + 1 by the factor (tied − j − best + 1)/(tied − j).
    private static double ReciprocalRank(ScoredRanking ranking)
    {
        var best = BestOf(ranking.Scores);
        var highest = best.Max(index => ranking.Rewards[index]);
        var ahead = ranking.Rewards.Count(reward => reward > highest);
        var tied = ranking.Rewards.Count(reward => reward == highest);
        var bestTied = best.Count(index => ranking.Rewards[index] == highest);
        var (sum, probability) = (0.0, bestTied / (double)tied);
        for (var place = 1; place <= tied - bestTied + 1; place++)
        {
            sum += probability / (ahead + place);
            probability *= (tied - place - bestTied + 1) / (double)(tied - place);
        }
        return sum;
    }
}
