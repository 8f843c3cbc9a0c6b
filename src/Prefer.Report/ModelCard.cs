using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Prefer.Evaluation;
using Prefer.Models.Files;
using Prefer.Report.Evaluation;
using Prefer.Report.Page;
using Prefer.Report.Training;

namespace Prefer.Report;

/// <summary>
/// The model card: <c>README.md</c> of a model folder, with the front matter that Hugging Face's hub reads. It says what the run and an evaluation have recorded; who the model is for and
/// what it must not be used for is left to its author.
/// </summary>
public static partial class ModelCard
{
    /// <summary>What the card is called.</summary>
    public const string FileName = "README.md";

    /// <summary>A card with this line is Prefer's own, and is replaced.</summary>
    private const string Mark = "<!-- Written by Prefer, which replaces this file while this line stands in it. -->";

    /// <summary>Writes the card, unless there is a README.md that Prefer did not write.</summary>
    /// <param name="folder">The model folder.</param>
    /// <param name="result">An evaluation of the model; null for what was measured while it was trained.</param>
    /// <param name="about">What the evaluation was made of.</param>
    /// <param name="license">By the hub's identifier; null for the one that the card has already, or none.</param>
    /// <returns>False where a README.md was left as it is.</returns>
    /// <exception cref="ReportException">The folder holds no model that Prefer trained.</exception>
    public static bool Write(string folder, EvaluationResult? result = null, EvaluationAbout? about = null, string? license = null)
    {
        var path = Path.Combine(folder, FileName);
        var before = File.Exists(path) ? File.ReadAllText(path, Encoding.UTF8) : null;
        if (before is not null && !before.Contains(Mark, StringComparison.Ordinal))
        {
            return false;
        }
        var written = before is null ? null : LicenseLine().Match(before) is { Success: true } line ? JsonSerializer.Deserialize<string>(line.Groups["name"].Value) : null;
        AtomicFile.WriteText(path, Text(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))), Record(folder), result, about, license ?? written));
        return true;
    }

    // A folder that left its run behind has what prefer.json keeps.
    private static TrainingRecord Record(string folder)
    {
        if (File.Exists(Path.Combine(folder, TrainingRecord.RunName)))
        {
            return TrainingRecord.Read(folder);
        }
        var path = Path.Combine(folder, "prefer.json");
        if (!File.Exists(path))
        {
            throw new ReportException($"{folder}: found neither {TrainingRecord.RunName} nor prefer.json; expected the folder of a model that prefer train made; name that folder");
        }
        try
        {
            var record = JsonNode.Parse(File.ReadAllText(path, Encoding.UTF8));
            return new TrainingRecord(new JsonObject { ["options"] = record?["training"]?.DeepClone(), ["data"] = record?["data"]?.DeepClone(), ["encoding"] = record?["encoding"]?.DeepClone() }, []);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new ReportException($"{path}: found text that is not the JSON of a model's record ({error.Message}); expected what prefer train writes; restore the file", error);
        }
    }

    private static string Text(string name, TrainingRecord record, EvaluationResult? result, EvaluationAbout? about, string? license)
    {
        var figures = result is null ? Validation(record) : Evaluated(result);
        var data = result is null ? Names(record.Options["eval_data"]) : [.. about?.Data ?? []];
        var text = new StringBuilder();
        WriteFrontMatter(text, name, record, figures, data, license);
        text.Append(CultureInfo.InvariantCulture, $"{Mark}\n\n# {Plain(name)}\n\n");
        text.Append(CultureInfo.InvariantCulture, $"A reward model{Origin(record)}: it gives a response to a prompt a number, higher for what the comparisons it was trained on prefer. The difference *d* of two rewards says that the first is preferred with probability σ(*d*), as far as the model is calibrated.\n\n");
        text.Append("## Use\n\n```sh\n").Append(CultureInfo.InvariantCulture, $"prefer compare --model {Plain(name)} --prompt \"Explain gravity.\" \"Masses attract each other.\" \"No idea, look it up.\"\n```\n\n");
        text.Append("The folder has the layout of `AutoModelForSequenceClassification`. `prefer.json` says how prompt and response become tokens.\n\n## Training\n\n");
        WriteTable(text, ["", ""], Training(record));
        if (figures.Length > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## Evaluation\n\nOn {(data.Length == 0 ? "held-out comparisons" : string.Join(", ", data.Select(file => $"`{Plain(Path.GetFileName(file))}`")))}{(result is null ? ", the data by which the best checkpoint was chosen" : "")}.\n\n");
            WriteTable(text, ["", "value", "95 %"], figures.Select(ImmutableArray<string> (figure) => [figure.Name, NumberText.Number(figure.Value), figure.Interval]));
        }
        return text.ToString();
    }

    private static void WriteFrontMatter(StringBuilder text, string name, TrainingRecord record, ImmutableArray<CardFigure> figures, ImmutableArray<string> evaluated, string? license)
    {
        text.Append("---\n");
        if (license is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"license: {Quoted(license)}\n");
        }
        text.Append("library_name: transformers\npipeline_tag: text-classification\ntags:\n- reward-model\n- prefer\n");
        if (Parent(record) is { } parent)
        {
            text.Append(CultureInfo.InvariantCulture, $"base_model: {Quoted(parent)}\n");
        }
        if (Names(record.Options["data"]) is { Length: > 0 } files)
        {
            text.Append("datasets:\n").AppendJoin("", files.Select(file => $"- {Quoted(Path.GetFileName(file))}\n"));
        }
        if (figures.Length > 0)
        {
            var dataset = Quoted(evaluated.Length == 0 ? "held-out comparisons" : string.Join(", ", evaluated.Select(Path.GetFileName)));
            text.Append(CultureInfo.InvariantCulture, $"model-index:\n- name: {Quoted(name)}\n  results:\n  - task:\n      type: text-classification\n      name: Reward modelling\n    dataset:\n      type: {dataset}\n      name: {dataset}\n    metrics:\n");
            text.AppendJoin("", figures.Select(figure => string.Create(CultureInfo.InvariantCulture, $"    - type: {figure.Type}\n      name: {Quoted(figure.Name)}\n      value: {figure.Value:R}\n")));
        }
        text.Append("---\n\n");
    }

    private static ImmutableArray<CardFigure> Evaluated(EvaluationResult result) =>
    [
        .. CardFigure.Of("accuracy", "Accuracy", result.Accuracy, NumberText.Ends(result.AccuracyCi95ByPrompt ?? result.AccuracyCi95)),
        .. CardFigure.Of("loss", "Negative log-likelihood", result.Loss),
        .. CardFigure.Of("ece", "Expected calibration error", result.Calibration?.Ece),
    ];

    private static ImmutableArray<CardFigure> Validation(TrainingRecord record)
    {
        var best = record.Evaluations.FirstOrDefault(line => line.Step == record.BestStep);
        return best is null ? [] :
        [
            .. CardFigure.Of("accuracy", "Accuracy", best.EvalAccuracy),
            .. CardFigure.Of("pearsonr", "Correlation of rewards and scores", best.EvalPearson),
            .. CardFigure.Of("loss", "Loss", best.EvalLoss),
        ];
    }

    private static IEnumerable<ImmutableArray<string>> Training(TrainingRecord record)
    {
        yield return ["data", string.Join(", ", Names(record.Options["data"]).Select(file => $"`{Plain(Path.GetFileName(file))}`"))];
        if (record.Part("data")["train"]?["comparisons"] is JsonValue comparisons)
        {
            yield return ["comparisons", NumberText.Count((long)comparisons)];
        }
        if (record.Result["steps"] is JsonValue steps)
        {
            yield return ["steps", NumberText.Count((long)steps)];
        }
        if (record.Result["tokens"] is JsonValue tokens)
        {
            yield return ["tokens", NumberText.Count((long)tokens)];
        }
        foreach (var name in new[] { "loss", "epochs", "batch_size", "weight_decay", "label_smoothing", "center_rewards_coefficient", "dropout", "seed" })
        {
            if (record.Options[name] is JsonValue value)
            {
                yield return [name.Replace('_', ' '), Plain(value.ToString())];
            }
        }
        foreach (var name in new[] { "learning_rate", "precision" })
        {
            if (record.Run[name] is JsonValue value)
            {
                yield return [name.Replace('_', ' '), Plain(value.ToString())];
            }
        }
    }

    private static void WriteTable(StringBuilder text, ImmutableArray<string> columns, IEnumerable<ImmutableArray<string>> rows)
    {
        text.Append(CultureInfo.InvariantCulture, $"| {string.Join(" | ", columns)} |\n|{string.Concat(columns.Select(_ => "---|"))}\n");
        text.AppendJoin("", rows.Select(row => $"| {string.Join(" | ", row.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal)))} |\n"));
    }

    private static string Origin(TrainingRecord record) => Parent(record) is { } parent ? $", trained from `{Plain(parent)}`" : (string?)record.Options["model"] is { } fresh ? $", trained from fresh weights (`{Plain(fresh)}`)" : "";

    // The hub's name of a model is not known from its folder; the folder's own name is as near as one comes.
    private static string? Parent(TrainingRecord record) =>
        (string?)record.Options["model"] is { } model && !model.StartsWith("new:", StringComparison.Ordinal) ? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(model))) : null;

    private static ImmutableArray<string> Names(JsonNode? list) => list is JsonArray items ? [.. items.Select(item => (string?)item).OfType<string>()] : [];

    /// <summary>A double-quoted scalar of YAML, which JSON's strings are.</summary>
    private static string Quoted(string text) => JsonSerializer.Serialize(text);

    private static string Plain(string text) => NotPlain().Replace(text, " ");

    [GeneratedRegex("""^license: (?<name>"(?:[^"\\]|\\.)*")$""", RegexOptions.Multiline)]
    private static partial Regex LicenseLine();

    [GeneratedRegex(@"[\p{C}`<>|*\[\]]")]
    private static partial Regex NotPlain();

    private sealed record CardFigure(string Type, string Name, double Value, string Interval)
    {
        public static IEnumerable<CardFigure> Of(string type, string name, double? value, string interval = "") => value is { } number ? [new CardFigure(type, name, number, interval)] : [];
    }
}
