using System.Text.Json.Nodes;
using Prefer.Models;
using Prefer.Models.Files;
using Prefer.Torch;
using Prefer.Training;
using Xunit;

namespace Prefer.Tests.Training;

/// <summary>When a run evaluates, which checkpoint is the best, when it stops early, and what stays on disk.</summary>
[Collection(Torch.ProcessWide.Name)]
public sealed class StoppingTests : IDisposable
{
    private readonly SmallRun small = new();
    private readonly Notes notes = new();

    public void Dispose() => small.Dispose();

    [Theory]
    [InlineData(BestModelMetric.Loss)]
    [InlineData(BestModelMetric.Accuracy)]
    public void Evaluations_that_get_worse_stop_the_run_and_the_best_weights_become_the_model(BestModelMetric metric)
    {
        var options = Worsening() with { MetricForBestModel = metric, EarlyStoppingPatience = 2 };

        var summary = Train(options);

        var evaluations = notes.Evaluations.ToList();
        var best = metric == BestModelMetric.Loss ? evaluations.MinBy(found => found.Loss)! : evaluations.MaxBy(found => found.Accuracy)!;
        Assert.Equal(TrainingEnd.StoppedEarly, summary.End);
        Assert.True(summary.Steps < summary.TotalSteps);
        Assert.Equal(best.Step + 2, summary.Steps); // an evaluation a step, two of them in vain
        Assert.Equal(evaluations.Select(found => found.Step == best.Step || evaluations.TakeWhile(other => other != found).All(other => Better(metric, found, other))), evaluations.Select(found => found.IsBest));
        Assert.Equal(new BestEvaluation(best.Step, metric == BestModelMetric.Loss ? best.Loss : best.Accuracy!.Value), summary.Best);
        Assert.Contains(best.Step, RunEnd.Checkpoints(options.Output));
        Assert.Equal(Weights(Path.Combine(options.Output, $"checkpoint-{best.Step}")), Weights(options.Output));
        Assert.NotEqual(Weights(Path.Combine(options.Output, $"checkpoint-{summary.Steps}")), Weights(options.Output));
        using var reloaded = RewardModel.Load(options.Output);
    }

    [Fact]
    public void A_run_killed_between_its_early_stop_and_its_end_stays_stopped()
    {
        var options = Worsening() with { EarlyStoppingPatience = 2 };
        var steps = Train(options).Steps;
        var end = RunEnd.Of(options.Output);
        SmallRun.Reopen(options.Output);

        var resumed = Train(options with { Resume = true });

        Assert.Equal((TrainingEnd.StoppedEarly, steps), (resumed.End, resumed.Steps));
        Assert.Equal(end, RunEnd.Of(options.Output));
    }

    [Fact]
    public void Evaluations_that_get_better_never_stop_the_run()
    {
        var summary = Train(small.Options("run") with { EvalData = [small.File("train.jsonl")], Dropout = 0, EarlyStoppingPatience = 1, LearningRate = 1e-3 });

        Assert.Equal((TrainingEnd.Completed, SmallRun.TotalSteps), (summary.End, summary.Steps));
        Assert.All(notes.Evaluations, evaluation => Assert.True(evaluation.IsBest));
        Assert.Equal(SmallRun.TotalSteps, summary.Best!.Step);
    }

