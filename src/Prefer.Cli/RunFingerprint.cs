using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Prefer.Cli;

/// <summary>What two runs of a scoring verb must have in common to write the same lines: the verb, the files of the model and of the data by content, and the options.</summary>
internal static class RunFingerprint
{
    /// <summary>Kinds of files that decide what a model says.</summary>
    private static readonly string[] ModelFiles = [".json", ".safetensors", ".model", ".txt", ".jinja"];

    /// <summary>Options that change no line, or that are told by content.</summary>
    private static readonly string[] FreeOptions = ["model", "data", "output", "resume", "overwrite", "on-bad-row"];

    private static readonly JsonSerializerOptions Names = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.KebabCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    /// <summary>Reads all files once.</summary>
    /// <param name="verb">The verb's name.</param>
    /// <param name="options">Its options.</param>
    /// <param name="files">The files of <c>--data</c>.</param>
    public static JsonObject Of(string verb, RowScoringOptions options, IEnumerable<string> files)
    {
        var settings = JsonSerializer.SerializeToNode(options, options.GetType(), Names)!.AsObject();
        foreach (var name in FreeOptions)
        {
            settings.Remove(name);
        }

        return new JsonObject
        {
            ["verb"] = verb,
            ["model"] = new JsonArray([.. FilesOf(options.Model).Select(path => JsonValue.Create($"{Path.GetRelativePath(options.Model, path)} {HashOf(path)}"))]),
            ["data"] = new JsonArray([.. files.Select(path => JsonValue.Create(HashOf(path)))]),
            ["options"] = settings,
        };
    }

    // Not those of folders below, where a training run keeps its checkpoints, but for the templates that stand in one.
    private static IEnumerable<string> FilesOf(string folder) => !Directory.Exists(folder) ? [] :
        Directory.EnumerateFiles(folder)
            .Concat(Directory.EnumerateDirectories(folder, "additional_chat_templates").SelectMany(Directory.EnumerateFiles))
            .Where(path => ModelFiles.Contains(Path.GetExtension(path)))
            .Order(StringComparer.Ordinal);

    private static string HashOf(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 20, FileOptions.SequentialScan);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
