using System.Diagnostics;
using Prefer.Data;
using Prefer.Models;
using Prefer.Torch;

namespace Prefer.Training;

/// <summary>What a training run will need.</summary>
public sealed record TrainingForecast
{
    /// <summary>Weights of the model.</summary>
    public required long ParameterCount { get; init; }

    /// <summary>Their bytes.</summary>
    public required long ParameterBytes { get; init; }

    /// <summary>Of their gradients.</summary>
    public required long GradientBytes { get; init; }

    /// <summary>Of AdamW's moments.</summary>
    public required long OptimizerBytes { get; init; }

    /// <summary>Of the activations of the largest micro-batch.</summary>
    public required long ActivationBytes { get; init; }

    /// <summary>The most that all tensors will hold at one time.</summary>
    public required long PeakTensorBytes { get; init; }

    /// <summary>Packed tokens per forward pass.</summary>
    public required int TokenBudget { get; init; }

    /// <summary>Optimizer steps of the run.</summary>
    public required int TotalSteps { get; init; }

    /// <summary>Packed tokens of a step, on average.</summary>
    public required double TokensPerStep { get; init; }

    /// <summary>Time of a step, on average.</summary>
    public required double SecondsPerStep { get; init; }

    /// <summary>Time of all steps, without evaluation and saving.</summary>
    public required double Seconds { get; init; }
}

/// <summary>Predicts a run from its model, its data and a few small passes over it. Writes nothing; the passes are on a model that is thrown away.</summary>
public static class DryRun
{
    private const int PlannedSteps = 200; // steps whose micro-batches are looked at; the run's first
    private const int TimedTokens = 1024;

    /// <summary>What training as the options say will take.</summary>
    /// <exception cref="TrainingException">Wrong options.</exception>
    /// <exception cref="DataException">The data cannot be read.</exception>
    /// <exception cref="ModelException">The model cannot be used.</exception>
    public static TrainingForecast Predict(TrainOptions options, IProgress<TrainingEvent>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var rows = TrainingRows.Read(options.Data, mixes: true, options, text => progress?.Report(new TrainingEvent.Note(text)));
        using var model = TrainingModel.Open(options, rows.All);
        var training = TrainingSet.Encode(rows, model, string.Join(", ", options.Data));
        var (precision, choice) = PrecisionChoice.Resolve(options.Precision, options.Device);
        model.ComputeType = precision.ComputeType();
        if (choice is not null)
        {
            progress?.Report(new TrainingEvent.Note(choice));
        }
        var tokenBudget = options.TokenBudget ?? TokenBudget.Choose(model, options, training, TokenBudget.FreeBytes());
        using var optimizer = new AdamW(model.Parameters, options);
        var order = BatchOrder.Of(training, options);
        var totalSteps = order.TotalSteps(options);

        var memory = MemoryForecast.Measure(model, options, tokenBudget, training.Items);
        var (secondsPerToken, updateSeconds, updateBytes) = Time(model, optimizer, options, tokenBudget, training, order);

        var (peak, activations, tokens) = (memory.FixedBytes + updateBytes, 0L, 0L);
        var planned = Math.Min(totalSteps, PlannedSteps);
        for (var number = 0; number < planned; number++)
        {
            var isFirst = true;
            foreach (var part in StepBatch.Of(training.At(order, number), model, tokenBudget).Parts)
            {
                var batch = MemoryForecast.Whole(model, part.Items, int.MaxValue);
                peak = Math.Max(peak, memory.BytesOf(batch.TokenCount, batch.AttentionPairs, isFirst));
                activations = Math.Max(activations, memory.BytesOf(batch.TokenCount, batch.AttentionPairs, isFirst: false) - memory.FixedBytes);
                tokens += batch.TokenCount;
                isFirst = false;
            }
        }
        var tokensPerStep = (double)tokens / planned;
        var secondsPerStep = (secondsPerToken * tokensPerStep) + updateSeconds;
        var parameters = model.Parameters.Names.Select(name => model.Parameters[name]).ToList();
        return new TrainingForecast
        {
            ParameterCount = parameters.Sum(parameter => parameter.ElementCount),
            ParameterBytes = parameters.Sum(MemoryForecast.BytesOf),
            GradientBytes = memory.GradientBytes,
            OptimizerBytes = optimizer.State().Sum(moment => MemoryForecast.BytesOf(moment.Tensor)),
            ActivationBytes = activations,
            PeakTensorBytes = peak,
            TokenBudget = tokenBudget,
            TotalSteps = totalSteps,
            TokensPerStep = tokensPerStep,
            SecondsPerStep = secondsPerStep,
            Seconds = secondsPerStep * totalSteps,
        };
    }

    /// <summary>Seconds of a token of the run's first comparisons, and seconds and bytes of an update. The second of two counts: the first one starts threads.</summary>
    private static (double SecondsPerToken, double UpdateSeconds, long UpdateBytes) Time(RewardModel model, AdamW optimizer, TrainOptions options, int tokenBudget, TrainingSet training, BatchOrder order)
    {
        var batch = MemoryForecast.Whole(model, training.At(order, 0), Math.Min(TimedTokens, tokenBudget));
        var (secondsPerToken, updateSeconds, updateBytes) = (0.0, 0.0, 0L);
        for (var round = 0; round < 2; round++)
        {
            var pass = MemoryForecast.Run(model, options, batch);
            secondsPerToken = pass.Seconds / pass.Tokens;
            var before = TorchRuntime.AllocatedBytes;
            TorchRuntime.ResetPeakAllocatedBytes();
            var started = Stopwatch.GetTimestamp();
            optimizer.GradientNorm();
            optimizer.Step(learningRate: 0);
            updateSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            updateBytes = TorchRuntime.PeakAllocatedBytes - before;
        }
        return (secondsPerToken, updateSeconds, updateBytes);
    }
}
