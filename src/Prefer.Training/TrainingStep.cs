using Prefer.Models;
using Prefer.Torch;

namespace Prefer.Training;

/// <summary>
/// One optimizer step: forward and backward of each micro-batch, clip, update. Each comparison weighs w/Σw of the whole batch,
/// however it is split. A pair, a ranking of any length, or a rating is one comparison.
/// </summary>
internal sealed class TrainingStep(RewardModel model, AdamW optimizer, TrainOptions options)
{
    private readonly Objective objective = new(options, model);

    /// <summary>What to try when a loss is not finite.</summary>
    internal const string Remedy = "Try a lower --learning-rate, a longer warm-up, or a smaller --max-grad-norm, and look at these rows. A checkpoint from before is whole: --resume begins there.";

    /// <param name="number">1-based, for messages.</param>
    /// <param name="batch">The comparisons of the step, packed.</param>
    /// <param name="learningRate">Its learning rate.</param>
    /// <returns>The figures before the update, and the gradient norm before clipping.</returns>
    /// <exception cref="TrainingException">The loss or the gradient is not finite; the weights are as before the step.</exception>
    internal (StepFigures Figures, double GradientNorm) Take(int number, StepBatch batch, double learningRate)
    {
        var weightSum = batch.Items.Sum(comparison => comparison.Weight);
        var figures = new StepFigures();
        foreach (var part in batch.Parts)
        {
            figures = figures.Plus(Accumulate(part, weightSum));
        }
        var norm = optimizer.GradientNorm();
        if (!double.IsFinite(figures.Loss) || !double.IsFinite(norm))
        {
            throw new TrainingException(
                $"step {number}: the loss is {figures.Loss} and the gradient norm {norm}. The step's comparisons: {string.Join(", ", batch.Items.Select(comparison => comparison.Name))}. {Remedy}",
                isUsage: false);
        }
        // PyTorch's clip_grad_norm_ adds 1e-6 to the norm.
        var scale = options.MaxGradNorm > 0 ? Math.Min(1, options.MaxGradNorm / (norm + 1e-6)) : 1;
        optimizer.Step(learningRate, scale);
        return (figures, norm);
    }

    private StepFigures Accumulate(MicroBatch part, double weightSum)
    {
        using var scope = new TensorScope();
        var rewards = model.Forward(part.Forest, part.Pooled, options.Dropout, options.GradientCheckpointing).Reshape(-1); // [S]
        objective.Cost(part.Items, rewards, weightSum).Backward();

        var values = rewards.Detach().To(DType.Float64).ToArray<double>();
        var figures = new StepFigures();
        var start = 0;
        foreach (var item in part.Items)
        {
            var own = values.AsSpan(start, item.Sequences.Length);
            figures = figures.Plus(StepFigures.Of(item, own, objective.Loss(item, own)));
            start += own.Length;
        }
        return figures;
    }
}
