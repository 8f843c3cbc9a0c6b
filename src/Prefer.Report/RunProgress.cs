using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Prefer.Report.Training;

namespace Prefer.Report;

/// <summary>A logged line of a run: of training, or of an evaluation.</summary>
/// <param name="Step">Optimizer steps taken.</param>
/// <param name="IsEvaluation">Whether the figures are those of the evaluation data.</param>
/// <param name="Loss">The loss.</param>
/// <param name="Accuracy">The accuracy; null where ratings are trained on.</param>
/// <param name="Pearson">The correlation of rewards and scores, where ratings are trained on.</param>
public sealed record RunPoint(int Step, bool IsEvaluation, double Loss, double? Accuracy, double? Pearson);

/// <summary>How far a run is, from what it has written so far.</summary>
/// <param name="TotalSteps">Steps at the end.</param>
/// <param name="End">How it ended (<c>completed</c>, <c>stopped_early</c>); null while it goes on, and where it was stopped to be resumed.</param>
/// <param name="BestStep">The evaluation whose weights the model has or would have; null without evaluations.</param>
/// <param name="Points">Its log, in order.</param>
public sealed record RunProgress(int TotalSteps, string? End, int? BestStep, ImmutableArray<RunPoint> Points)
{
    /// <summary>Steps taken, as far as the log says.</summary>
    public int Step => Points.IsEmpty ? 0 : Points[^1].Step;

    /// <summary>Reads the folder of a run, which may be writing in it.</summary>
    /// <exception cref="ReportException">It is no run, or a file is damaged.</exception>
    public static RunProgress Read(string folder)
    {
        var path = Path.Combine(folder, TrainingRecord.RunName);
        if (!File.Exists(path))
        {
            throw new ReportException($"{folder}: found no {TrainingRecord.RunName}; expected the folder of a run; name the --output of prefer train, which is a run's once its data is read");
        }

        var record = TrainingRecord.Read(folder);
        return new RunProgress(
            record.Run["total_steps"] is JsonValue total && total.TryGetValue(out int steps) ? steps : 0,
            (string?)record.Result["end"],
            record.BestStep,
            [.. record.Lines.Select(line => new RunPoint(line.Step, line.IsEvaluation, line.EvalLoss ?? line.Loss ?? double.NaN, line.EvalAccuracy ?? line.Accuracy, line.EvalPearson ?? line.Pearson))]);
    }
}
