using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Prefer.Evaluation;
using Prefer.Statistics;

namespace Prefer.Report.Training;

/// <summary>What a run has written so far: run.json and metrics.jsonl (docs/formats.md).</summary>
/// <param name="Run">run.json.</param>
/// <param name="Lines">metrics.jsonl.</param>
internal sealed record TrainingRecord(JsonObject Run, ImmutableArray<LoggedLine> Lines)
{
    public const string RunName = "run.json", MetricsName = "metrics.jsonl";

    public IEnumerable<LoggedLine> Training => Lines.Where(line => line.Loss is not null);

    public IEnumerable<LoggedLine> Evaluations => Lines.Where(line => line.IsEvaluation);

    public JsonObject Options => Part("options");

    /// <summary>The summary; empty until the run has ended.</summary>
    public JsonObject Result => Part("result");

    /// <summary>The step whose weights the model has, or would have if the run ended now; null without evaluations.</summary>
    public int? BestStep => (string?)Options["metric_for_best_model"] == "accuracy"
        ? Evaluations.MaxBy(line => line.EvalAccuracy ?? 0)?.Step
        : Evaluations.MinBy(line => line.EvalLoss)?.Step;

    public OverfittingOnset? Onset => Overfitting.Onset(
        [.. Training.Select(line => new LossPoint(line.Step, line.Loss!.Value))], [.. Evaluations.Select(line => new LossPoint(line.Step, line.EvalLoss!.Value))]);

    /// <summary>Reads the folder of a run, which may still go on: a last line without an end is one that is being written.</summary>
    /// <exception cref="ReportException">A file is missing or damaged.</exception>
    public static TrainingRecord Read(string folder) => new(ReadRun(Path.Combine(folder, RunName)), ReadLines(Path.Combine(folder, MetricsName)));

    /// <summary>An object of run.json; empty where there is none.</summary>
    public JsonObject Part(string name) => Run[name] as JsonObject ?? [];

    /// <summary>Tokens a second from each line of training to the next; docs/metrics.md says which time counts.</summary>
    public IEnumerable<(int Step, double Rate)> TokensPerSecond()
    {
        LoggedLine? training = null, last = null;
        foreach (var line in Lines)
        {
            if (!line.IsEvaluation)
            {
                var since = last is not null && last.Step == training?.Step ? last : training;
                if (line.NumTokens - training?.NumTokens is { } tokens && line.Seconds - since?.Seconds is { } seconds && seconds > 0 && line.Seconds > training?.Seconds)
                {
                    yield return (line.Step, tokens / seconds);
                }
                training = line;
            }
            last = line;
        }
    }

    private static JsonObject ReadRun(string path)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(path)) as JsonObject ?? throw new JsonException("it is no object");
        }
        catch (JsonException error)
        {
            throw new ReportException($"{path}: found text that is not the JSON of a run ({error.Message}); expected what prefer train writes; restore the file", error);
        }
    }

    private static ImmutableArray<LoggedLine> ReadLines(string path)
    {
        if (!File.Exists(path))
        {
            return [];
        }
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite), Encoding.UTF8);
        var text = reader.ReadToEnd();
        var lines = text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return [.. lines.Select((line, index) => Parse(line, $"{path}:{index + 1}"))];
    }

    private static LoggedLine Parse(string line, string place)
    {
        try
        {
            return JsonSerializer.Deserialize<LoggedLine>(line, ResultJson.Options) ?? throw new JsonException("it is null");
        }
        catch (JsonException error)
        {
            throw new ReportException($"{place}: found a line that is no JSON of logged figures ({error.Message}); expected what prefer train writes; restore the file", error);
        }
    }
}
