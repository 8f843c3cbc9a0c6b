using Prefer.Models;
using Prefer.Training;

namespace Prefer.Benchmarks.Cases;

/// <summary>Steps as <c>prefer train</c> takes them, with its defaults and a constant learning rate.</summary>
internal sealed class PreferTraining : ITraining
{
    /// <summary>That of both trainings: what a pretrained body gets.</summary>
    internal const double LearningRate = 1e-5;

    /// <summary>What a run chooses by itself on a machine with 12 GB to spare.</summary>
    private const int TokenBudget = 8192;

    private readonly AdamW optimizer;
    private readonly TrainingStep step;
    private readonly RewardModel model;
    private int number;

    internal PreferTraining(RewardModel model, Precision precision)
    {
        var options = new TrainOptions { Model = "model", Data = ["data"], Output = "output", Precision = precision };
        options.Validate();
        model.ComputeType = precision.ComputeType();
        this.model = model;
        optimizer = new AdamW(model.Parameters, options);
        step = new TrainingStep(model, optimizer, options);
    }

    public double Step(EncodedComparison[] batch) => step.Take(++number, StepBatch.Of(batch, model, TokenBudget), LearningRate).Figures.Loss;

    public void Dispose() => optimizer.Dispose();
}
