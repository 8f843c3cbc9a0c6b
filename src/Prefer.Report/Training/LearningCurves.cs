using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Prefer.Report.Page;

namespace Prefer.Report.Training;

/// <summary>The curves of a run: losses and accuracies with the best evaluation and the onset of overfitting, and what the optimizer did.</summary>
internal static class LearningCurves
{
    /// <summary>Points that a curve and its table show at most.</summary>
    private const int MostPoints = 400;

    public static ReportSection? Learning(TrainingRecord record)
    {
        var isRegression = record.Lines.Any(line => line.Pearson is not null || line.EvalPearson is not null);
        Chart?[] charts =
        [
            Pair(record, "loss", "Loss", "loss", line => line.Loss, line => line.EvalLoss, null, NumberText.Number),
            isRegression
                ? Pair(record, "pearson", "Correlation of rewards and scores", "correlation", line => line.Pearson, line => line.EvalPearson, 0, NumberText.Share)
                : Pair(record, "accuracy", "Accuracy", "accuracy", line => line.Accuracy, line => line.EvalAccuracy, 0.5, NumberText.Share),
        ];
        ImmutableArray<Chart> drawn = [.. charts.OfType<Chart>()];
        return drawn.IsEmpty ? null : new ReportSection("learning", "Learning curves")
        {
            Charts = drawn,
            Body = Markup.Of($"""
                {Paragraphs(record)}{drawn.Select(chart => chart.ToMarkup())}
                """),
        };
    }

    public static ReportSection? Optimizer(TrainingRecord record)
    {
        var training = record.Training.ToImmutableArray();
        Chart?[] charts =
        [
            Single("learning-rate", "Learning rate", "learning rate", [.. training.Select(line => (line.Step, line.LearningRate))], "Of the last step before each point.", NumberText.Number),
            Single("grad-norm", "Norm of the gradient", "norm", [.. training.Select(line => (line.Step, line.GradNorm))], "Of the last step before each point, before clipping.", NumberText.Number),
            Single("throughput", "Throughput", "tokens/s", [.. record.TokensPerSecond().Select(point => (point.Step, (double?)point.Rate))], "Tokens trained on a second, without padding and before prefixes are shared.", NumberText.Number),
        ];
        ImmutableArray<Chart> drawn = [.. charts.OfType<Chart>()];
        return drawn.IsEmpty ? null : new ReportSection("optimizer", "Optimization")
        {
            Charts = drawn,
            Body = Markup.Of($"""<div class="pair">{drawn.Select(chart => chart.ToMarkup())}</div>{"\n"}"""),
        };
    }

    private static IEnumerable<Markup> Paragraphs(TrainingRecord record)
    {
        var evaluations = record.Evaluations.ToList();
        if (record.BestStep is { } best)
        {
            var line = evaluations.First(evaluation => evaluation.Step == best);
            var accuracy = line.EvalAccuracy is { } share ? $", accuracy {NumberText.Share(share)}" : "";
            yield return Markup.Of($"<p>The best of {evaluations.Count} evaluations is that of step {NumberText.Count(best)} (loss {NumberText.Number(line.EvalLoss)}{accuracy}); its weights become the model.</p>\n");
        }
        if (record.Onset is { } onset)
        {
            yield return Markup.Of($"""
                <p class="remark"><strong>Overfitting sets in at step {NumberText.Count(onset.Step)}.</strong> From there to the last evaluation the validation loss rose from {NumberText.Number(onset.LowestEvaluation)} to
                {NumberText.Number(onset.LastEvaluation)}, while the training loss fell from {NumberText.Number(onset.TrainingBefore)} to {NumberText.Number(onset.TrainingAfter)}.</p>

                """);
        }
        else if (evaluations.Count > 1)
        {
            yield return Markup.Of($"<p>No overfitting is seen: the validation loss did not end above its lowest value while the training loss fell.</p>\n");
        }
    }

