using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Prefer.Data;
using Prefer.Models;
using Prefer.Torch;

namespace Prefer.Training;

/// <summary>
/// Trains a reward model on comparisons: the loop is <see cref="Loop"/>, one optimizer step is <see cref="TrainingStep"/>. Left
/// out on purpose: how anything is shown.
/// </summary>
public sealed class RewardTrainer : IDisposable
{
    private readonly TrainOptions options;
    private readonly IProgress<TrainingEvent>? progress;
    private readonly RunFolder folder;
    private readonly RewardModel model;
    private readonly AdamW optimizer;
    private readonly TrainingSet training;
    private readonly TrainingSet? evaluation;
    private readonly BatchOrder order;
    private readonly LearningRate schedule;
    private readonly MetricsLog metrics;
    private readonly JsonObject record;
    private readonly int totalSteps;
    private readonly long started = Stopwatch.GetTimestamp();
    private RunState state;

    private RewardTrainer(TrainOptions options, RunFolder folder, IProgress<TrainingEvent>? progress)
    {
        (this.options, this.folder, this.progress) = (options, folder, progress);
        var rows = TrainingRows.Read(options.Data, mixes: true, options, Note);
        var resumed = options.Resume ? folder.Checkpoints.Latest(Note) : null;
        state = resumed ?? new RunState();
        model = resumed is null ? TrainingModel.Open(options, rows.All) : RewardModel.Load(folder.Checkpoints.PathOf(state.Step), new LoadOptions { Device = options.Device, Trainable = true });
        try
        {
            foreach (var notice in model.Notices)
            {
                Note(notice);
            }
            training = TrainingSet.Encode(rows, model, string.Join(", ", options.Data));
            if (options.EvalData.Count > 0)
            {
                evaluation = TrainingSet.Encode(TrainingRows.Read(options.EvalData, mixes: false, options, Note), model, string.Join(", ", options.EvalData));
            }
            if (resumed is not null)
            {
                CheckSameData("training", state.DataFingerprint, training);
                CheckSameData("evaluation", state.EvalFingerprint, evaluation);
            }
            var mixture = training.Report.Sources.IsEmpty ? null : new MixtureOrder(training.Report.Sources, options.Shuffle, options.Seed);
            order = new BatchOrder(mixture?.Count ?? training.Items.Length, options.BatchSize, options.Shuffle, options.Seed, mixture);
            totalSteps = order.TotalSteps(options);
            var peak = options.LearningRate ?? TrainingModel.DefaultLearningRate(options.Model);
            schedule = new LearningRate(options.LrSchedulerType, peak, LearningRate.WarmupSteps(options, totalSteps), totalSteps);
            optimizer = new AdamW(model.Parameters, options);
            if (resumed is null)
            {
                TorchRuntime.ManualSeed((ulong)options.Seed);
            }
            else
            {
                folder.Checkpoints.Restore(state, optimizer);
                TorchRuntime.SetGeneratorState(state.Generator, options.Device);
            }
            if (options.Overwrite)
            {
                folder.Clear();
            }
            record = RunRecord(peak);
            folder.WriteRun(options, record, null);
            metrics = new MetricsLog(folder.MetricsPath, state.MetricsLength);
        }
        catch
        {
            optimizer?.Dispose();
            model.Dispose();
            throw;
        }
    }

    /// <summary>Trains as the options say and leaves the model in the output folder.</summary>
    /// <param name="options">The run.</param>
    /// <param name="progress">Is told what happens, on this thread; null for silence.</param>
    /// <param name="stop">Ends the run after the step under way, with a checkpoint to resume from.</param>
    /// <exception cref="TrainingException">Wrong options, a loss that is not finite, or a disk that is full.</exception>
    /// <exception cref="DataException">The data cannot be read.</exception>
    /// <exception cref="ModelException">The model cannot be used.</exception>
    public static TrainingSummary Train(TrainOptions options, IProgress<TrainingEvent>? progress = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var folder = RunFolder.Open(options, out var finished);
        if (finished)
        {
            throw new TrainingException($"--resume: the run in {options.Output} has ended; its model is there. Begin anew with --overwrite, or name another folder.", isUsage: true);
        }
        using var trainer = new RewardTrainer(options, folder, progress);
        try
        {
            return trainer.Loop(stop);
        }
        catch (IOException error)
        {
            throw new TrainingException($"step {trainer.state.Step}: {error.Message}. Free space on the disk of {options.Output}, then go on with the same command and --resume.", isUsage: false, error);
        }
        catch (ModelException error)
        {
            throw new TrainingException($"step {trainer.state.Step}: {error.Message}", isUsage: false, error);
        }
    }

