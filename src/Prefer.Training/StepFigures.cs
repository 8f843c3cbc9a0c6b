using System.Text.Json.Nodes;

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

    /// <summary>Comparisons that are no tie and whose chosen reward is the larger.</summary>
    public int CorrectCount { get; init; }

    /// <summary>Comparisons that are no tie.</summary>
    public int StrictCount { get; init; }

    /// <summary>All comparisons.</summary>
    public int Count { get; init; }

    /// <summary>Σ (r_chosen − r_rejected).</summary>
    public double MarginSum { get; init; }

    /// <summary>Σ (r_chosen + r_rejected).</summary>
    public double RewardSum { get; init; }

    /// <summary>Smallest reward.</summary>
    public double MinReward { get; init; } = double.PositiveInfinity;

    /// <summary>Largest reward.</summary>
    public double MaxReward { get; init; } = double.NegativeInfinity;

    internal double Loss => LossSum / WeightSum;

    /// <summary>Share of correct comparisons among those that are no tie; null where all are ties.</summary>
    internal double? Accuracy => StrictCount == 0 ? null : (double)CorrectCount / StrictCount;

    /// <summary>The figures of one comparison.</summary>
    internal static StepFigures Of(EncodedComparison comparison, double chosen, double rejected, double loss) => new()
    {
        LossSum = comparison.Weight * loss,
        WeightSum = comparison.Weight,
        CorrectCount = comparison.Label != 0.5 && chosen > rejected ? 1 : 0,
        StrictCount = comparison.Label != 0.5 ? 1 : 0,
        Count = 1,
        MarginSum = chosen - rejected,
        RewardSum = chosen + rejected,
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
        MinReward = Math.Min(MinReward, other.MinReward),
        MaxReward = Math.Max(MaxReward, other.MaxReward),
    };

    /// <summary>The figures under TRL's names.</summary>
    /// <param name="line">Where they go.</param>
    /// <param name="prefix"><c>eval_</c> for evaluations.</param>
    internal void WriteTo(JsonObject line, string prefix = "")
    {
        line[prefix + "loss"] = Loss;
        line[prefix + "accuracy"] = Accuracy;
        line[prefix + "margin"] = MarginSum / Count;
        line[prefix + "mean_reward"] = RewardSum / (2 * Count);
        line[prefix + "min_reward"] = MinReward;
        line[prefix + "max_reward"] = MaxReward;
    }
}
