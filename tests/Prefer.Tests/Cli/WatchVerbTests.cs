using System.Text.Json.Nodes;
using Prefer.Cli;
using Prefer.Tests.Codebase;
using Prefer.Tests.Training;
using Xunit;

namespace Prefer.Tests.Cli;

/// <summary><c>prefer watch</c>, in a process beside the one that trains.</summary>
public sealed class WatchVerbTests : IDisposable
{
    private readonly SmallRun run = new();

    public void Dispose() => run.Dispose();

    [Fact]
    public void A_run_is_followed_to_its_end()
    {
        using var training = TrainingProcess.Start(run.Arguments("out"));
        training.WaitFor(() => File.Exists(Path.Combine(run.File("out"), "run.json")));

        var (exitCode, output, error) = Checkout.Prefer("watch", run.File("out"));

        Assert.Equal((0, ""), (exitCode, output));
        Assert.Matches($"The run has ended at step {SmallRun.TotalSteps} of {SmallRun.TotalSteps}, best evaluation at step [0-9]+\\.\n$", error);
        Assert.Contains("eval_accuracy", error, StringComparison.Ordinal);
        Assert.Equal(0, training.End().ExitCode);
    }

    [Fact]
    public void A_run_that_was_stopped_shows_what_there_is()
    {
        Assert.Equal(0, TrainingProcess.Run(run.Arguments("out")).ExitCode);
        SmallRun.Reopen(run.File("out"));

        var (exitCode, _, error) = Checkout.Prefer("watch", run.File("out"), "--once");
        Assert.Equal(0, exitCode);
        Assert.Matches($"Step {SmallRun.TotalSteps} of {SmallRun.TotalSteps}, best evaluation at step [0-9]+\\.\n$", error);
        var lines = File.ReadLines(Path.Combine(run.File("out"), "metrics.jsonl")).Select(line => JsonNode.Parse(line)!).ToArray();
        var first = lines.First(line => line["eval_loss"] is not null);
        Assert.Matches($@"│ eval_loss +│ +{(double)first["eval_loss"]!:0.0000} │ [▁▂▃▄▅▆▇█]{{6}} ", error);

        var json = JsonNode.Parse(Checkout.Prefer("watch", run.File("out"), "--json").Output)!;
        Assert.Null(json["end"]);
        Assert.Equal(lines.Length, json["points"]!.AsArray().Count);
        Assert.Equal((double)first["eval_loss"]!, (double)json["points"]!.AsArray().First(point => (bool)point!["is_evaluation"]!)!["loss"]!);
    }

    [Fact]
    public void A_folder_without_a_run_is_refused()
    {
        var (exitCode, _, error) = Checkout.Prefer("watch", run.File("nothing"));

        Assert.Equal(2, exitCode);
        Assert.StartsWith($"prefer: {run.File("nothing")}: found no run.json; expected the folder of a run", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_curve_is_drawn_from_its_lowest_to_its_highest()
    {
        Assert.Equal("▁▃▅█", Sparkline.Of([0, 2, 4, 7], 60));
        Assert.Equal("▁▁▁", Sparkline.Of([5, 5, 5], 60));
        Assert.Equal("▁█", Sparkline.Of([0, 2, 4, 6], 2));
        Assert.Equal("", Sparkline.Of([], 60));
        Assert.Equal(60, Sparkline.Of([.. Enumerable.Range(0, 601).Select(value => (double)value)], 60).Length);
    }
}