    [Fact]
    public void The_latest_checkpoints_and_the_best_one_stay()
    {
        var options = Worsening() with { SaveSteps = 2, SaveTotalLimit = 3, MaxSteps = 15 };

        var summary = Train(options);

        Assert.True(summary.Best!.Step < 10);
        Assert.Equal([summary.Best.Step, 12, 14, 15], RunEnd.Checkpoints(options.Output));
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(options.Output), path => Path.GetFileName(path).StartsWith('.'));
    }

    [Theory]
    [InlineData(null, 20, "8 16 20")]
    [InlineData(null, 24, "8 16 24")]
    [InlineData(6, 20, "6 12 18 20")]
    [InlineData(100, 20, "20")]
    public void Evaluations_come_when_asked_for_or_after_each_epoch_and_always_at_the_end(int? evalSteps, int maxSteps, string expected)
    {
        var options = small.Options("run") with { EvalSteps = evalSteps, MaxSteps = maxSteps, SaveSteps = null };

        Train(options);

        Assert.Equal(expected, string.Join(' ', notes.Evaluations.Select(evaluation => evaluation.Step)));
        var lines = File.ReadLines(Path.Combine(options.Output, "metrics.jsonl")).Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal(expected, string.Join(' ', lines.Where(line => line["eval_loss"] is not null).Select(line => (int)line["step"]!)));
        Assert.Equal(maxSteps, lines.Where(line => line["loss"] is not null).Select(line => (int)line["step"]!).Last());
    }

    [Fact]
    public void Without_evaluation_or_save_steps_there_is_the_model_and_no_checkpoint()
    {
        var options = small.Options("run") with { EvalData = [], EvalSteps = null, SaveSteps = null, MaxSteps = 3 };

        var summary = Train(options);

        Assert.Null(summary.Best);
        Assert.Empty(RunEnd.Checkpoints(options.Output));
        Assert.Equal(["config.json", "metrics.jsonl", "model.safetensors", "prefer.json", "run.json"], Directory.EnumerateFileSystemEntries(options.Output).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Evaluation_figures_are_means_over_its_comparisons_each_counting_once()
    {
        var options = small.Options("run") with { MaxSteps = 2, SaveSteps = null };
        Train(options);
        var line = File.ReadLines(Path.Combine(options.Output, "metrics.jsonl")).Select(text => JsonNode.Parse(text)!).Last();
        var rows = File.ReadLines(small.File("eval.jsonl")).Select(text => JsonNode.Parse(text)!).ToList();
        using var model = RewardModel.Load(options.Output);
        double Reward(JsonNode ids) => model.Score([new EncodedSequence([.. ids.AsArray().Select(id => (int)id!)], [], 0)]).Single();
        var pairs = rows.Select(row => (Chosen: Reward(row["chosen_ids"]!), Rejected: Reward(row["rejected_ids"]!), Label: (double?)row["y"] ?? 1)).ToList();

        // Rewards in fp32, one at a time here and packed together there.
        Assert.Equal(pairs.Average(pair => RewardLoss.Of(pair.Chosen, pair.Rejected, pair.Label)), (double)line["eval_loss"]!, 1e-6);
        Assert.Equal(pairs.Where(pair => pair.Label != 0.5).Average(pair => pair.Chosen > pair.Rejected ? 1.0 : 0), (double)line["eval_accuracy"]!, 1e-12);
        Assert.Equal(pairs.Average(pair => pair.Chosen - pair.Rejected), (double)line["eval_margin"]!, 1e-6);
        Assert.Equal(pairs.Average(pair => (pair.Chosen + pair.Rejected) / 2), (double)line["eval_mean_reward"]!, 1e-6);
        Assert.Equal(pairs.Min(pair => Math.Min(pair.Chosen, pair.Rejected)), (double)line["eval_min_reward"]!, 1e-6);
        Assert.Equal(pairs.Max(pair => Math.Max(pair.Chosen, pair.Rejected)), (double)line["eval_max_reward"]!, 1e-6);
    }

    private static bool Better(BestModelMetric metric, TrainingEvent.Evaluated found, TrainingEvent.Evaluated other) =>
        metric == BestModelMetric.Loss ? found.Loss < other.Loss : found.Accuracy > other.Accuracy;

    /// <summary>A run whose evaluation data says the opposite of what is trained, so that evaluations get worse as it learns.</summary>
    private TrainOptions Worsening()
    {
        var opposite = File.ReadLines(small.File("train.jsonl")).Select(line => JsonNode.Parse(line)!).Where(row => row["y"] is null)
            .Select(row => new JsonObject { ["chosen_ids"] = row["rejected_ids"]!.DeepClone(), ["rejected_ids"] = row["chosen_ids"]!.DeepClone() }.ToJsonString());
        File.WriteAllLines(small.File("opposite.jsonl"), opposite);
        return small.Options("run") with { EvalData = [small.File("opposite.jsonl")], EvalSteps = 1, Dropout = 0, LearningRate = 1e-2 };
    }

    private TrainingSummary Train(TrainOptions options) => RewardTrainer.Train(options, notes, TestContext.Current.CancellationToken);

    private static float[] Weights(string folder)
    {
        using var file = SafetensorsFile.Open(Path.Combine(folder, "model.safetensors"));
        using var scope = new TensorScope();
        return [.. file.Entries.Keys.Order(StringComparer.Ordinal).SelectMany(name => file.Read(name).ToArray<float>())];
    }
}
