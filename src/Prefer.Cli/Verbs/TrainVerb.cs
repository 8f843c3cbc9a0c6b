using System.Globalization;
using Prefer.Report;
using Prefer.Training;

namespace Prefer.Cli.Verbs;

/// <summary><c>prefer train</c>: shows a run of <see cref="RewardTrainer"/>, and stops it in good order on Ctrl-C.</summary>
internal static class TrainVerb
{
    public static Verb Verb { get; } = Verb.Of<TrainOptions>("train", "Train a reward model on comparisons.", Run);

    private static int Run(TrainOptions options, Terminal terminal)
    {
        Engine.Start(options.Device);
        if (options.DryRun)
        {
            return Predict(options, terminal);
        }
        using var interruption = new Interruption();
        TrainingSummary summary;
        using (var screen = new Screen(terminal, options.Loss == LossType.Regression ? "ratings" : "comparisons", options.Report ? options.Output : null))
        {
            summary = RewardTrainer.Train(options, screen, MachineReport.FindCacheFolder(), interruption.Token);
        }
        if (options.Report)
        {
            ReportFile.Write(Path.Combine(options.Output, "run.json"));
        }
        if (terminal.IsJson)
        {
            terminal.Json(summary);
        }
        if (summary.PeakTensorBytes is { } tensors && summary.PeakResidentBytes is { } resident)
        {
            terminal.Note($"Peak memory: {Size(tensors)} of tensors, {Size(resident)} of the whole process.");
        }
        if (summary.End == TrainingEnd.Interrupted)
        {
            terminal.Note($"Stopped after step {summary.Steps} of {summary.TotalSteps}; a checkpoint is saved. Go on with the same command and --resume.");
            return Interruption.ExitCode;
        }
        if (options.Report && !ModelCard.Write(options.Output))
        {
            terminal.Note($"{ModelCard.FileName} in {options.Output} was not written by Prefer and stays as it is.");
        }
        var best = summary.Best is { } evaluation && evaluation.Step != summary.Steps ? $", with the weights of step {evaluation.Step}, the best evaluation" : "";
        terminal.Note($"The model is in {summary.Output}{best}. Next: prefer eval --model {summary.Output} --data FILES");
        return 0;
    }

    private static int Predict(TrainOptions options, Terminal terminal)
    {
        using var screen = new Screen(terminal, "comparisons", reportedFolder: null);
        var forecast = DryRun.Predict(options, screen);
        if (terminal.IsJson)
        {
            terminal.Json(forecast);
        }
        terminal.Table(null, ["what the run will take", ""],
        [
            [string.Create(CultureInfo.InvariantCulture, $"{forecast.ParameterCount / 1e6:f1} million parameters"), Size(forecast.ParameterBytes)],
            ["their gradients", Size(forecast.GradientBytes)],
            ["AdamW's moments", Size(forecast.OptimizerBytes)],
            [$"activations, with {forecast.TokenBudget} tokens a pass", Size(forecast.ActivationBytes)],
            ["most of all tensors at one time", Size(forecast.PeakTensorBytes)],
            [string.Create(CultureInfo.InvariantCulture, $"a step of {forecast.TokensPerStep:f0} packed tokens"), string.Create(CultureInfo.InvariantCulture, $"{forecast.SecondsPerStep:f2} s")],
            [$"{forecast.TotalSteps} steps, without evaluation", TimeSpan.FromSeconds(Math.Ceiling(forecast.Seconds)).ToString("c", CultureInfo.InvariantCulture)],
        ]);
        return 0;
    }

    private static string Size(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:n0} MB");

    private sealed class Screen(Terminal terminal, string items, string? reportedFolder) : IProgress<TrainingEvent>, IDisposable
    {
        private ProgressLine? bar;
        private bool isReported;

        public void Report(TrainingEvent value)
        {
            switch (value)
            {
                case TrainingEvent.Note(var text):
                    terminal.Note(text);
                    break;
                case TrainingEvent.Started(var step, var total, var parameterCount, var data):
                    terminal.Note(Describe(parameterCount, data));
                    foreach (var source in data.Sources)
                    {
                        terminal.Note(string.Create(CultureInfo.InvariantCulture, $"{source.Data}: {source.PerEpoch} of each epoch's {data.Sources.Sum(other => other.PerEpoch)} {items}, out of {source.Comparisons} ({(double)source.PerEpoch / source.Comparisons:0.##} passes)."));
                    }
                    bar = terminal.Progress("train", total, step);
                    break;
                case TrainingEvent.Stepped(var step, var loss, var accuracy):
                    isReported = false;
                    if (accuracy is { } share)
                    {
                        bar!.Report(step, ("loss", loss), ("accuracy", share));
                    }
                    else
                    {
                        bar!.Report(step, ("loss", loss));
                    }
                    break;
                case TrainingEvent.Evaluated(var step, var loss, var accuracy, var isBest, var pearson):
                    var second = pearson is { } correlation ? string.Create(CultureInfo.InvariantCulture, $"eval_pearson {correlation:f4}") : string.Create(CultureInfo.InvariantCulture, $"eval_accuracy {accuracy:f4}");
                    terminal.Note(string.Create(CultureInfo.InvariantCulture, $"step {step}: eval_loss {loss:f4}, {second}{(isBest ? ", the best so far" : "")}"));
                    WriteReport();
                    break;
                case TrainingEvent.Saved:
                    WriteReport();
                    break;
            }
        }

        public void Dispose() => bar?.Dispose();

        private void WriteReport()
        {
            // An evaluation that is the best is saved at the same step, which adds nothing to the page.
            if (reportedFolder is not null && !isReported)
            {
                ReportFile.Write(Path.Combine(reportedFolder, "run.json"));
                isReported = true;
            }
        }

        private string Describe(long parameterCount, TrainingSetReport data)
        {
            var leftOut = new[]
            {
                (data.EmptySides, "with an empty side"), (data.Identical, "with identical responses"), (data.IdenticalByTruncation, "identical once truncated"),
                (data.Weightless, "with weight 0"), (data.EmptyRanked, "empty responses of rankings"), (data.BadRows, "bad rows skipped"),
            }.Where(part => part.Item1 > 0).Select(part => $"{part.Item1} {part.Item2}").ToList();
            return string.Create(CultureInfo.InvariantCulture, $"{data.Comparisons} {items} ({data.Ties} ties, {data.Tokens} tokens, {data.TruncatedSequences} sequences truncated), {parameterCount / 1e6:f1} million parameters.")
                + (leftOut.Count > 0 ? $" Left out: {string.Join(", ", leftOut)}." : "");
        }
    }
}
