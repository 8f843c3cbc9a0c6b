using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Prefer.Report.Page;

namespace Prefer.Report.Training;

/// <summary>The page of a training run, while it goes on and after.</summary>
internal static class TrainingReport
{
    /// <param name="folder">Names the run.</param>
    /// <param name="record">What it has written so far.</param>
    public static ReportPage Of(string folder, TrainingRecord record) => new()
    {
        Title = $"Training run {Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)))}",
        Subtitle = Subtitle(record),
        KeyFigures = [.. KeyFigures(record)],
        Sections = [.. new[] { LearningCurves.Learning(record), LearningCurves.Optimizer(record), Data(record), Configuration(record), Machine(record) }.OfType<ReportSection>()],
    };

    private static string Subtitle(TrainingRecord record)
    {
        var step = record.Lines.IsEmpty ? 0 : record.Lines.Max(line => line.Step);
        var model = (string?)record.Options["model"];
        var total = record.Run["total_steps"] is { } planned ? $" of {NumberText.Count((long)planned)}" : "";
        return $"{model} · " + ((string?)record.Result["end"] switch
        {
            "completed" => $"completed, {NumberText.Count(step)} steps",
            "stopped_early" => $"stopped early after step {NumberText.Count(step)}{total}: evaluations got no better",
            null => $"step {NumberText.Count(step)}{total} so far",
            var other => $"{other}, step {NumberText.Count(step)}{total}",
        });
    }

    private static IEnumerable<KeyFigure> KeyFigures(TrainingRecord record)
    {
        var training = record.Training.LastOrDefault();
        if (record.BestStep is { } best)
        {
            var line = record.Evaluations.First(evaluation => evaluation.Step == best);
            var remark = $"step {NumberText.Count(best)}, the best";
            yield return new KeyFigure("validation loss", NumberText.Number(line.EvalLoss), remark);
            if (line.EvalPearson is { } correlation)
            {
                yield return new KeyFigure("validation correlation", NumberText.Share(correlation), remark);
            }
            else if (line.EvalAccuracy is { } accuracy)
            {
                yield return new KeyFigure("validation accuracy", NumberText.Share(accuracy), remark);
            }
        }
        if (training is not null)
        {
            yield return new KeyFigure("training loss", NumberText.Number(training.Loss), $"step {NumberText.Count(training.Step)}, the last");
            yield return new KeyFigure("tokens", NumberText.Count(training.NumTokens), $"{training.Epoch.ToString("0.##", System.Globalization.CultureInfo.InvariantCulture)} epochs");
        }
        if (record.Result["seconds"] is JsonValue seconds)
        {
            yield return new KeyFigure("time", NumberText.Seconds((double)seconds), "of the last process");
        }
        if (record.Result["peak_resident_bytes"] is JsonValue bytes)
        {
            yield return new KeyFigure("peak memory", NumberText.Bytes((long)bytes), "of the whole process");
        }
    }

    private static ReportSection? Data(TrainingRecord record)
    {
        var parts = record.Part("data").Where(part => part.Value is JsonObject).Select(part => (Name: part.Key == "train" ? "training" : "validation", Json: WithoutSources(part.Value!.AsObject()))).ToArray();
        if (parts.Length == 0)
        {
            return null;
        }
        var sources = record.Part("data")["train"]?["sources"] as JsonArray ?? [];
        var mixture = sources.Count == 0 ? Markup.Empty : new DataTable("Sources of the mixture", ["source", "comparisons", "of each epoch"],
            [.. sources.OfType<JsonObject>().Select(ImmutableArray<string> (source) => [(string?)source["data"] ?? "", NumberText.Count((long?)source["comparisons"]), NumberText.Count((long?)source["per_epoch"])])]).ToMarkup();
        return new ReportSection("data", "Data") { Body = Markup.Of($"{FactTable.Beside("Data", parts).ToMarkup()}{mixture}") };
    }

    private static JsonObject WithoutSources(JsonObject report)
    {
        var copy = report.DeepClone().AsObject();
        copy.Remove("sources");
        return copy;
    }

    private static ReportSection Configuration(TrainingRecord record)
    {
        var chosen = new JsonObject(record.Run.Where(entry => entry.Value is JsonValue || entry.Key == "encoding").Select(entry => KeyValuePair.Create(entry.Key, entry.Value?.DeepClone())));
        return new ReportSection("configuration", "Configuration")
        {
            Body = Markup.Of($"""
                <h3>What the run was asked for</h3>
                {FactTable.Of("Options", record.Options).ToMarkup()}<h3>What came of it</h3>
                {FactTable.Of("Settings that the run chose", chosen).ToMarkup()}
                """),
        };
    }

    private static ReportSection Machine(TrainingRecord record)
    {
        var facts = record.Part("machine").DeepClone().AsObject();
        foreach (var name in new[] { "peak_tensor_bytes", "peak_resident_bytes", "seconds", "input_wait_share" })
        {
            facts[name] = record.Result[name]?.DeepClone();
        }
        return new ReportSection("machine", "Machine and versions") { Body = FactTable.Of("Machine and versions", facts).ToMarkup() };
    }
}
