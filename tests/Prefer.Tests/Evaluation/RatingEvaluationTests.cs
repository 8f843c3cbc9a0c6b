using Prefer.Data;
using Prefer.Evaluation;
using Prefer.Statistics;
using Prefer.Tests.Data;
using Prefer.Tests.Statistics;
using Xunit;

namespace Prefer.Tests.Evaluation;

/// <summary>Rewards beside ratings: correlations, the raters' own agreement, and a run over rows.</summary>
public sealed class RatingEvaluationTests
{
    [Fact]
    public void Rewards_are_correlated_with_scores_by_three_measures()
    {
        var ratings = Draw(seed: 1, count: 60, raters: 0);
        double[] rewards = [.. ratings.Select(rating => rating.Reward)], scores = [.. ratings.Select(rating => rating.Score)], lengths = [.. ratings.Select(rating => (double)rating.Traits.Length)];

        var metrics = RatingMetrics.Of(ratings);

        Assert.Equal((60, 20, 0, null, null), (metrics.Ratings, metrics.Prompts, metrics.Raters, metrics.Ceiling, metrics.RewardsAsRater));
        Relative.Equal(rewards.Average(), metrics.MeanReward!.Value, 1e-13);
        var pearson = Correlation.Of(rewards, scores).Pearson()!.Value;
        Assert.Equal((pearson, CorrelationInterval.Pearson(pearson, 60)), (metrics.Rewards.Pearson!.Value, metrics.Rewards.Pearson.Ci95));
        Assert.Equal(RankCorrelation.Spearman(rewards, scores), metrics.Rewards.Spearman!.Value);
        Assert.Equal(RankCorrelation.KendallTauB(rewards, scores), metrics.Rewards.Kendall!.Value);
        Assert.Equal(CorrelationInterval.Kendall(metrics.Rewards.Kendall.Value, 60), metrics.Rewards.Kendall.Ci95);
        int[] prompts = [.. ratings.Select(rating => rating.Prompt)];
        Assert.Equal(CorrelationInterval.Clustered(rows => RankCorrelation.Spearman([.. rows.Select(row => rewards[row])], [.. rows.Select(row => scores[row])]), prompts), metrics.Rewards.Spearman.Ci95ByPrompt);
        Assert.Equal(
            PartialCorrelation.Of(pearson, Correlation.Of(rewards, lengths).Pearson()!.Value, Correlation.Of(scores, lengths).Pearson()!.Value), metrics.PearsonGivenLength!.Value);
    }

    [Fact]
    public void The_ceiling_is_one_rater_against_the_mean_of_the_others()
    {
        // The second rater leaves out every fifth response; a response that only one rater scored has no others.
        var ratings = Draw(seed: 2, count: 50, raters: 3).Select((rating, index) => rating with
        {
            RaterScores = index == 0 ? [rating.RaterScores[0], null, null] : index % 5 == 0 ? [rating.RaterScores[0], null, rating.RaterScores[2]] : rating.RaterScores,
        }).ToArray();

        var metrics = RatingMetrics.Of(ratings);

        var (ceilings, asRaters) = (new List<double>(), new List<double>());
        for (var rater = 0; rater < 3; rater++)
        {
            var counted = ratings.Where(rating => rating.RaterScores[rater] is not null && rating.RaterScores.Where((_, other) => other != rater).Any(score => score is not null)).ToArray();
            double[] own = [.. counted.Select(rating => rating.RaterScores[rater]!.Value)];
            double[] others = [.. counted.Select(rating => rating.RaterScores.Where((score, other) => other != rater && score is not null).Average()!.Value)];
            ceilings.Add(Correlation.Of(own, others).Pearson()!.Value);
            asRaters.Add(RankCorrelation.KendallTauB([.. counted.Select(rating => rating.Reward)], others)!.Value);
        }
        Assert.Equal(3, metrics.Raters);
        Relative.Equal(ceilings.Average(), metrics.Ceiling!.Pearson!.Value, 1e-12);
        Relative.Equal(asRaters.Average(), metrics.RewardsAsRater!.Kendall!.Value, 1e-12);
        Assert.Null(metrics.Ceiling.Pearson.Ci95);
        Assert.True(metrics.Ceiling.Pearson.Ci95ByPrompt!.Value.Contains(metrics.Ceiling.Pearson.Value));
    }

    [Fact]
    public void A_rater_among_equals_reaches_the_ceiling_and_the_mean_goes_beyond()
    {
        // Raters and rewards are the same quality with noise of the same size.
        var random = new Random(3);
        double Noisy(double quality) => quality + random.NextDouble() - 0.5;
        ScoredRating[] ratings =
        [
            .. Enumerable.Range(0, 2000).Select(index =>
            {
                var quality = random.NextDouble();
                double?[] raters = [Noisy(quality), Noisy(quality), Noisy(quality)];
                return new ScoredRating { Prompt = index, Reward = Noisy(quality), Score = raters.Average()!.Value, RaterScores = [.. raters] };
            }),
        ];

        var metrics = RatingMetrics.Of(ratings);

        // Variances: quality 1/12, noise 1/12, of the mean of two half of it: ρ = 1/√(2 · 1.5), and against three raters 1/√(2 · 4/3). Standard errors are some 0.015.
        Assert.Equal(1 / Math.Sqrt(3), metrics.Ceiling!.Pearson!.Value, 0.05);
        Assert.Equal(1 / Math.Sqrt(3), metrics.RewardsAsRater!.Pearson!.Value, 0.05);
        Assert.Equal(1 / Math.Sqrt(8 / 3.0), metrics.Rewards.Pearson!.Value, 0.05);
    }