    /// <summary>Frees model and optimizer.</summary>
    public void Dispose()
    {
        metrics.Dispose();
        optimizer.Dispose();
        model.Dispose();
    }

    private TrainingSummary Loop(CancellationToken stop)
    {
        progress?.Report(new TrainingEvent.Started(state.Step, totalSteps, model.Parameters.Names.Sum(name => model.Parameters[name].ElementCount), training.Report));
        var step = new TrainingStep(model, optimizer, options);
        // A run may have been killed between its last checkpoint and its end.
        var end = HasStopped() ? TrainingEnd.StoppedEarly : TrainingEnd.Completed;
        while (state.Step < totalSteps && end == TrainingEnd.Completed)
        {
            var batch = Batch(state.Step);
            var learningRate = schedule.At(state.Step);
            var (figures, gradientNorm) = step.Take(state.Step + 1, batch, learningRate);
            state = state with
            {
                Step = state.Step + 1,
                Window = state.Window.Plus(figures),
                TokenCount = state.TokenCount + batch.Sum(comparison => (long)comparison.TokenCount),
            };
            progress?.Report(new TrainingEvent.Stepped(state.Step, figures.Loss, figures.Accuracy));

            var isLast = state.Step == totalSteps;
            if (isLast || state.Step % options.LoggingSteps == 0)
            {
                Log(gradientNorm, learningRate);
            }
            var improved = false;
            if (evaluation is not null && (isLast || state.Step % (options.EvalSteps ?? order.StepsPerEpoch) == 0))
            {
                improved = Evaluate();
                end = HasStopped() && !isLast ? TrainingEnd.StoppedEarly : end;
            }
            if (stop.IsCancellationRequested && !isLast)
            {
                end = TrainingEnd.Interrupted;
            }
            if (improved || end != TrainingEnd.Completed || (options.SaveSteps is { } every && (isLast || state.Step % every == 0)))
            {
                Save();
            }
        }
        return Finish(end);
    }

    private bool HasStopped() => options.EarlyStoppingPatience is { } patience && state.EvaluationsWithoutBetter >= patience && state.Step < totalSteps;

    private TrainingItem[] Batch(int step)
    {
        var indices = order.At(step);
        var batch = new TrainingItem[indices.Length];
        for (var index = 0; index < batch.Length; index++)
        {
            batch[index] = training.Items[indices[index]];
        }
        return batch;
    }

    private void Log(double gradientNorm, double learningRate)
    {
        var line = new JsonObject { ["step"] = state.Step, ["epoch"] = (double)state.Step / order.StepsPerEpoch };
        state.Window.WriteTo(line);
        line["grad_norm"] = gradientNorm;
        line["learning_rate"] = learningRate;
        line["num_tokens"] = state.TokenCount;
        line["seconds"] = Seconds();
        metrics.Write(line);
        state = state with { Window = new StepFigures() };
    }

