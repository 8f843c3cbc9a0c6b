using Prefer.Models;
using Prefer.Torch;

namespace Prefer.Training;

/// <summary>
/// One optimizer step: forward and backward in micro-batches of a token budget, clip, update. Each comparison weighs w/Σw of the
/// whole batch, however it is split.
/// </summary>
internal sealed class TrainingStep(RewardModel model, AdamW optimizer, TrainOptions options)
{
    /// <summary>What to try when a loss is not finite.</summary>
    internal const string Remedy = "Try a lower --learning-rate, a longer warm-up, or a smaller --max-grad-norm, and look at these rows. A checkpoint from before is whole: --resume begins there.";

    /// <param name="number">1-based, for messages.</param>
    /// <param name="batch">The comparisons of the step.</param>
    /// <param name="learningRate">Its learning rate.</param>
    /// <returns>The figures before the update, and the gradient norm before clipping.</returns>
    /// <exception cref="TrainingException">The loss or the gradient is not finite; the weights are as before the step.</exception>
    internal (StepFigures Figures, double GradientNorm) Take(int number, EncodedComparison[] batch, double learningRate)
    {
        var weightSum = batch.Sum(comparison => comparison.Weight);
        var figures = new StepFigures();
        foreach (var part in Split(batch))
        {
            figures = figures.Plus(Accumulate(part, weightSum));
        }
        var norm = optimizer.GradientNorm();
        if (!double.IsFinite(figures.Loss) || !double.IsFinite(norm))
        {
            throw new TrainingException(
                $"step {number}: the loss is {figures.Loss} and the gradient norm {norm}. The step's comparisons: {string.Join(", ", batch.Select(comparison => comparison.Name))}. {Remedy}",
                isUsage: false);
        }
        // PyTorch's clip_grad_norm_ adds 1e-6 to the norm.
        var scale = options.MaxGradNorm > 0 ? options.MaxGradNorm / (norm + 1e-6) : 1;
        if (scale < 1)
        {
            optimizer.ScaleGradients(scale);
        }
        optimizer.Step(learningRate);
        return (figures, norm);
    }

    private StepFigures Accumulate(List<EncodedComparison> part, double weightSum)
    {
        using var scope = new TensorScope();
        var forest = model.NewBatch();
        foreach (var comparison in part)
        {
            forest.Add(comparison.Chosen, model.PooledPosition(comparison.Chosen.Ids.AsSpan()));
            forest.Add(comparison.Rejected, model.PooledPosition(comparison.Rejected.Ids.AsSpan()));
        }
        var rewards = model.Forward(forest, options.Dropout).Reshape(-1, 2); // [n, 2]
        var sides = rewards.Split([1, 1], 1);
        var preferences = part.Select(comparison => RewardLoss.Smoothed(comparison.Label, options.LabelSmoothing)).ToArray();
        var losses = RewardLoss.PerComparison(
            sides[0].Reshape(-1), sides[1].Reshape(-1), Vector(preferences), Vector(part.Select(comparison => comparison.Margin)), options.CenterRewardsCoefficient); // [n]
        (losses * Vector(part.Select(comparison => comparison.Weight / weightSum))).Sum().Backward();

        var values = rewards.Detach().To(DType.Float64).ToArray<double>();
        var figures = new StepFigures();
        for (var index = 0; index < part.Count; index++)
        {
            var (chosen, rejected) = (values[2 * index], values[(2 * index) + 1]);
            var loss = RewardLoss.Of(chosen, rejected, preferences[index], part[index].Margin, options.CenterRewardsCoefficient);
            figures = figures.Plus(StepFigures.Of(part[index], chosen, rejected, loss));
        }
        return figures;
    }

    /// <summary>
    /// Parts of at most the token budget (one comparison alone may exceed it), in the order of the ids, so that comparisons of
    /// one prompt stand together and share it.
    /// </summary>
    private List<List<EncodedComparison>> Split(EncodedComparison[] batch)
    {
        var parts = new List<List<EncodedComparison>>();
        var forest = model.NewBatch();
        foreach (var comparison in batch.OrderBy(comparison => comparison, ByIds.Instance))
        {
            var added = forest.CountNew(comparison.Chosen, comparison.Rejected);
            if (parts.Count == 0 || forest.TokenCount + added > options.TokenBudget)
            {
                parts.Add([]);
                forest = model.NewBatch();
            }
            parts[^1].Add(comparison);
            forest.Add(comparison.Chosen, 0);
            forest.Add(comparison.Rejected, 0);
        }
        return parts;
    }

    private Tensor Vector(IEnumerable<double> values) => Tensor.From<double>(values.ToArray(), model.Device).To(model.DType);

    private sealed class ByIds : IComparer<EncodedComparison>
    {
        internal static readonly ByIds Instance = new();

        public int Compare(EncodedComparison? first, EncodedComparison? second) =>
            first!.Chosen.Ids.AsSpan().SequenceCompareTo(second!.Chosen.Ids.AsSpan());
    }
}
