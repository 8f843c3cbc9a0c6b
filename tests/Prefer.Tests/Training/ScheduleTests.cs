using Prefer.Tests.Statistics;
using Prefer.Training;
using Xunit;

namespace Prefer.Tests.Training;

/// <summary>Learning rates worked out by hand, and which comparisons each step sees.</summary>
public sealed class ScheduleTests
{
    [Fact]
    public void Linear_rises_to_the_peak_and_falls_to_zero() =>
        Check(LrSchedulerType.Linear, warmupSteps: 2, totalSteps: 10, [0, 0.5, 1, 7 / 8.0, 6 / 8.0, 5 / 8.0, 4 / 8.0, 3 / 8.0, 2 / 8.0, 1 / 8.0, 0]);

    [Fact]
    public void Constant_rises_and_stays() =>
        Check(LrSchedulerType.Constant, warmupSteps: 4, totalSteps: 8, [0, 0.25, 0.5, 0.75, 1, 1, 1, 1, 1]);

    /// <summary>Half a cosine at multiples of 15 degrees.</summary>
    [Fact]
    public void Cosine_rises_and_falls_along_half_a_wave() =>
        Check(LrSchedulerType.Cosine, warmupSteps: 3, totalSteps: 15,
            [0, 1 / 3.0, 2 / 3.0, 1, (4 + Math.Sqrt(6) + Math.Sqrt(2)) / 8, (2 + Math.Sqrt(3)) / 4, (2 + Math.Sqrt(2)) / 4, 0.75, (4 + Math.Sqrt(6) - Math.Sqrt(2)) / 8, 0.5,
                (4 - Math.Sqrt(6) + Math.Sqrt(2)) / 8, 0.25, (2 - Math.Sqrt(2)) / 4, (2 - Math.Sqrt(3)) / 4, (4 - Math.Sqrt(6) - Math.Sqrt(2)) / 8, 0]);

    [Theory]
    [InlineData(LrSchedulerType.Linear)]
    [InlineData(LrSchedulerType.Cosine)]
    [InlineData(LrSchedulerType.Constant)]
    public void Without_warm_up_the_first_step_has_the_peak(LrSchedulerType type) => Assert.Equal(3e-4, new LearningRate(type, 3e-4, 0, 7).At(0));

    [Theory]
    [InlineData(null, 0.03, 100, 3)]
    [InlineData(null, 0.03, 101, 4)]
    [InlineData(null, 0.03, 1, 1)]
    [InlineData(null, 0.0, 100, 0)]
    [InlineData(null, 1.0, 50, 50)]
    [InlineData(7, 0.5, 100, 7)]
    [InlineData(0, 0.5, 100, 0)]
    public void Warm_up_is_the_steps_asked_for_or_the_share_rounded_up(int? steps, double ratio, int totalSteps, int expected) =>
        Assert.Equal(expected, LearningRate.WarmupSteps(Options with { WarmupSteps = steps, WarmupRatio = ratio }, totalSteps));

    /// <summary>Worked out with another implementation of SplitMix64 and Fisher–Yates: the order must be this one on every machine and runtime.</summary>
    [Fact]
    public void The_order_of_a_seed_never_changes()
    {
        Assert.Equal([6, 11, 1, 0, 8, 7, 9, 3, 5, 4, 2, 10], Epoch(new BatchOrder(12, 5, shuffle: true, seed: 42), 0));
        Assert.Equal([8, 3, 7, 10, 0, 9, 6, 2, 11, 5, 1, 4], Epoch(new BatchOrder(12, 5, shuffle: true, seed: 42), 1));
        Assert.Equal([11, 9, 8, 6, 5, 10, 0, 7, 2, 4, 3, 1], Epoch(new BatchOrder(12, 5, shuffle: true, seed: -1), 0));
    }

    [Fact]
    public void Every_epoch_is_a_permutation_of_its_own()
    {
        var order = new BatchOrder(101, 8, shuffle: true, seed: 3);
        var epochs = Enumerable.Range(0, 5).Select(epoch => Epoch(order, epoch)).ToArray();

        Assert.All(epochs, epoch => Assert.Equal(Enumerable.Range(0, 101), epoch.Order()));
        Assert.Equal(5, epochs.Select(epoch => string.Join(',', epoch)).Distinct().Count());
        Assert.NotEqual(epochs[0], Epoch(new BatchOrder(101, 8, shuffle: true, seed: 4), 0));
    }

    [Fact]
    public void A_step_is_the_same_whichever_steps_were_asked_for_before()
    {
        var all = new BatchOrder(20, 6, shuffle: true, seed: 9);
        foreach (var step in new[] { 11, 0, 5, 4, 11 })
        {
            Assert.Equal(new BatchOrder(20, 6, shuffle: true, seed: 9).At(step), all.At(step));
        }
    }

    [Fact]
    public void Without_shuffling_the_order_is_that_of_the_file_and_the_last_batch_is_smaller()
    {
        var order = new BatchOrder(7, 3, shuffle: false, seed: 42);

        Assert.Equal(3, order.StepsPerEpoch);
        Assert.Equal([0, 1, 2], order.At(0));
        Assert.Equal([3, 4, 5], order.At(1));
        Assert.Equal([6], order.At(2));
        Assert.Equal([0, 1, 2], order.At(3));
    }

    [Theory]
    [InlineData(1, null, 8)]
    [InlineData(3, null, 24)]
    [InlineData(1.5, null, 12)]
    [InlineData(0.01, null, 1)]
    [InlineData(3, 5, 5)]
    [InlineData(1, 50, 50)]
    public void Steps_are_those_of_the_epochs_unless_a_number_of_steps_is_asked_for(double epochs, int? maxSteps, int expected) =>
        Assert.Equal(expected, new BatchOrder(60, 8, shuffle: true, seed: 1).TotalSteps(Options with { Epochs = epochs, MaxSteps = maxSteps }));

    private static TrainOptions Options { get; } = new() { Model = "", Data = [], Output = "" };

    private static void Check(LrSchedulerType type, int warmupSteps, int totalSteps, double[] expected)
    {
        var schedule = new LearningRate(type, 2e-3, warmupSteps, totalSteps);
        Assert.Equal(totalSteps + 1, expected.Length);
        for (var step = 0; step < totalSteps; step++)
        {
            // The last rates of the cosine are differences of almost equal numbers.
            Relative.Equal(2e-3 * expected[step], schedule.At(step), 1e-13);
        }
        Assert.Equal(2e-3 * expected[totalSteps], schedule.At(totalSteps));
    }

    private static int[] Epoch(BatchOrder order, int epoch) =>
        [.. Enumerable.Range(epoch * order.StepsPerEpoch, order.StepsPerEpoch).SelectMany(step => order.At(step).ToArray())];
}
