using Xunit;

namespace Prefer.Tests.Training;

/// <summary>Ctrl-C and a full disk, of the real process: what is on disk stays whole, and the run can go on.</summary>
public sealed class InterruptionTests : IDisposable
{
    // Weights that are larger than what else a run writes: its log and the generator's state.
    private readonly SmallRun small = new(vocabularySize: 1000);

    public void Dispose() => small.Dispose();

    [Fact]
    public void Ctrl_C_saves_a_checkpoint_and_no_model_and_the_resumed_run_ends_like_another()
    {
        var output = small.File("stopped");
        using var process = TrainingProcess.Start(small.Arguments("stopped", "--json"));
        process.WaitFor(() => File.Exists(Path.Combine(output, "metrics.jsonl")) && new FileInfo(Path.Combine(output, "metrics.jsonl")).Length > 0);
        process.Interrupt();
        var (exitCode, json, error) = process.End();

        Assert.True(exitCode == 130, error);
        Assert.Contains("\"end\":\"interrupted\"", json, StringComparison.Ordinal);
        var step = RunEnd.Checkpoints(output)[^1];
        Assert.Contains($"Stopped after step {step} of {SmallRun.TotalSteps}; a checkpoint is saved. Go on with the same command and --resume.", error, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(output, "model.safetensors")));
        Assert.False(File.Exists(Path.Combine(output, "config.json")));
        Assert.Single(error.Split('\n'), line => line.StartsWith("train ", StringComparison.Ordinal));

        Succeed(small.Arguments("stopped", "--resume"));
        Succeed(small.Arguments("other"));
        Assert.Equal(RunEnd.Of(small.File("other")), RunEnd.Of(output));
    }

    [Fact]
    public void A_disk_that_is_full_while_saving_leaves_the_older_checkpoint_and_says_what_to_do()
    {
        var output = small.File("full");
        // The optimizer's file, two numbers a weight, is twice the model's. The page of the run is left out, which would be too large as well.
        Succeed(small.Arguments("whole", "--no-report"));
        var limit = (int)(new FileInfo(Path.Combine(small.File("whole"), "model.safetensors")).Length * 3 / 2 / 1024);
        // On a busy machine the signal may come when the run has ended; then another is begun.
        int exit;
        var attemptCount = 0;
        do
        {
            using var stopped = TrainingProcess.Start(small.Arguments("full", "--overwrite", "--no-report"));
            stopped.WaitFor(() => RunEnd.Checkpoints(output).Length > 0);
            stopped.Interrupt();
            exit = stopped.End().ExitCode;
        }
        while (exit == 0 && ++attemptCount < 5);
        Assert.Equal(130, exit);
        var before = RunEnd.Checkpoints(output);

        using var full = TrainingProcess.StartWithFileLimit(limit, small.Arguments("full", "--resume", "--no-report"));
        var (exitCode, _, error) = full.End();

        Assert.True(exitCode == 1, error);
        Assert.Contains("optimizer.safetensors", error, StringComparison.Ordinal);
        Assert.Contains($"Free space on the disk of {output}, then go on with the same command and --resume.", error, StringComparison.Ordinal);
        Assert.Equal(before, RunEnd.Checkpoints(output));
        Assert.DoesNotContain(Directory.GetFileSystemEntries(output, "*", SearchOption.AllDirectories), path => Path.GetFileName(path).StartsWith('.') || path.EndsWith(".tmp", StringComparison.Ordinal));
        Succeed(small.Arguments("full", "--resume", "--no-report"));
        Assert.Equal(RunEnd.Of(small.File("whole")), RunEnd.Of(output));
    }

    private static void Succeed(string[] arguments)
    {
        var (exitCode, _, error) = TrainingProcess.Run(arguments);
        Assert.True(exitCode == 0, error);
    }
}
