using Prefer.Training;
using Xunit;

namespace Prefer.Tests.Training;

/// <summary>A checkpoint that something tore is named and passed over; the one before it is used, and the run ends as it would have.</summary>
[Collection(Torch.ProcessWide.Name)]
public sealed class TornCheckpointTests : IDisposable
{
    private readonly SmallRun small = new();

    public void Dispose() => small.Dispose();

    [Theory]
    [InlineData("model.safetensors", "cut")]
    [InlineData("model.safetensors", "changed")]
    [InlineData("model.safetensors", "gone")]
    [InlineData("optimizer.safetensors", "cut")]
    [InlineData("optimizer.safetensors", "changed")]
    [InlineData("optimizer.safetensors", "gone")]
    [InlineData("config.json", "cut")]
    [InlineData("prefer.json", "gone")]
    [InlineData("state.json", "cut")]
    [InlineData("state.json", "gone")]
    public void A_torn_checkpoint_is_passed_over(string file, string damage)
    {
        var (output, end) = Unfinished();
        var last = Path.Combine(output, $"checkpoint-{SmallRun.TotalSteps}");
        Damage(Path.Combine(last, file), damage);
        var notes = new Notes();

        RewardTrainer.Train(small.Options("run") with { Resume = true }, notes, TestContext.Current.CancellationToken);

        var note = Assert.Single(notes.Texts, text => text.Contains("passed over", StringComparison.Ordinal));
        Assert.StartsWith($"{last} is not whole (", note, StringComparison.Ordinal);
        Assert.Contains(file, note, StringComparison.Ordinal);
        Assert.Equal(end, RunEnd.Of(output));
    }

    [Fact]
    public void A_checkpoint_under_another_number_is_passed_over()
    {
        var (output, _) = Unfinished();
        Directory.Move(Path.Combine(output, $"checkpoint-{SmallRun.TotalSteps}"), Path.Combine(output, "checkpoint-99"));
        var notes = new Notes();

        RewardTrainer.Train(small.Options("run") with { Resume = true }, notes, TestContext.Current.CancellationToken);

        Assert.Contains(notes.Texts, text => text.Contains("checkpoint-99 is not whole (state.json is of another step)", StringComparison.Ordinal));
    }

    [Fact]
    public void Where_all_are_torn_the_run_begins_anew()
    {
        var (output, end) = Unfinished();
        foreach (var step in RunEnd.Checkpoints(output))
        {
            Damage(Path.Combine(output, $"checkpoint-{step}", "state.json"), "cut");
        }

        RewardTrainer.Train(small.Options("run") with { Resume = true }, stop: TestContext.Current.CancellationToken);

        Assert.Equal(end, RunEnd.Of(output));
    }

    [Fact]
    public void A_torn_later_checkpoint_does_not_push_a_new_one_out()
    {
        // With one checkpoint kept, the torn one is the latest until the run is past it.
        var options = small.Options("one") with { SaveTotalLimit = 1, EvalData = [], EvalSteps = null };
        RewardTrainer.Train(options with { MaxSteps = 24 }, stop: TestContext.Current.CancellationToken);
        var output = options.Output;
        SmallRun.Reopen(output);
        Damage(Path.Combine(output, "checkpoint-24", "state.json"), "cut");
        using var stop = new CancellationTokenSource();
        var stopAtFour = new StopAt(4, stop);

        var summary = RewardTrainer.Train(options with { Resume = true }, stopAtFour, stop.Token);

        Assert.Equal((TrainingEnd.Interrupted, 4), (summary.End, summary.Steps));
        Assert.Equal([4, 24], RunEnd.Checkpoints(output));
    }

    /// <summary>A run that was killed after its last checkpoint, and what it would have left.</summary>
    private (string Output, RunEnd End) Unfinished()
    {
        var options = small.Options("run");
        RewardTrainer.Train(options, stop: TestContext.Current.CancellationToken);
        var end = RunEnd.Of(options.Output);
        SmallRun.Reopen(options.Output);
        return (options.Output, end);
    }

    private static void Damage(string path, string damage)
    {
        var bytes = File.ReadAllBytes(path);
        switch (damage)
        {
            case "cut":
                File.WriteAllBytes(path, bytes[..(bytes.Length / 2)]);
                break;
            case "changed":
                bytes[^5] ^= 1;
                File.WriteAllBytes(path, bytes);
                break;
            default:
                File.Delete(path);
                break;
        }
    }
}
