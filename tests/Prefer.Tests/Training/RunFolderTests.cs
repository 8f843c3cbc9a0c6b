using System.Text.Json;
using System.Text.Json.Nodes;
using Prefer.Data;
using Prefer.Models;
using Prefer.Training;
using Xunit;

namespace Prefer.Tests.Training;

/// <summary>What a run finds in its output folder, what it refuses there, and what it records.</summary>
[Collection(Torch.ProcessWide.Name)]
public sealed class RunFolderTests : IDisposable
{
    private readonly SmallRun small = new();
    private readonly TrainOptions options;

    public RunFolderTests() => options = small.Options("run") with { MaxSteps = 6 };

    /// <summary>Changes that a resumed run may not have, by the option that the message names and the two values.</summary>
    private static Dictionary<string, Func<TrainOptions, TrainOptions>> Changes { get; } = new()
    {
        ["--learning-rate 0.003, now it is 0.004"] = options => options with { LearningRate = 4e-3 },
        ["--seed 42, now it is 43"] = options => options with { Seed = 43 },
        ["--max-steps 6, now it is 7"] = options => options with { MaxSteps = 7 },
        ["--warmup-steps unset, now it is 3"] = options => options with { WarmupSteps = 3 },
        ["--eval-data "] = options => options with { EvalData = ["other.jsonl"] },
        ["--lr-scheduler-type \"cosine\", now it is \"linear\""] = options => options with { LrSchedulerType = LrSchedulerType.Linear },
        ["--shuffle true, now it is false"] = options => options with { Shuffle = false },
        ["--metric-for-best-model \"loss\", now it is \"accuracy\""] = options => options with { MetricForBestModel = BestModelMetric.Accuracy },
    };

    public static TheoryData<string> ChangedOptions => [.. Changes.Keys];

    public void Dispose() => small.Dispose();

    [Fact]
    public void A_folder_that_is_not_empty_is_refused()
    {
        Directory.CreateDirectory(options.Output);
        File.WriteAllText(Path.Combine(options.Output, "notes.txt"), "mine");

        Refused(options, $"--output {options.Output}: the folder is not empty. Go on with the run in it with --resume, replace it with --overwrite, or name another folder.");
    }

    [Fact]
    public void A_file_is_refused()
    {
        File.WriteAllText(options.Output, "");

        Refused(options, $"--output {options.Output}: is a file; a folder was expected");
    }

    [Fact]
    public void A_folder_without_a_run_is_not_resumed_and_stays_as_it_is()
    {
        Directory.CreateDirectory(options.Output);
        File.WriteAllText(Path.Combine(options.Output, "config.json"), "someone's model");

        Refused(options with { Resume = true }, $"--resume: {options.Output} is not empty and holds no run: it has no run.json. Name the folder of the run.");
        Assert.Equal("someone's model", File.ReadAllText(Path.Combine(options.Output, "config.json")));
    }

    [Fact]
    public void The_model_s_own_folder_is_refused()
    {
        var model = HeadedCopy("model");

        Refused(options with { Model = model, Output = Path.Combine(model, "."), Overwrite = true }, "is the folder of --model too, which the run would replace. Name another folder.");
        Assert.True(File.Exists(Path.Combine(model, "model.safetensors")));
    }

    [Fact]
    public void A_finished_run_is_not_resumed()
    {
        Train(options);

        Refused(options with { Resume = true }, $"--resume: the run in {options.Output} has ended; its model is there. Begin anew with --overwrite, or name another folder.");
    }

    [Fact]
    public void A_broken_record_of_the_run_is_named()
    {
        Directory.CreateDirectory(options.Output);
        File.WriteAllText(Path.Combine(options.Output, "run.json"), "{ \"options\"");

        Refused(options with { Resume = true }, $"{Path.Combine(options.Output, "run.json")}: not the JSON of a run");
    }

    [Theory]
    [MemberData(nameof(ChangedOptions))]
    public void Resuming_with_another_option_is_refused(string named)
    {
        Interrupt();

        Refused(Changes[named](options) with { Resume = true }, $"--resume: the run in {options.Output} has {named}", "Resume with the options it began with, or begin anew with --overwrite.");
    }

    [Theory]
    [InlineData("train.jsonl", "training")]
    [InlineData("eval.jsonl", "evaluation")]
    public void Resuming_on_other_data_is_refused(string file, string named)
    {
        Interrupt();
        File.AppendAllLines(small.File(file), SmallRun.Rows("more", 1, seed: 3));

        Refused(options with { Resume = true }, $"--resume: the {named} data is not what the run began with. Restore it, or begin anew with --overwrite.");
    }

