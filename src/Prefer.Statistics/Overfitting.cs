namespace Prefer.Statistics;

/// <summary>A loss at a step of training.</summary>
/// <param name="Step">Optimizer steps taken.</param>
/// <param name="Loss">Of an evaluation at that step, or of the steps since the point before.</param>
public readonly record struct LossPoint(int Step, double Loss);

/// <summary>Where a run began to overfit, and what its losses were around there.</summary>
/// <param name="Step">The step of the lowest evaluation loss.</param>
/// <param name="LowestEvaluation">That loss.</param>
/// <param name="LastEvaluation">The evaluation loss at the end.</param>
/// <param name="TrainingBefore">Mean training loss a step from the evaluation before <paramref name="Step"/> to it.</param>
/// <param name="TrainingAfter">Mean training loss a step from there to the last evaluation.</param>
public sealed record OverfittingOnset(int Step, double LowestEvaluation, double LastEvaluation, double TrainingBefore, double TrainingAfter);

/// <summary>Whether, and since when, a model gets better on what it is trained on and worse on what it is not.</summary>
public static class Overfitting
{
    /// <summary>
    /// The step of the lowest evaluation loss (the first of equals), if the last evaluation loss is higher and the mean training loss after that step is lower
    /// than between the evaluation before it and it. Null otherwise. It describes two curves; it does not say whether chance would do the same.
    /// </summary>
    /// <param name="training">By step, rising; each stands for the steps since the one before.</param>
    /// <param name="evaluations">By step, rising.</param>
    /// <exception cref="ArgumentException">Steps do not rise, or a loss is NaN.</exception>
    public static OverfittingOnset? Onset(IReadOnlyList<LossPoint> training, IReadOnlyList<LossPoint> evaluations)
    {
        Check(training, nameof(training));
        Check(evaluations, nameof(evaluations));
        if (evaluations.Count == 0)
        {
            return null;
        }
        var lowest = Enumerable.Range(0, evaluations.Count).MinBy(index => evaluations[index].Loss);
        var (best, last) = (evaluations[lowest], evaluations[^1]);
        if (!(last.Loss > best.Loss) || MeanBetween(training, lowest == 0 ? 0 : evaluations[lowest - 1].Step, best.Step) is not { } before || MeanBetween(training, best.Step, last.Step) is not { } after)
        {
            return null;
        }
        return after < before ? new OverfittingOnset(best.Step, best.Loss, last.Loss, before, after) : null;
    }

    // Over the steps in (from, to] that a point stands for; null where there are none.
    private static double? MeanBetween(IReadOnlyList<LossPoint> training, int from, int to)
    {
        var sum = new CompensatedSum();
        var (count, start) = (0L, 0);
        foreach (var (step, loss) in training)
        {
            var steps = Math.Min(step, to) - Math.Max(start, from);
            if (steps > 0)
            {
                sum.Add(steps * loss);
                count += steps;
            }
            start = step;
        }
        return count == 0 ? null : sum.Value / count;
    }

    private static void Check(IReadOnlyList<LossPoint> points, string name)
    {
        for (var index = 0; index < points.Count; index++)
        {
            if (double.IsNaN(points[index].Loss) || (index > 0 && points[index].Step <= points[index - 1].Step))
            {
                throw new ArgumentException($"found the loss {points[index].Loss} at step {points[index].Step}; expected numbers at steps that rise", name);
            }
        }
    }
}
