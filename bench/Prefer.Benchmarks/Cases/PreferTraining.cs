using Prefer.Models;
using Prefer.Training;

namespace Prefer.Benchmarks.Cases;

/// <summary>Steps as <c>prefer train</c> takes them, with its defaults and a constant learning rate.</summary>
internal sealed class PreferTraining : ITraining
{
    /// <summary>That of both trainings: what a pretrained body gets.</summary>
    internal const double LearningRate = 1e-5;

    private readonly AdamW optimizer;
    private readonly TrainingStep step;
    private int number;

    /// <exception cref="NotAvailableException">Prefer does not train in this precision.</exception>
    internal PreferTraining(RewardModel model, Precision precision)
    {
        var options = new TrainOptions { Model = "model", Data = ["data"], Output = "output", Precision = precision };
        try
        {
            options.Validate();
        }
        catch (TrainingException refusal)
        {
            throw new NotAvailableException(refusal.Message);
        }
        optimizer = new AdamW(model.Parameters, options);
        step = new TrainingStep(model, optimizer, options);
    }

    public double Step(EncodedComparison[] batch) => step.Take(++number, batch, LearningRate).Figures.Loss;

    public void Dispose() => optimizer.Dispose();
}