    [Fact]
    public void A_run_goes_on_in_a_folder_that_was_moved()
    {
        Train(options);
        var end = RunEnd.Of(options.Output);
        Directory.Delete(options.Output, recursive: true);
        Interrupt();
        Directory.Move(options.Output, small.File("moved"));

        Train(options with { Resume = true, Output = small.File("moved") });

        Assert.Equal(end, RunEnd.Of(small.File("moved")));
    }

    [Fact]
    public void Resuming_where_nothing_is_begins()
    {
        Train(options);

        Train(options with { Resume = true, Output = small.File("empty") });

        Assert.Equal(RunEnd.Of(options.Output), RunEnd.Of(small.File("empty")));
    }

    [Fact]
    public void Overwriting_replaces_the_run_and_nothing_else()
    {
        Train(options with { Seed = 1 });
        File.WriteAllText(Path.Combine(options.Output, "notes.txt"), "mine");

        Train(options with { Overwrite = true, MaxSteps = 2 });

        Assert.Equal("mine", File.ReadAllText(Path.Combine(options.Output, "notes.txt")));
        Assert.Equal([2], RunEnd.Checkpoints(options.Output));
        File.Delete(Path.Combine(options.Output, "notes.txt"));
        Train(options with { Output = small.File("fresh"), MaxSteps = 2 });
        Assert.Equal(RunEnd.Of(small.File("fresh")), RunEnd.Of(options.Output));
    }

    [Fact]
    public void Overwriting_deletes_nothing_before_data_and_model_are_read()
    {
        Train(options);
        var end = RunEnd.Of(options.Output);

        Assert.Throws<DataException>(() => Train(options with { Overwrite = true, Data = [small.File("missing.jsonl")] }));
        Assert.Throws<ModelException>(() => Train(options with { Overwrite = true, Model = "new:nothing" }));

        Assert.Equal(end, RunEnd.Of(options.Output));
    }

    [Fact]
    public void Leftovers_of_a_killed_run_are_deleted_on_resume()
    {
        Interrupt();
        Directory.CreateDirectory(Path.Combine(options.Output, ".checkpoint-6-123"));
        Directory.CreateDirectory(Path.Combine(options.Output, ".saving-123"));
        Directory.CreateDirectory(Path.Combine(options.Output, ".deleting-3-123"));
        File.WriteAllText(Path.Combine(options.Output, "run.json.123.tmp"), "{");

        Train(options with { Resume = true });

        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(options.Output), path => Path.GetFileName(path).StartsWith('.') || path.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Fact]
    public void The_record_holds_every_option_and_what_came_of_the_defaults()
    {
        var asked = options with { LearningRate = null, AdamBeta2 = 0.99, LabelSmoothing = 0.05, Epochs = 2.5, Data = [small.File("train.jsonl"), small.File("eval.jsonl")] };
        Train(asked);

        var run = JsonNode.Parse(File.ReadAllText(Path.Combine(asked.Output, "run.json")))!;
        var saved = run["options"].Deserialize<TrainOptions>(RunState.JsonOptions)!;
        Assert.Equal(asked.Data, saved.Data);
        Assert.Equal(asked.EvalData, saved.EvalData);
        // Lists are compared by reference in records, so they are made equal first.
        Assert.Equal(asked with { Data = saved.Data, EvalData = saved.EvalData }, saved);
        Assert.Equal(1e-4, (double)run["learning_rate"]!);
        Assert.Equal(80, (int)run["data"]!["train"]!["comparisons"]!);
        Assert.Equal(20, (int)run["data"]!["eval"]!["comparisons"]!);
        Assert.Equal("completed", (string)run["result"]!["end"]!);
        var record = JsonNode.Parse(File.ReadAllText(Path.Combine(asked.Output, "prefer.json")))!;
        Assert.True(JsonNode.DeepEquals(run["options"], record["training"]));
        Assert.True(JsonNode.DeepEquals(run["data"], record["data"]));
    }

    private string HeadedCopy(string name)
    {
        var folder = small.File(name);
        Directory.CreateDirectory(folder);
        foreach (var file in new[] { "config.json", "model.safetensors" })
        {
            File.Copy(Path.Combine(Models.ModelFixture.Folder("distilbert"), file), Path.Combine(folder, file));
        }
        return folder;
    }

    private void Interrupt()
    {
        using var stop = new CancellationTokenSource();
        Assert.Equal(TrainingEnd.Interrupted, RewardTrainer.Train(options, new StopAt(4, stop), stop.Token).End);
    }

    private static TrainingSummary Train(TrainOptions options) => RewardTrainer.Train(options, stop: TestContext.Current.CancellationToken);

    private static void Refused(TrainOptions options, params string[] messages)
    {
        var error = Assert.Throws<TrainingException>(() => Train(options));
        Assert.True(error.IsUsage);
        Assert.All(messages, message => Assert.Contains(message, error.Message, StringComparison.Ordinal));
    }
}