    private static Chart? Pair(TrainingRecord record, string id, string title, string unit, Func<LoggedLine, double?> train, Func<LoggedLine, double?> eval, double? level, Func<double?, string> format)
    {
        var training = Thin([.. record.Training.Where(line => train(line) is not null)], out var every);
        ImmutableArray<LoggedLine> evaluations = [.. record.Evaluations.Where(line => eval(line) is not null)];
        if (training.IsEmpty && evaluations.IsEmpty)
        {
            return null;
        }
        var rules = new JsonArray();
        var (best, onset) = (evaluations.IsEmpty ? null : record.BestStep, evaluations.IsEmpty ? null : record.Onset?.Step);
        if (best is { } step)
        {
            rules.Add(Rule(step, best == onset ? "best, overfitting sets in" : "best"));
        }
        if (onset is { } from && onset != best)
        {
            rules.Add(Rule(from, "overfitting sets in"));
        }
        var data = new JsonObject
        {
            ["kind"] = "curves", ["x"] = "step", ["y"] = unit, ["rules"] = rules,
            ["series"] = new JsonArray(
                Series("training", "first", isDashed: false, hasDots: false, training.Select(line => (line.Step, train(line)))),
                Series("validation", "second", isDashed: true, hasDots: true, evaluations.Select(line => (line.Step, eval(line))))),
        };
        if (level is { } value)
        {
            data["level"] = value;
        }
        var rows = training.Select(line => (line.Step, line.Epoch, Train: train(line), Eval: (double?)null)).Concat(evaluations.Select(line => (line.Step, line.Epoch, Train: (double?)null, Eval: eval(line))))
            .GroupBy(row => row.Step).OrderBy(group => group.Key)
            .Select(ImmutableArray<string> (group) =>
            [
                NumberText.Count(group.Key), group.First().Epoch.ToString("0.00", CultureInfo.InvariantCulture), format(group.Max(row => row.Train)), format(group.Max(row => row.Eval)),
                string.Join(", ", new[] { group.Key == best ? "best" : null, group.Key == onset ? "overfitting sets in" : null }.OfType<string>()),
            ]);
        return new Chart(id, title, data, new DataTable($"{title} by step", ["step", "epoch", "training", "validation", "mark"], [.. rows]))
        {
            Legend = evaluations.IsEmpty ? [new("training", "first")] : [new("training", "first"), new("validation", "second", IsDashed: true)],
            Remark = $"Training: all steps since the point before.{(evaluations.IsEmpty ? "" : " Validation: the whole evaluation data.")}{Thinned(every)}",
        };
    }

    private static Chart? Single(string id, string title, string unit, ImmutableArray<(int Step, double? Value)> points, string remark, Func<double?, string> format)
    {
        var shown = Thin([.. points.Where(point => point.Value is not null)], out var every);
        return shown.Length < 2 ? null : new Chart(id, title,
            new JsonObject
            {
                ["kind"] = "curves", ["x"] = "step", ["y"] = unit, ["zero"] = true, ["rules"] = new JsonArray(), ["series"] = new JsonArray(Series(title, "first", false, false, shown)),
            },
            new DataTable($"{title} by step", ["step", unit], [.. shown.Select(ImmutableArray<string> (point) => [NumberText.Count(point.Step), format(point.Value)])]))
        { Remark = remark + Thinned(every) };
    }

    private static JsonObject Series(string name, string colour, bool isDashed, bool hasDots, IEnumerable<(int Step, double? Value)> points) => new()
    {
        ["name"] = name, ["colour"] = colour, ["dashed"] = isDashed, ["dots"] = hasDots,
        ["points"] = new JsonArray([.. points.Select(point => new JsonArray(point.Step, point.Value))]),
    };

    private static JsonObject Rule(int step, string label) => new() { ["x"] = step, ["label"] = label };

    /// <summary>Every n-th point, counted back from the last one, so that the end is shown.</summary>
    private static ImmutableArray<T> Thin<T>(ImmutableArray<T> points, out int every)
    {
        var step = every = (points.Length + MostPoints - 1) / MostPoints;
        return step <= 1 ? points : [.. points.Where((_, index) => (points.Length - 1 - index) % step == 0)];
    }

    private static string Thinned(int every) => every <= 1 ? "" : $" Of {every} logged points one is shown; {TrainingRecord.MetricsName} has all.";
}
