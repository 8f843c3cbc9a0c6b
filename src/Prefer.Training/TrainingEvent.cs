namespace Prefer.Training;

/// <summary>What a run tells while it goes on.</summary>
public abstract record TrainingEvent
{
    private TrainingEvent()
    {
    }

    /// <summary>Something a person should know.</summary>
    public sealed record Note(string Text) : TrainingEvent;

    /// <summary>The run is set up.</summary>
    /// <param name="Step">Steps taken before; above 0 on resume.</param>
    /// <param name="TotalSteps">Steps at the end.</param>
    /// <param name="ParameterCount">Weights of the model.</param>
    /// <param name="Data">What became of the training rows.</param>
    public sealed record Started(int Step, int TotalSteps, long ParameterCount, TrainingSetReport Data) : TrainingEvent;

    /// <summary>An optimizer step was taken.</summary>
    /// <param name="Step">Steps taken.</param>
    /// <param name="Loss">Of this step's batch.</param>
    /// <param name="Accuracy">Of this step's batch; null where there are no pairs but ties.</param>
    public sealed record Stepped(int Step, double Loss, double? Accuracy) : TrainingEvent;

    /// <summary>The model was evaluated.</summary>
    /// <param name="Step">Steps taken.</param>
    /// <param name="Loss">eval_loss.</param>
    /// <param name="Accuracy">eval_accuracy; null where there are no pairs but ties.</param>
    /// <param name="IsBest">Whether it is the best so far.</param>
    /// <param name="Pearson">eval_pearson; null where nothing is rated or nothing varies.</param>
    public sealed record Evaluated(int Step, double Loss, double? Accuracy, bool IsBest, double? Pearson = null) : TrainingEvent;

    /// <summary>A checkpoint was saved.</summary>
    public sealed record Saved(string Folder) : TrainingEvent;
}

/// <summary>How a run ended.</summary>
public sealed record TrainingSummary
{
    /// <summary>The folder of the model; of the run, when it was interrupted.</summary>
    public required string Output { get; init; }

    /// <summary>Steps taken.</summary>
    public required int Steps { get; init; }

    /// <summary>Steps planned.</summary>
    public required int TotalSteps { get; init; }

    /// <summary>completed, stopped_early or interrupted.</summary>
    public required TrainingEnd End { get; init; }

    /// <summary>The evaluation whose weights the model has, or null without evaluation.</summary>
    public BestEvaluation? Best { get; init; }

    /// <summary>Tokens trained on, unpadded and unshared.</summary>
    public required long Tokens { get; init; }

    /// <summary>Seconds of this process, evaluation and saving included.</summary>
    public required double Seconds { get; init; }

    /// <summary>Share of the steps' time in which they waited for their batch; see docs/metrics.md.</summary>
    public required double InputWaitShare { get; init; }

    /// <summary>The most bytes that tensors held at one time; null where they were on another device, whose memory is not counted.</summary>
    public long? PeakTensorBytes { get; init; }

    /// <summary>The most bytes that this process held of the machine's memory since its start; null where the system does not say.</summary>
    public long? PeakResidentBytes { get; init; }
}

/// <summary>Why a run ended.</summary>
public enum TrainingEnd
{
    /// <summary>All steps were taken.</summary>
    Completed,

    /// <summary>Evaluations stopped getting better.</summary>
    StoppedEarly,

    /// <summary>It was asked to stop; a checkpoint was saved and no model.</summary>
    Interrupted,
}
