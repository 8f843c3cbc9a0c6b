using Prefer.Models;
using Prefer.Torch;

namespace Prefer.Training;

/// <summary>
/// One optimizer step: forward and backward in micro-batches of a token budget, clip, update. Each comparison weighs w/Σw of the
/// whole batch, however it is split. A pair, a ranking of any length, or a rating is one comparison.
/// </summary>
internal sealed class TrainingStep(RewardModel model, AdamW optimizer, TrainOptions options)
{
    private readonly Objective objective = new(options, model);

    /// <summary>What to try when a loss is not finite.</summary>
    internal const string Remedy = "Try a lower --learning-rate, a longer warm-up, or a smaller --max-grad-norm, and look at these rows. A checkpoint from before is whole: --resume begins there.";

    /// <param name="number">1-based, for messages.</param>
    /// <param name="batch">The comparisons of the step.</param>
    /// <param name="learningRate">Its learning rate.</param>
    /// <returns>The figures before the update, and the gradient norm before clipping.</returns>
    /// <exception cref="TrainingException">The loss or the gradient is not finite; the weights are as before the step.</exception>
    internal (StepFigures Figures, double GradientNorm) Take(int number, TrainingItem[] batch, double learningRate)
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

    private StepFigures Accumulate(List<TrainingItem> part, double weightSum)
    {
        using var scope = new TensorScope();
        var forest = model.NewBatch();
        foreach (var sequence in part.SelectMany(item => item.Sequences))
        {
            forest.Add(sequence, model.PooledPosition(sequence.Ids.AsSpan()));
        }
        var rewards = model.Forward(forest, options.Dropout, options.GradientCheckpointing).Reshape(-1); // [S]
        objective.Cost(part, rewards, weightSum).Backward();

        var values = rewards.Detach().To(DType.Float64).ToArray<double>();
        var figures = new StepFigures();
        var start = 0;
        foreach (var item in part)
        {
            var own = values.AsSpan(start, item.Sequences.Length);
            figures = figures.Plus(StepFigures.Of(item, own, objective.Loss(item, own)));
            start += own.Length;
        }
        return figures;
    }

    /// <summary>
    /// Parts of at most the token budget (one comparison alone may exceed it), in the order of the ids, so that comparisons of
    /// one prompt stand together and share it.
    /// </summary>
    internal List<List<TrainingItem>> Split(TrainingItem[] batch)
    {
        var parts = new List<List<TrainingItem>>();
        var forest = model.NewBatch();
        foreach (var item in batch.OrderBy(item => item, ByIds.Instance))
        {
            var added = forest.CountNew(item.Sequences);
            if (parts.Count == 0 || forest.TokenCount + added > options.TokenBudget)
            {
                parts.Add([]);
                forest = model.NewBatch();
            }
            parts[^1].Add(item);
            foreach (var sequence in item.Sequences)
            {
                forest.Add(sequence, 0);
            }
        }
        return parts;
    }

    private sealed class ByIds : IComparer<TrainingItem>
    {
        internal static readonly ByIds Instance = new();

        public int Compare(TrainingItem? first, TrainingItem? second) =>
            first!.Sequences[0].Ids.AsSpan().SequenceCompareTo(second!.Sequences[0].Ids.AsSpan());
    }
}
