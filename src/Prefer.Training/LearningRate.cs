namespace Prefer.Training;

/// <summary>The learning rate of each step, as Hugging Face's schedulers give it.</summary>
/// <param name="type">How it goes after the warm-up.</param>
/// <param name="peak">The rate at the end of the warm-up.</param>
/// <param name="warmupSteps">Steps of linear rise from 0; the first of them has rate 0.</param>
/// <param name="totalSteps">Steps of the run.</param>
internal sealed class LearningRate(LrSchedulerType type, double peak, int warmupSteps, int totalSteps)
{
    /// <param name="step">0-based.</param>
    internal double At(int step)
    {
        if (step < warmupSteps)
        {
            return peak * step / warmupSteps;
        }
        var remaining = (double)Math.Max(0, totalSteps - step) / Math.Max(1, totalSteps - warmupSteps);
        return peak * type switch
        {
            LrSchedulerType.Constant => 1,
            LrSchedulerType.Linear => remaining,
            LrSchedulerType.Cosine => 0.5 * (1 + Math.Cos(Math.PI * (1 - remaining))),
            _ => throw new InvalidOperationException($"unknown schedule {type}"),
        };
    }

    /// <summary>Warm-up of a run: the steps that were asked for, or the share of all steps rounded up.</summary>
    internal static int WarmupSteps(TrainOptions options, int totalSteps) =>
        options.WarmupSteps ?? (int)Math.Ceiling(options.WarmupRatio * totalSteps);
}
