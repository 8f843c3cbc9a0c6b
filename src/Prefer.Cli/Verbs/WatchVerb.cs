using System.ComponentModel;
using System.Globalization;
using Prefer.Report;

namespace Prefer.Cli.Verbs;

/// <summary>What <c>prefer watch</c> is asked for.</summary>
internal sealed record WatchOptions
{
    [Description("The folder of a run, the --output of prefer train.")]
    public required string Run { get; init; }

    [Description("Show what there is, and end.")]
    public bool Once { get; init; }
}

/// <summary>
/// <c>prefer watch</c>: follows a run of another process by the files that it writes. It ends with the run; a run that was stopped or killed is waited for until it goes on.
/// </summary>
internal static class WatchVerb
{
    private const int CurveWidth = 60;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.5);

    public static Verb Verb { get; } = Verb.Of<WatchOptions>("watch", "Follow a training run in the terminal.", Run, nameof(WatchOptions.Run));

    private static int Run(WatchOptions options, Terminal terminal)
    {
        var progress = RunProgress.Read(options.Run);
        if (terminal.IsJson)
        {
            terminal.Json(progress);
            return 0;
        }

        ShowCurves(progress, terminal);
        if (options.Once || progress.End is not null)
        {
            terminal.Note(State(progress));
            return 0;
        }

        using var interruption = new Interruption();
        using (var bar = terminal.Progress("train", progress.TotalSteps, progress.Step))
        {
            var shown = progress.Points.Length;
            while (progress.End is null)
            {
                if (interruption.Token.WaitHandle.WaitOne(Pause))
                {
                    return Interruption.ExitCode;
                }

                progress = RunProgress.Read(options.Run);

                // A resumed run has cut its log to its last checkpoint.
                shown = Math.Min(shown, progress.Points.Length);
                foreach (var point in progress.Points.AsSpan()[shown..])
                {
                    Show(point, point.Step == progress.BestStep, bar, terminal);
                }

                shown = progress.Points.Length;
            }
        }

        ShowCurves(progress, terminal);
        terminal.Note(State(progress));
        return 0;
    }

    private static void Show(RunPoint point, bool isBest, ProgressLine bar, Terminal terminal)
    {
        if (point.IsEvaluation)
        {
            terminal.Note(string.Create(CultureInfo.InvariantCulture, $"step {point.Step}: eval_loss {point.Loss:f4}{Second("eval_", point)}{(isBest ? ", the best so far" : "")}"));
        }
        else if (point.Accuracy is { } accuracy)
        {
            bar.Report(point.Step, ("loss", point.Loss), ("accuracy", accuracy));
        }
        else
        {
            bar.Report(point.Step, ("loss", point.Loss));
        }
    }

    private static void ShowCurves(RunProgress progress, Terminal terminal)
    {
        (string Name, double[] Values)[] curves =
        [
            ("loss", Values(evaluation: false, point => point.Loss)), ("accuracy", Values(evaluation: false, point => point.Accuracy)), ("pearson", Values(evaluation: false, point => point.Pearson)),
            ("eval_loss", Values(evaluation: true, point => point.Loss)), ("eval_accuracy", Values(evaluation: true, point => point.Accuracy)), ("eval_pearson", Values(evaluation: true, point => point.Pearson)),
        ];
        var drawn = curves.Where(curve => curve.Values.Length > 0).ToArray();
        if (drawn.Length > 0)
        {
            terminal.Table(null, ["", "first", "over the steps", "last", "lowest", "highest"],
                [.. drawn.Select(curve => (string[])[curve.Name, Number(curve.Values[0]), Sparkline.Of(curve.Values, CurveWidth), Number(curve.Values[^1]), Number(curve.Values.Min()), Number(curve.Values.Max())])]);
        }

        double[] Values(bool evaluation, Func<RunPoint, double?> figure) => [.. progress.Points.Where(point => point.IsEvaluation == evaluation).Select(figure).OfType<double>()];
    }

    private static string State(RunProgress progress)
    {
        var best = progress.BestStep is { } step ? $", best evaluation at step {step}" : "";
        return progress.End switch
        {
            null => $"Step {progress.Step} of {progress.TotalSteps}{best}.",
            "stopped_early" => $"The run has stopped early at step {progress.Step} of {progress.TotalSteps}{best}.",
            _ => $"The run has ended at step {progress.Step} of {progress.TotalSteps}{best}.",
        };
    }

    private static string Second(string prefix, RunPoint point) => (point.Accuracy, point.Pearson) switch
    {
        ({ } accuracy, _) => string.Create(CultureInfo.InvariantCulture, $", {prefix}accuracy {accuracy:f4}"),
        (_, { } pearson) => string.Create(CultureInfo.InvariantCulture, $", {prefix}pearson {pearson:f4}"),
        _ => "",
    };

    private static string Number(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);
}
