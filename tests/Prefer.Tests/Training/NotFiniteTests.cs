using Prefer.Training;
using Xunit;

namespace Prefer.Tests.Training;

/// <summary>A loss that is no number stops the run and says where, with which comparisons, and what to try.</summary>
[Collection(Torch.ProcessWide.Name)]
public sealed class NotFiniteTests : IDisposable
{
    private readonly SmallRun small = new();

    public void Dispose() => small.Dispose();

    [Fact]
    public void A_training_loss_that_is_not_finite_names_the_step_and_its_comparisons()
    {
        var options = Exploding() with { EvalData = [], EvalSteps = null, Shuffle = false };

        var error = Assert.Throws<TrainingException>(() => RewardTrainer.Train(options, stop: TestContext.Current.CancellationToken));

        Assert.False(error.IsUsage);
        // Rows 8 to 15 in the order of the file; ids of rows that are left out would be missing.
        Assert.StartsWith("step 2: the loss is NaN", error.Message, StringComparison.Ordinal);
        Assert.Contains(string.Join(", ", Enumerable.Range(8, 8).Select(index => $"train-{index}")), error.Message, StringComparison.Ordinal);
        Assert.Contains("Try a lower --learning-rate", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(options.Output, "model.safetensors")));
    }

    [Fact]
    public void An_evaluation_loss_that_is_not_finite_names_the_step_and_the_comparisons()
    {
        var error = Assert.Throws<TrainingException>(() => RewardTrainer.Train(Exploding() with { EvalSteps = 1 }, stop: TestContext.Current.CancellationToken));

        Assert.False(error.IsUsage);
        Assert.StartsWith("step 1: eval_loss is NaN. The comparisons whose rewards are not finite: eval-0, eval-1, ", error.Message, StringComparison.Ordinal);
        Assert.Contains("Try a lower --learning-rate", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_whose_rewards_are_not_finite_is_not_saved()
    {
        var options = Exploding() with { EvalData = [], EvalSteps = null, MaxSteps = 1, SaveSteps = null };

        var error = Assert.Throws<TrainingException>(() => RewardTrainer.Train(options, stop: TestContext.Current.CancellationToken));

        Assert.False(error.IsUsage);
        Assert.Contains("the model was not saved, because it rewards a probe with NaN", error.Message, StringComparison.Ordinal);
        Assert.Equal(["metrics.jsonl", "run.json"], Directory.EnumerateFileSystemEntries(options.Output).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_command_line_fails_with_1_and_shows_no_stack()
    {
        var (exitCode, output, error) = TrainingProcess.Run([.. small.Arguments("run").Select(argument => argument == "3e-3" ? "1e30" : argument)]);

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains("prefer: step ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    private TrainOptions Exploding() => small.Options("run") with { LearningRate = 1e30, WarmupSteps = 0 };
}