    /// <summary>Evaluates, logs, and says whether it was the best so far.</summary>
    private bool Evaluate()
    {
        var rewards = model.Score(evaluation!.Items.SelectMany(item => item.Sequences)).ToArray();
        var objective = Objective.ForEvaluation(options, model);
        var (figures, broken, start) = (new StepFigures(), new List<string>(), 0);
        foreach (var item in evaluation.Items)
        {
            var own = rewards.AsSpan(start, item.Sequences.Length);
            figures = figures.Plus(StepFigures.Of(item.Plain, own, objective.Loss(item.Plain, own)));
            start += own.Length;
            if (own.ContainsAnyExceptInRange(double.MinValue, double.MaxValue))
            {
                broken.Add(item.Name);
            }
        }
        if (!double.IsFinite(figures.Loss))
        {
            throw new TrainingException($"step {state.Step}: eval_loss is {figures.Loss}. The comparisons whose rewards are not finite: {string.Join(", ", broken)}. {TrainingStep.Remedy}", isUsage: false);
        }
        var line = new JsonObject { ["step"] = state.Step, ["epoch"] = (double)state.Step / order.StepsPerEpoch };
        figures.WriteTo(line, "eval_");
        line["seconds"] = Seconds();
        metrics.Write(line);

        var value = options.MetricForBestModel == BestModelMetric.Loss ? figures.Loss : figures.Accuracy ?? 0;
        var isBest = state.Best is null || (options.MetricForBestModel == BestModelMetric.Loss ? value < state.Best.Value : value > state.Best.Value);
        state = state with
        {
            Best = isBest ? new BestEvaluation(state.Step, value) : state.Best,
            EvaluationsWithoutBetter = isBest ? 0 : state.EvaluationsWithoutBetter + 1,
        };
        progress?.Report(new TrainingEvent.Evaluated(state.Step, figures.Loss, figures.Accuracy, isBest, figures.Scores.Pearson()));
        return isBest;
    }

    private void Save()
    {
        metrics.Sync();
        state = state with
        {
            MetricsLength = metrics.Length,
            Generator = TorchRuntime.GeneratorState(options.Device),
            DataFingerprint = training.Report.Fingerprint,
            EvalFingerprint = evaluation?.Report.Fingerprint,
        };
        folder.Checkpoints.Save(model, optimizer, state);
        folder.Checkpoints.Prune(state.Step, options.SaveTotalLimit, state.Best?.Step);
        progress?.Report(new TrainingEvent.Saved(folder.Checkpoints.PathOf(state.Step)));
    }

    private TrainingSummary Finish(TrainingEnd end)
    {
        var summary = new TrainingSummary
        {
            Output = options.Output,
            Steps = state.Step,
            TotalSteps = totalSteps,
            End = end,
            Best = state.Best,
            Tokens = state.TokenCount,
            Seconds = Seconds(),
        };
        if (end == TrainingEnd.Interrupted)
        {
            return summary;
        }
        if (state.Best is { } best && best.Step != state.Step)
        {
            folder.Checkpoints.LoadWeights(best.Step, model);
        }
        model.Save(options.Output, RunFolder.JsonOf(options), record["data"]);
        folder.WriteRun(options, record, JsonSerializer.SerializeToNode(summary, RunState.JsonOptions));
        return summary;
    }

    private JsonObject RunRecord(double peakRate) => new()
    {
        ["learning_rate"] = peakRate,
        ["token_budget"] = options.TokenBudget,
        ["total_steps"] = totalSteps,
        ["encoding"] = JsonSerializer.SerializeToNode(model.Encoder.Options, RunState.JsonOptions),
        ["data"] = new JsonObject
        {
            ["train"] = JsonSerializer.SerializeToNode(training.Report, RunState.JsonOptions),
            ["eval"] = JsonSerializer.SerializeToNode(evaluation?.Report, RunState.JsonOptions),
        },
        ["machine"] = new JsonObject
        {
            ["libtorch"] = TorchRuntime.Version,
            ["threads"] = TorchRuntime.Threads,
            ["dotnet"] = Environment.Version.ToString(),
            ["os"] = System.Runtime.InteropServices.RuntimeInformation.OSDescription,
        },
    };

    private static void CheckSameData(string name, string? before, TrainingSet? now)
    {
        if (before != now?.Report.Fingerprint)
        {
            throw new TrainingException($"--resume: the {name} data is not what the run began with. Restore it, or begin anew with --overwrite.", isUsage: true);
        }
    }

    private double Seconds() => Stopwatch.GetElapsedTime(started).TotalSeconds;

    private void Note(string text) => progress?.Report(new TrainingEvent.Note(text));
}