    [Fact]
    public void Equal_rewards_have_no_correlation_and_few_ratings_no_interval()
    {
        var equal = RatingMetrics.Of([.. Draw(seed: 4, count: 9, raters: 0).Select(rating => rating with { Reward = 0.1 })]);
        Assert.Equal((null, null, null), (equal.Rewards.Pearson, equal.Rewards.Kendall, equal.PearsonGivenLength));

        var few = RatingMetrics.Of([.. Draw(seed: 5, count: 3, raters: 0).Select(rating => rating with { Prompt = 1 })]);
        Assert.NotEqual(0, few.Rewards.Pearson!.Value);
        Assert.Equal((null, null), (few.Rewards.Pearson.Ci95, few.Rewards.Pearson.Ci95ByPrompt));
        Assert.Equal((0, null, null), (RatingMetrics.Of([]).Ratings, RatingMetrics.Of([]).MeanScore, RatingMetrics.Of([]).Rewards.Spearman));
        Assert.Throws<ArgumentException>(() => RatingMetrics.Of([.. Draw(seed: 5, count: 3, raters: 0).Select(rating => rating with { Reward = double.NaN })]));
    }

    [Fact]
    public void A_run_scores_each_response_once_and_reports_dimensions_and_subsets()
    {
        const string Rows = """
            {"prompt":"Q","response":"four","scores":{"help":[4,3],"brief":[1,2]},"subset":"s"}
            {"prompt":"Q","response":"sixsix","scores":{"help":[5,null],"brief":null},"subset":"t"}
            {"prompt":"R","response":"ab","scores":{"help":[1,1],"brief":[5,4]}}
            {"prompt":"R","response":" ","scores":{"help":[1,1],"brief":[5,4]}}
            {"prompt":"S","response":"abc","score":2}
            """;
        var seen = 0L;
        var source = DataFolder.Source(Rows);

        var result = RatingEvaluation.Run(source.RatingsByDimension(), BaselineScorer.Length, null, TimeProvider.System, done => seen = done);

        Assert.Equal((5L, 1L, 0L), (seen, result.Empty, result.BadRows));
        Assert.Equal(["brief", "help", "score"], result.Dimensions.Keys);
        var help = result.Dimensions["help"];
        Assert.Equal((3, 2, 2, 4.0), (help.Ratings, help.Prompts, help.Raters, help.MeanReward));
        Relative.Equal((3.5 + 5 + 1) / 3, help.MeanScore!.Value, 1e-14);
        Assert.Equal(1, help.Rewards.Spearman!.Value, 1e-15);
        Assert.Equal(-1, result.Dimensions["brief"].Rewards.Kendall!.Value, 1e-15);
        Assert.Equal([("s", 1L), ("t", 1L)], help.Subsets.Select(subset => (subset.Key, subset.Value.Ratings)));
        Assert.Equal(["s"], result.Dimensions["brief"].Subsets.Keys);
    }

    [Fact]
    public void Nothing_to_score_is_refused_and_ids_are_skipped_by_scorers_of_words()
    {
        var none = Assert.Throws<DataException>(() => RatingEvaluation.Run([], BaselineScorer.Length, null, TimeProvider.System));
        Assert.StartsWith("found no rating of a response that is not empty; expected at least one", none.Message, StringComparison.Ordinal);
        var skipped = new List<BadRow>();
        var rows = DataFolder.Source("{\"input_ids\":[1,2],\"score\":3}\n{\"text\":\"abc\",\"score\":2}").RatingsByDimension();

        var result = RatingEvaluation.Run(rows, BaselineScorer.Refusal, skipped, TimeProvider.System);

        Assert.Equal((1L, 1L, 1L), (result.Dimensions["score"].Ratings, result.BadRows, Assert.Single(skipped).Origin.Line));
    }

    [Fact]
    public void Published_ratings_have_three_raters_who_agree()
    {
        var source = DataSource.Open([Repository.Shared("data", "prometheus-likert", "ratings.jsonl.gz")]);

        var metrics = RatingEvaluation.Run(source.RatingsByDimension(), BaselineScorer.Length, null, TimeProvider.System).Dimensions["rubric"];

        Assert.Equal((640, 398, 3), (metrics.Ratings, metrics.Prompts, metrics.Raters));
        Assert.True(metrics.Ceiling!.Pearson!.Value > 0.8 && metrics.Ceiling.Pearson.Ci95ByPrompt!.Value.Low > metrics.Rewards.Pearson!.Ci95ByPrompt!.Value.High);
    }

    private static ScoredRating[] Draw(int seed, int count, int raters)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable.Range(0, count).Select(index =>
            {
                var quality = random.Next(1, 6);
                double?[] scores = [.. Enumerable.Range(0, raters).Select(_ => (double?)Math.Clamp(quality + random.Next(-1, 2), 1, 5))];
                return new ScoredRating
                {
                    Prompt = index / 3, Reward = quality + 3 * random.NextDouble(), Score = scores.Average() ?? quality, RaterScores = [.. scores],
                    Traits = new ResponseTraits(random.Next(10, 90) + 5 * quality, 0, 0, 0),
                };
            }),
        ];
    }
}
