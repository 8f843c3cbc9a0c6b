using Prefer.Statistics;
using Xunit;

namespace Prefer.Tests.Statistics;

public sealed class OverfittingTests
{
    private static readonly LossPoint[] Falling = [new(10, 0.7), new(20, 0.6), new(30, 0.5), new(40, 0.4)];

    [Fact]
    public void It_sets_in_at_the_lowest_evaluation_while_training_goes_on_falling()
    {
        LossPoint[] evaluations = [new(10, 0.70), new(20, 0.65), new(30, 0.66), new(40, 0.72)];

        Assert.Equal(new OverfittingOnset(20, 0.65, 0.72, 0.6, 0.45), Overfitting.Onset(Falling, evaluations)! with { TrainingAfter = 0.45 });
        Assert.Equal(0.45, Overfitting.Onset(Falling, evaluations)!.TrainingAfter, 1e-15);
    }

    [Theory]
    [InlineData(0.70, 0.65, 0.64, 0.63)] // still falling
    [InlineData(0.60, 0.60, 0.60, 0.60)] // all equal
    [InlineData(0.60, 0.65, 0.63, 0.60)] // ends as low as it began
    public void There_is_none_where_the_evaluation_does_not_end_higher(double first, double second, double third, double fourth) =>
        Assert.Null(Overfitting.Onset(Falling, [new(10, first), new(20, second), new(30, third), new(40, fourth)]));

    [Fact]
    public void There_is_none_where_training_rises_too() =>
        Assert.Null(Overfitting.Onset([new(10, 0.5), new(20, 0.5), new(30, 0.6)], [new(10, 0.7), new(20, 0.6), new(30, 0.8)]));

    [Fact]
    public void There_is_none_of_one_evaluation_or_of_none()
    {
        Assert.Null(Overfitting.Onset(Falling, []));
        Assert.Null(Overfitting.Onset(Falling, [new(20, 0.6)]));
        Assert.Null(Overfitting.Onset([], [new(20, 0.6), new(30, 0.7)]));
    }

    [Fact]
    public void The_first_of_equally_low_evaluations_counts() =>
        Assert.Equal(20, Overfitting.Onset(Falling, [new(10, 0.7), new(20, 0.6), new(30, 0.6), new(40, 0.7)])!.Step);

    [Fact]
    public void Means_are_over_steps_as_the_definition_says_slowly()
    {
        var random = new Random(5);
        for (var round = 0; round < 200; round++)
        {
            var (training, evaluations) = (Points(random, 12), Points(random, 6));
            var expected = Slow(training, evaluations);
            var found = Overfitting.Onset(training, evaluations);

            Assert.Equal(expected is null, found is null);
            if (expected is { } onset)
            {
                Assert.Equal(onset.Step, found!.Step);
                // Sums of up to a hundred losses below 1, taken in another order.
                Assert.Equal(onset.Before, found.TrainingBefore, 1e-13);
                Assert.Equal(onset.After, found.TrainingAfter, 1e-13);
            }
        }
    }

    [Fact]
    public void Steps_that_do_not_rise_and_losses_that_are_no_numbers_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Overfitting.Onset([new(10, 1), new(10, 1)], []));
        Assert.Throws<ArgumentException>(() => Overfitting.Onset([], [new(20, 1), new(10, 1)]));
        Assert.Throws<ArgumentException>(() => Overfitting.Onset([new(10, double.NaN)], []));
    }

    private static LossPoint[] Points(Random random, int count)
    {
        var step = 0;
        return [.. Enumerable.Range(0, count).Select(_ => new LossPoint(step += random.Next(1, 9), random.NextDouble()))];
    }

    // Every step by itself: the loss of a step is that of the first point at it or behind it.
    private static (int Step, double Before, double After)? Slow(LossPoint[] training, LossPoint[] evaluations)
    {
        var best = evaluations.OrderBy(point => point.Loss).ThenBy(point => point.Step).First();
        var previous = evaluations.Where(point => point.Step < best.Step).Select(point => point.Step).DefaultIfEmpty(0).Max();
        double[] LossesIn(int from, int to) =>
            [.. Enumerable.Range(from + 1, to - from).Where(step => step <= training[^1].Step).Select(step => training.First(point => point.Step >= step).Loss)];
        var (before, after) = (LossesIn(previous, best.Step), LossesIn(best.Step, evaluations[^1].Step));
        return evaluations[^1].Loss > best.Loss && before.Length > 0 && after.Length > 0 && after.Average() < before.Average() ? (best.Step, before.Average(), after.Average()) : null;
    }
}
