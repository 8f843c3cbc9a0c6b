using System.Globalization;
using Xunit;

namespace Prefer.Tests.Training;

/// <summary>
/// The real process is killed (SIGKILL) at seeded instants and resumed: what it leaves at its end equals, bit for bit and apart
/// from times, what a run leaves that nobody killed.
/// </summary>
public sealed class KillTests(KillTests.Reference reference) : IClassFixture<KillTests.Reference>
{
    /// <summary>Attempts to hit a save, which lasts some milliseconds.</summary>
    private const int AttemptCount = 8;

    /// <summary>Files by whose appearance a save shows how far it is.</summary>
    private static readonly string[] Stages = ["", ".saving-", "config.json", "model.safetensors", "optimizer.safetensors.", "optimizer.safetensors", "state.json"];

    [Fact]
    public void A_run_killed_before_its_first_checkpoint_begins_anew()
    {
        Kill("none", resume: false, output => File.Exists(Path.Combine(output, "metrics.jsonl")));

        Assert.Empty(RunEnd.Checkpoints(reference.Small.File("none")));
        ResumeToTheEnd("none");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    public void A_run_killed_inside_a_save_goes_on_from_the_checkpoint_before(int seed)
    {
        var random = new Random(seed);
        var (firstStep, stage, name) = (random.Next(SmallRun.TotalSteps * 2 / 3), Stages[seed - 1], $"save-{seed}");
        for (var attempt = 1; !Saves(name, "").Any(); attempt++)
        {
            Assert.True(attempt <= AttemptCount, $"no save was hit in {AttemptCount} attempts");
            Kill(name, resume: attempt > 1, _ => Saves(name, stage).Any(step => step >= firstStep));
        }

        var whole = RunEnd.Checkpoints(reference.Small.File(name));
        Assert.DoesNotContain(Saves(name, "").Single(), whole);
        ResumeToTheEnd(name);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(14)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(18)]
    [InlineData(19)]
    public void A_run_killed_anywhere_ends_like_one_that_was_not(int seed)
    {
        var random = new Random(seed);
        var lineCount = reference.LineCount;
        for (var kill = 0; kill <= seed % 2; kill++)
        {
            var (after, delay) = (random.Next(lineCount), random.Next(10));
            Kill($"any-{seed}", resume: kill > 0, output => LineCount(output) >= after, delay);
        }

        ResumeToTheEnd($"any-{seed}");
    }

    private void Kill(string name, bool resume, Func<string, bool> when, int delayMilliseconds = 0)
    {
        var output = reference.Small.File(name);
        using var process = TrainingProcess.Start(reference.Small.Arguments(name, resume ? ["--resume"] : []));
        process.WaitFor(() => when(output));
        Thread.Sleep(delayMilliseconds);
        process.Kill();
    }

    private void ResumeToTheEnd(string name)
    {
        var output = reference.Small.File(name);
        var result = TrainingProcess.Run(reference.Small.Arguments(name, "--resume"));
        // A run that was over before the instant came has nothing left to resume, and says so.
        Assert.True(result.ExitCode == 0 || result.Error.Contains("has ended", StringComparison.Ordinal), result.Error);
        Assert.Equal(reference.End, RunEnd.Of(output));
    }

    /// <summary>Steps whose checkpoints are being written, at least as far as the file whose name begins so.</summary>
    private IEnumerable<int> Saves(string name, string stage)
    {
        var output = reference.Small.File(name);
        return Entries(output).Where(path => Path.GetFileName(path).StartsWith(".checkpoint-", StringComparison.Ordinal))
            .Where(path => stage.Length == 0 || Entries(path).Any(file => Path.GetFileName(file).StartsWith(stage, StringComparison.Ordinal)))
            .Select(path => int.Parse(Path.GetFileName(path).Split('-')[1], CultureInfo.InvariantCulture));
    }

    private static string[] Entries(string folder)
    {
        try
        {
            return Directory.GetFileSystemEntries(folder);
        }
        catch (DirectoryNotFoundException)
        {
            // Not there yet, or renamed in this moment.
            return [];
        }
    }

    private static int LineCount(string output)
    {
        var path = Path.Combine(output, "metrics.jsonl");
        if (!File.Exists(path))
        {
            return 0;
        }
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Count(character => character == '\n');
    }

    /// <summary>The run that nobody kills.</summary>
    public sealed class Reference : IDisposable
    {
        public Reference()
        {
            var (exitCode, _, error) = TrainingProcess.Run(Small.Arguments("reference"));
            Assert.True(exitCode == 0, error);
            (End, LineCount) = (RunEnd.Of(Small.File("reference")), KillTests.LineCount(Small.File("reference")));
        }

        internal SmallRun Small { get; } = new();

        internal RunEnd End { get; }

        internal int LineCount { get; }

        public void Dispose() => Small.Dispose();
    }
}
