using System.Diagnostics;
using System.Reflection;
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
    private readonly TrainingData data;
    private readonly DataFingerprints fingerprints;
    private readonly BatchOrder order;
    private readonly LearningRate schedule;
    private readonly MetricsLog metrics;
    private readonly JsonObject record;
    private readonly Precision precision;
    private readonly int totalSteps;
    private readonly int tokenBudget;
    private readonly long started = Stopwatch.GetTimestamp();
    private RunState state;

    private RewardTrainer(TrainOptions options, RunFolder folder, IProgress<TrainingEvent>? progress, string? cacheFolder)
    {
        (this.options, this.folder, this.progress) = (options, folder, progress);
        TorchRuntime.ResetPeakAllocatedBytes();
        var rows = TrainingRows.Read(options.Data, mixes: true, options, Note);
        var resumed = options.Resume ? folder.Checkpoints.Latest(Note) : null;
        state = resumed ?? new RunState();
        model = resumed is null ? TrainingModel.Open(options, rows.All) : RewardModel.Load(folder.Checkpoints.PathOf(state.Step), new LoadOptions { Device = options.Device, Trainable = true, SharePrefixes = options.PrefixSharing });
        try
        {
            (precision, var choice) = resumed?.Precision is { } before ? (before, null) : PrecisionChoice.Resolve(options.Precision, options.Device);
            model.ComputeType = precision.ComputeType();
            foreach (var notice in model.Notices.Concat(choice is null ? [] : [choice]))
            {
                Note(notice);
            }
            data = TrainingData.Encode(rows, options, model, cacheFolder, Note);
            fingerprints = DataFingerprints.Of(rows.All);
            if (resumed is not null)
            {
                data.CheckSame(state);
            }
            tokenBudget = options.TokenBudget ?? folder.RecordedTokenBudget ?? TokenBudget.Choose(model, options, data.Training, TokenBudget.FreeBytes());
            order = BatchOrder.Of(data.Training, options);
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
            metrics = new MetricsLog(folder.MetricsPath, state.MetricsLength, options.Tensorboard is { } events ? new EventFile(events, state.Step, TimeProvider.System) : null);
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
    /// <param name="cacheFolder">Where token ids are kept for the next run on the same data; null for nowhere.</param>
    /// <param name="stop">Ends the run after the step under way, with a checkpoint to resume from.</param>
    /// <exception cref="TrainingException">Wrong options, a loss that is not finite, or a disk that is full.</exception>
    /// <exception cref="DataException">The data cannot be read.</exception>
    /// <exception cref="ModelException">The model cannot be used.</exception>
    public static TrainingSummary Train(TrainOptions options, IProgress<TrainingEvent>? progress, string? cacheFolder, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var folder = RunFolder.Open(options, out var finished);
        if (finished)
        {
            throw new TrainingException($"--resume: the run in {options.Output} has ended; its model is there. Begin anew with --overwrite, or name another folder.", isUsage: true);
        }
        using var trainer = new RewardTrainer(options, folder, progress, cacheFolder);
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

    /// <summary>The same, keeping nothing for the next run.</summary>
    /// <inheritdoc cref="Train(TrainOptions, IProgress{TrainingEvent}, string, CancellationToken)"/>
    public static TrainingSummary Train(TrainOptions options, IProgress<TrainingEvent>? progress = null, CancellationToken stop = default) => Train(options, progress, null, stop);

    /// <summary>Frees model and optimizer.</summary>
    public void Dispose()
    {
        metrics.Dispose();
        optimizer.Dispose();
        model.Dispose();
    }

    private TrainingSummary Loop(CancellationToken stop)
    {
        progress?.Report(new TrainingEvent.Started(state.Step, totalSteps, model.Parameters.Names.Sum(name => model.Parameters[name].ElementCount), data.Training.Report));
        var step = new TrainingStep(model, optimizer, options);
        using var batches = new BatchSource(state.Step, totalSteps, index => StepBatch.Of(data.Training.At(order, index), model, tokenBudget));
        var computing = TimeSpan.Zero;
        // A run may have been killed between its last checkpoint and its end.
        var end = HasStopped() ? TrainingEnd.StoppedEarly : TrainingEnd.Completed;
        while (state.Step < totalSteps && end == TrainingEnd.Completed)
        {
            var batch = batches.Next();
            var learningRate = schedule.At(state.Step);
            var began = Stopwatch.GetTimestamp();
            var (figures, gradientNorm) = step.Take(state.Step + 1, batch, learningRate);
            computing += Stopwatch.GetElapsedTime(began);
            state = state with
            {
                Step = state.Step + 1,
                Window = state.Window.Plus(figures),
                TokenCount = state.TokenCount + batch.Items.Sum(comparison => (long)comparison.TokenCount),
            };
            progress?.Report(new TrainingEvent.Stepped(state.Step, figures.Loss, figures.Accuracy));

            var isLast = state.Step == totalSteps;
            if (isLast || state.Step % options.LoggingSteps == 0)
            {
                Log(gradientNorm, learningRate);
            }
            var improved = false;
            if (data.Evaluation is not null && (isLast || state.Step % (options.EvalSteps ?? order.StepsPerEpoch) == 0))
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
        return Finish(end, batches.Waited / (batches.Waited + computing));
    }

    private bool HasStopped() => options.EarlyStoppingPatience is { } patience && state.EvaluationsWithoutBetter >= patience && state.Step < totalSteps;

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
        var evaluation = data.Evaluation!;
        var rewards = model.Score(evaluation.Items.SelectMany(item => item.Sequences)).ToArray();
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
            Precision = precision,
            Generator = TorchRuntime.GeneratorState(options.Device),
            DataFingerprint = data.Training.Report.Fingerprint,
            EvalFingerprint = data.Evaluation?.Report.Fingerprint,
        };
        folder.Checkpoints.Save(model, optimizer, state);
        folder.Checkpoints.Prune(state.Step, options.SaveTotalLimit, state.Best?.Step);
        progress?.Report(new TrainingEvent.Saved(folder.Checkpoints.PathOf(state.Step)));
    }

    private TrainingSummary Finish(TrainingEnd end, double inputWaitShare)
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
            InputWaitShare = double.IsNaN(inputWaitShare) ? 0 : inputWaitShare,
            PeakTensorBytes = options.Device == "cpu" ? TorchRuntime.PeakAllocatedBytes : null,
            PeakResidentBytes = TorchRuntime.PeakResidentBytes,
        };
        if (end == TrainingEnd.Interrupted)
        {
            return summary;
        }
        if (state.Best is { } best && best.Step != state.Step)
        {
            folder.Checkpoints.LoadWeights(best.Step, model);
        }
        model.Save(options.Output, RunFolder.JsonOf(options), record["data"], fingerprints, TokenSet.Of(data.Training.Items.SelectMany(item => item.Sequences), model.Network.VocabularySize));
        folder.WriteRun(options, record, JsonSerializer.SerializeToNode(summary, RunState.JsonOptions));
        return summary;
    }

    private JsonObject RunRecord(double peakRate) => new()
    {
        ["learning_rate"] = peakRate,
        ["token_budget"] = tokenBudget,
        ["precision"] = JsonSerializer.SerializeToNode(precision, RunState.JsonOptions),
        ["total_steps"] = totalSteps,
        ["encoding"] = JsonSerializer.SerializeToNode(model.Encoder.Options, RunState.JsonOptions),
        ["data"] = data.ToJson(),
        ["machine"] = new JsonObject
        {
            ["prefer"] = typeof(RewardTrainer).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion,
            ["libtorch"] = TorchRuntime.Version,
            ["threads"] = TorchRuntime.Threads,
            ["dotnet"] = Environment.Version.ToString(),
            ["os"] = System.Runtime.InteropServices.RuntimeInformation.OSDescription,
        },
    };

    private double Seconds() => Stopwatch.GetElapsedTime(started).TotalSeconds;

    private void Note(string text) => progress?.Report(new TrainingEvent.Note(text));
}
