using System.Text.Json;
using System.Text.Json.Nodes;
using Prefer.Models;
using Prefer.Models.Files;

namespace Prefer.Training;

/// <summary>
/// The output folder of a run: <c>run.json</c> (options, data, machine, result), <c>metrics.jsonl</c>, the checkpoints and, at the
/// end, the model's files.
/// </summary>
internal sealed class RunFolder
{
    private const string RunName = "run.json";

    private static readonly string[] OwnFiles =
    [
        RunName, MetricsLog.FileName, "report.html", ModelRecord.FileName, FingerprintRecord.FileName, "config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
        "chat_template.jinja", "chat_template.json", "vocab.txt", "vocab.json", "merges.txt", "tokenizer.model", "spiece.model", "spm.model", "sentencepiece.bpe.model",
    ];

    /// <summary>Options by which a resumed run may differ from its beginning.</summary>
    private static readonly string[] FreeOptions = ["resume", "overwrite", "output", "cache", "tensorboard", "report"];

    private readonly string path;

    private RunFolder(string path) => (this.path, Checkpoints) = (path, new CheckpointStore(path));

    internal CheckpointStore Checkpoints { get; }

    /// <summary>The token budget of the run that is resumed, which it keeps whatever memory is free now; null for a run that begins.</summary>
    internal int? RecordedTokenBudget { get; private set; }

    internal string MetricsPath => Path.Combine(path, MetricsLog.FileName);

    /// <summary>Makes or takes up the folder, as the options say; an older run in it stays until <see cref="Clear"/>.</summary>
    /// <param name="options">The run's options.</param>
    /// <param name="finished">True when the run to be resumed has already ended.</param>
    /// <exception cref="TrainingException">The folder holds something and neither --resume nor --overwrite was given, or another run is to be resumed.</exception>
    internal static RunFolder Open(TrainOptions options, out bool finished)
    {
        var folder = new RunFolder(options.Output);
        finished = false;
        if (File.Exists(options.Output))
        {
            throw new TrainingException($"--output {options.Output}: is a file; a folder was expected", isUsage: true);
        }
        var occupied = Directory.Exists(options.Output) && Directory.EnumerateFileSystemEntries(options.Output).Any();
        if (occupied && !options.Resume && !options.Overwrite)
        {
            throw new TrainingException($"--output {options.Output}: the folder is not empty. Go on with the run in it with --resume, replace it with --overwrite, or name another folder.", isUsage: true);
        }
        if (Path.GetFullPath(options.Output) == Path.GetFullPath(options.Model))
        {
            throw new TrainingException($"--output {options.Output}: is the folder of --model too, which the run would replace. Name another folder.", isUsage: true);
        }
        Directory.CreateDirectory(options.Output);
        folder.Checkpoints.RemoveLeftovers();
        if (options.Resume && Directory.EnumerateFileSystemEntries(options.Output).Any())
        {
            var run = folder.ReadRun();
            folder.CheckSame(options, run);
            finished = run["result"] is JsonObject;
            folder.RecordedTokenBudget = run["token_budget"] is JsonValue budget && budget.TryGetValue<int>(out var tokens) && tokens > 0 ? tokens : null;
        }
        return folder;
    }

    /// <summary>Writes run.json.</summary>
    /// <param name="options">The run's options.</param>
    /// <param name="record">What else is known: data, machine.</param>
    /// <param name="result">The summary, once the run has ended.</param>
    internal void WriteRun(TrainOptions options, JsonObject record, JsonNode? result)
    {
        var json = new JsonObject { ["options"] = JsonOf(options) };
        foreach (var (key, value) in record)
        {
            json[key] = value?.DeepClone();
        }
        json["result"] = result;
        AtomicFile.WriteText(Path.Combine(path, RunName), json.ToJsonString(RunState.JsonOptions) + "\n");
    }

    /// <summary>The options as they are saved.</summary>
    internal static JsonObject JsonOf(TrainOptions options) => JsonSerializer.SerializeToNode(options, RunState.JsonOptions)!.AsObject();

    private JsonObject ReadRun()
    {
        var file = Path.Combine(path, RunName);
        if (!File.Exists(file))
        {
            throw new TrainingException($"--resume: {path} is not empty and holds no run: it has no {RunName}. Name the folder of the run.", isUsage: true);
        }
        try
        {
            return JsonNode.Parse(File.ReadAllText(file)) as JsonObject ?? throw new JsonException("an object was expected");
        }
        catch (JsonException error)
        {
            throw new TrainingException($"{file}: not the JSON of a run: {error.Message}. Restore it, or begin anew with --overwrite.", isUsage: true, error);
        }
    }

    private void CheckSame(TrainOptions options, JsonObject run)
    {
        var before = run["options"] as JsonObject ?? [];
        foreach (var (key, value) in JsonOf(options))
        {
            if (!FreeOptions.Contains(key) && before.ContainsKey(key) && !JsonNode.DeepEquals(before[key], value))
            {
                throw new TrainingException(
                    $"--resume: the run in {path} has {Name(key)} {before[key]?.ToJsonString() ?? "unset"}, now it is {value?.ToJsonString() ?? "unset"}. Resume with the options it began with, or begin anew with --overwrite.",
                    isUsage: true);
            }
        }
    }

    /// <summary>Deletes the run or model that is in the folder, and nothing else.</summary>
    internal void Clear()
    {
        foreach (var step in Checkpoints.Steps())
        {
            Checkpoints.Remove(step);
        }
        foreach (var name in OwnFiles)
        {
            File.Delete(Path.Combine(path, name));
        }
        WeightFiles.Remove(path);
    }

    private static string Name(string key) => $"--{key.Replace('_', '-')}";
}
