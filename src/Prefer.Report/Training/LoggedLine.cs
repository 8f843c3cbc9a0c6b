namespace Prefer.Report.Training;

/// <summary>A line of metrics.jsonl; names and meanings are in docs/metrics.md. A line is of training or of an evaluation, and has the figures of one of them.</summary>
internal sealed record LoggedLine
{
    public required int Step { get; init; }

    public double Epoch { get; init; }

    public double? Loss { get; init; }

    public double? Accuracy { get; init; }

    public double? Pearson { get; init; }

    public double? GradNorm { get; init; }

    public double? LearningRate { get; init; }

    public long? NumTokens { get; init; }

    public double? Seconds { get; init; }

    public double? EvalLoss { get; init; }

    public double? EvalAccuracy { get; init; }

    public double? EvalPearson { get; init; }

    public bool IsEvaluation => EvalLoss is not null;
}
