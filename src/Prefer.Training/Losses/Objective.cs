using Prefer.Models;
using Prefer.Torch;

namespace Prefer.Training;

/// <summary>
/// The loss of a run over items of any kind, as the options say: for a micro-batch as a tensor, for one item as a number. Which
/// formula belongs to which item is decided here and nowhere else. Under Plackett–Luce a pair has the Bradley–Terry loss, which is the
/// same for two, and keeps margin and label.
/// </summary>
internal sealed class Objective(TrainOptions options, RewardModel model)
{
    private readonly double centering = options.CenterRewardsCoefficient;

    /// <summary>As evaluation measures: without smoothing and centering. See also <see cref="TrainingItem.Plain"/>.</summary>
    internal static Objective ForEvaluation(TrainOptions options, RewardModel model) => new(options with { LabelSmoothing = 0, CenterRewardsCoefficient = 0 }, model);

    /// <summary>Σ w·ℓ / Σ w of the whole batch, over one part of it: a scalar with gradients.</summary>
    /// <param name="part">The items.</param>
    /// <param name="rewards">Rewards of their sequences in order, [S].</param>
    /// <param name="weightSum">Σ w of the whole batch.</param>
    internal Tensor Cost(IReadOnlyList<TrainingItem> part, Tensor rewards, double weightSum)
    {
        Tensor? cost = null;
        foreach (var kind in new[] { typeof(EncodedComparison), typeof(EncodedRanking), typeof(EncodedRating) })
        {
            var items = new List<TrainingItem>();
            var places = new List<long>();
            var start = 0L;
            foreach (var item in part)
            {
                if (item.GetType() == kind)
                {
                    items.Add(item);
                    places.AddRange(item.Sequences.Select((_, index) => start + index));
                }
                start += item.Sequences.Length;
            }
            if (items.Count > 0)
            {
                var own = items.Count == part.Count ? rewards : rewards.IndexSelect(0, Tensor.From<long>(places.ToArray(), model.Device));
                var sum = (Losses(items, own) * Vector(items.Select(item => item.Weight / weightSum))).Sum();
                cost = cost is null ? sum : cost + sum;
            }
        }
        return cost!;
    }

    /// <summary>The loss of one item.</summary>
    /// <param name="item">The item.</param>
    /// <param name="rewards">Rewards of its sequences.</param>
    internal double Loss(TrainingItem item, ReadOnlySpan<double> rewards)
    {
        switch (item)
        {
            case EncodedComparison pair when options.Loss == LossType.Hinge:
                var sum = rewards[0] + rewards[1];
                return HingeLoss.Of(rewards[0], rewards[1], options.HingeWidth, Preference(pair), pair.Margin) + (centering == 0 ? 0 : centering * sum * sum);
            case EncodedComparison pair:
                return RewardLoss.Of(rewards[0], rewards[1], Preference(pair), pair.Margin, centering);
            case EncodedRanking ranking:
                var mean = 0.0;
                foreach (var reward in rewards)
                {
                    mean += reward / rewards.Length;
                }
                return PlackettLuceLoss.Of(rewards, ranking.Scores.AsSpan()) + (centering == 0 ? 0 : centering * (2 * mean) * (2 * mean));
            case EncodedRating rating:
                return RegressionLoss.Of(rewards[0], rating.Score);
            default:
                throw new ArgumentException($"{item.GetType().Name} has no loss", nameof(item));
        }
    }

    /// <summary>One loss an item, [N]; the items are of one kind.</summary>
    private Tensor Losses(List<TrainingItem> items, Tensor rewards)
    {
        switch (items[0])
        {
            case EncodedComparison:
                var pairs = items.Cast<EncodedComparison>().ToList();
                var sides = rewards.Reshape(-1, 2).Split([1, 1], 1);
                var (chosen, rejected) = (sides[0].Reshape(-1), sides[1].Reshape(-1));
                var (preferences, margins) = (Vector(pairs.Select(Preference)), Vector(pairs.Select(pair => pair.Margin)));
                return options.Loss == LossType.Hinge
                    ? Centered(HingeLoss.PerComparison(chosen, rejected, preferences, margins, options.HingeWidth), chosen + rejected)
                    : RewardLoss.PerComparison(chosen, rejected, preferences, margins, centering);
            case EncodedRanking:
                var rankings = items.Cast<EncodedRanking>().ToList();
                var owners = rankings.SelectMany((ranking, index) => Enumerable.Repeat((long)index, ranking.Responses.Length)).ToArray();
                var shares = Vector(rankings.SelectMany(ranking => Enumerable.Repeat(2.0 / ranking.Responses.Length, ranking.Responses.Length)));
                var losses = PlackettLuceLoss.PerRanking(rewards, [.. rankings.Select(ranking => ranking.Scores)]);
                // Twice the mean reward, which for two is their sum.
                return centering == 0 ? losses
                    : Centered(losses, Tensor.Zeros([rankings.Count], model.DType, model.Device).IndexAdd(0, Tensor.From<long>(owners, model.Device), rewards * shares));
            default:
                return RegressionLoss.PerRating(rewards, Vector(items.Cast<EncodedRating>().Select(rating => rating.Score)));
        }
    }

    private Tensor Centered(Tensor losses, Tensor sums) => centering == 0 ? losses : losses + (sums * sums * centering);

    private double Preference(EncodedComparison pair) => RewardLoss.Smoothed(pair.Label, options.LabelSmoothing);

    private Tensor Vector(IEnumerable<double> values) => Tensor.From<double>(values.ToArray(), model.Device).To(model.DType);
}
