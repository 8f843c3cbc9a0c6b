using System.Text.Json.Nodes;
using Prefer.Statistics;

namespace Prefer.Training;

/// <summary>
/// Sums over comparisons, from which the logged figures come: no mean of means. One for a step adds up to one for a logging
/// window or an evaluation. Definitions are in docs/metrics.md.
/// </summary>
public sealed record StepFigures
{
    /// <summary>Σ w·ℓ.</summary>
    public double LossSum { get; init; }

    /// <summary>Σ w.</summary>
    public double WeightSum { get; init; }

    /// <summary>Pairs that are no tie and whose chosen reward is the larger.</summary>
    public int CorrectCount { get; init; }

    /// <summary>Pairs that are no tie.</summary>
    public int StrictCount { get; init; }

    /// <summary>All pairs: a ranking of k has k(k − 1)/2, a rating none.</summary>
    public int Count { get; init; }

    /// <summary>Σ (r_chosen − r_rejected).</summary>
    public double MarginSum { get; init; }

    /// <summary>Σ r over all responses.</summary>
    public double RewardSum { get; init; }

    /// <summary>All responses.</summary>
    public int RewardCount { get; init; }

    /// <summary>Smallest reward.</summary>
    public double MinReward { get; init; } = double.PositiveInfinity;

    /// <summary>Largest reward.</summary>
    public double MaxReward { get; init; } = double.NegativeInfinity;

    /// <summary>Rewards and scores of ratings.</summary>
    public Correlation Scores { get; init; } = new();

    internal double Loss => LossSum / WeightSum;

    /// <summary>Share of correct pairs among those that are no tie; null where there are none.</summary>
    internal double? Accuracy => StrictCount == 0 ? null : (double)CorrectCount / StrictCount;

    /// <summary>The figures of one item: of a ranking those of all its pairs, of a rating reward and score.</summary>
    /// <param name="item">The item.</param>
    /// <param name="rewards">Rewards of its sequences.</param>
    /// <param name="loss">ℓ</param>
    internal static StepFigures Of(TrainingItem item, ReadOnlySpan<double> rewards, double loss)
    {
        if (item is EncodedComparison pair)
        {
            return Of(pair, rewards[0], rewards[1], loss);
        }
        var figures = new StepFigures { LossSum = item.Weight * loss, WeightSum = item.Weight };
        for (var first = 0; first < rewards.Length; first++)
        {
            var reward = rewards[first];
            figures = figures.Plus(new StepFigures
            {
                RewardSum = reward, RewardCount = 1, MinReward = reward, MaxReward = reward,
                Scores = item is EncodedRating rating ? Correlation.Of(reward, rating.Score) : new Correlation(),
            });
            for (var second = first + 1; item is EncodedRanking ranking && second < rewards.Length; second++)
            {
                // The higher score is chosen; of a tie the first one, as in Ranking.Pairs.
                var (isTie, isTurned) = (ranking.Scores[first] == ranking.Scores[second], ranking.Scores[second] > ranking.Scores[first]);
                var difference = isTurned ? rewards[second] - reward : reward - rewards[second];
                figures = figures.Plus(new StepFigures { CorrectCount = !isTie && difference > 0 ? 1 : 0, StrictCount = isTie ? 0 : 1, Count = 1, MarginSum = difference });
            }
        }
        return figures;
    }

    /// <summary>The figures of one pair.</summary>
    internal static StepFigures Of(EncodedComparison comparison, double chosen, double rejected, double loss) => new()
    {
        LossSum = comparison.Weight * loss,
        WeightSum = comparison.Weight,
        CorrectCount = comparison.Label != 0.5 && chosen > rejected ? 1 : 0,
        StrictCount = comparison.Label != 0.5 ? 1 : 0,
        Count = 1,
        MarginSum = chosen - rejected,
        RewardSum = chosen + rejected,
        RewardCount = 2,
        MinReward = Math.Min(chosen, rejected),
        MaxReward = Math.Max(chosen, rejected),
    };

    internal StepFigures Plus(StepFigures other) => new()
    {
        LossSum = LossSum + other.LossSum,
        WeightSum = WeightSum + other.WeightSum,
        CorrectCount = CorrectCount + other.CorrectCount,
        StrictCount = StrictCount + other.StrictCount,
        Count = Count + other.Count,
        MarginSum = MarginSum + other.MarginSum,
        RewardSum = RewardSum + other.RewardSum,
        RewardCount = RewardCount + other.RewardCount,
        MinReward = Math.Min(MinReward, other.MinReward),
        MaxReward = Math.Max(MaxReward, other.MaxReward),
        Scores = Scores.Plus(other.Scores),
    };

    /// <summary>The figures under TRL's names, as far as there are pairs; of ratings the correlation with their scores.</summary>
    /// <param name="line">Where they go.</param>
    /// <param name="prefix"><c>eval_</c> for evaluations.</param>
    internal void WriteTo(JsonObject line, string prefix = "")
    {
        line[prefix + "loss"] = Loss;
        if (Count > 0)
        {
            line[prefix + "accuracy"] = Accuracy;
            line[prefix + "margin"] = MarginSum / Count;
        }
        if (Scores.Count > 0)
        {
            line[prefix + "pearson"] = Scores.Pearson();
            line[prefix + "mean_score"] = Scores.MeanY;
        }
        line[prefix + "mean_reward"] = RewardSum / RewardCount;
        line[prefix + "min_reward"] = MinReward;
        line[prefix + "max_reward"] = MaxReward;
    }
}
