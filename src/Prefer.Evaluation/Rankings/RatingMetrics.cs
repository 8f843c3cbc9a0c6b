using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Prefer.Statistics;

namespace Prefer.Evaluation;

/// <summary>How rewards agree with scores that responses were given, and how raters agree with one another. docs/metrics.md defines every number.</summary>
public record RatingMetrics
{
    /// <summary>Responses with a score and a reward.</summary>
    public required long Ratings { get; init; }

    /// <summary>The prompts they answer: the clusters of the intervals.</summary>
    public required long Prompts { get; init; }

    /// <summary>Raters, the most of any response; 0 where there is one number and no raters.</summary>
    public required int Raters { get; init; }

    /// <summary>Mean of the scores.</summary>
    public required double? MeanScore { get; init; }

    /// <summary>Mean of the rewards, to hold against it.</summary>
    public required double? MeanReward { get; init; }

    /// <summary>Rewards and scores.</summary>
    public required CorrelationMetrics Rewards { get; init; }

    /// <summary>Pearson's correlation of rewards and scores with the responses' length held fixed; null where length alone gives either.</summary>
    public required CorrelationEstimate? PearsonGivenLength { get; init; }

    /// <summary>One rater and the mean of the others, averaged over raters: what can be reached. Null with fewer than two raters.</summary>
    public required CorrelationMetrics? Ceiling { get; init; }

    /// <summary>Rewards and the mean of all raters but one, averaged over who is left out: the model in the place of a rater. The one to hold against <see cref="Ceiling"/>.</summary>
    public required CorrelationMetrics? RewardsAsRater { get; init; }

    /// <summary>The figures of ratings in one dimension.</summary>
    public static RatingMetrics Of(IReadOnlyList<ScoredRating> ratings)
    {
        ArgumentNullException.ThrowIfNull(ratings);
        int[] prompts = [.. ratings.Select(rating => rating.Prompt)];
        double[] rewards = [.. ratings.Select(rating => rating.Reward)], scores = [.. ratings.Select(rating => rating.Score)], lengths = [.. ratings.Select(rating => (double)rating.Traits.Length)];
        var raters = ratings.Count == 0 ? 0 : ratings.Max(rating => rating.RaterScores.Length);
        var places = Enumerable.Range(0, raters < 2 ? 0 : raters).ToArray();
        CorrelationMetrics? AgainstOthers(Func<ScoredRating, double?, double?> x) => places.Length == 0 ? null : CorrelationMetrics.Of(
            [.. places.Select(rater => (ratings.Select(rating => x(rating, ScoreOf(rating, rater))).ToArray(), ratings.Select(rating => MeanWithout(rating, rater)).ToArray()))], prompts);
        return new RatingMetrics
        {
            Ratings = ratings.Count,
            Prompts = prompts.Distinct().Count(),
            Raters = raters,
            MeanScore = ratings.Count == 0 ? null : CompensatedSum.Mean(scores),
            MeanReward = ratings.Count == 0 ? null : CompensatedSum.Mean(rewards),
            Rewards = CorrelationMetrics.Of([(ratings.Select(rating => (double?)rating.Reward).ToArray(), ratings.Select(rating => (double?)rating.Score).ToArray())], prompts),
            PearsonGivenLength = GivenLength(rewards, scores, lengths, prompts),
            Ceiling = AgainstOthers((_, own) => own),
            RewardsAsRater = AgainstOthers((rating, own) => own is null ? null : rating.Reward),
        };
    }

    private static CorrelationEstimate? GivenLength(double[] rewards, double[] scores, double[] lengths, int[] prompts)
    {
        double? Partial(int[] items)
        {
            double? Pearson(double[] x, double[] y) => Correlation.Of(Array.ConvertAll(items, item => x[item]), Array.ConvertAll(items, item => y[item])).Pearson();
            return Pearson(rewards, scores) is { } r && Pearson(rewards, lengths) is { } rewardLength && Pearson(scores, lengths) is { } scoreLength
                ? PartialCorrelation.Of(r, rewardLength, scoreLength)
                : null;
        }

        // One control takes one degree of freedom.
        return Partial([.. Enumerable.Range(0, rewards.Length)]) is { } value
            ? new CorrelationEstimate(value, CorrelationInterval.Pearson(value, rewards.Length - 1), CorrelationInterval.Clustered(Partial, prompts))
            : null;
    }

    private static double? ScoreOf(ScoredRating rating, int rater) => rater < rating.RaterScores.Length ? rating.RaterScores[rater] : null;

    private static double? MeanWithout(ScoredRating rating, int rater) => rating.RaterScores.Where((_, index) => index != rater).Average();
}

/// <summary>The ratings of one dimension, and those of each subset.</summary>
public sealed record DimensionMetrics : RatingMetrics
{
    /// <summary>An empty record, to be filled.</summary>
    public DimensionMetrics()
    {
    }

    [SetsRequiredMembers]
    internal DimensionMetrics(IReadOnlyList<ScoredRating> ratings)
        : base(Of(ratings))
    {
        Subsets = new SortedDictionary<string, RatingMetrics>(
            ratings.Where(rating => rating.Subset is not null).GroupBy(rating => rating.Subset!).ToDictionary(subset => subset.Key, subset => Of([.. subset])), StringComparer.Ordinal);
    }

    /// <summary>By name, in ordinal order. Ratings without a subset are in none.</summary>
    [JsonPropertyOrder(1)]
    public IReadOnlyDictionary<string, RatingMetrics> Subsets { get; init; } = new SortedDictionary<string, RatingMetrics>();
}
