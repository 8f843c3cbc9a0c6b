using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Xunit;

namespace Prefer.Tests.Training;

/// <summary>
/// What a run leaves behind, apart from times: hashes of weights and optimizer state, its log, its result, the names of its files. Of the
/// checkpoints the last one counts: a run that was interrupted has one more before it.
/// </summary>
internal sealed record RunEnd(string Files, string Hashes, string Metrics, string Result)
{
    internal static RunEnd Of(string output)
    {
        var older = Checkpoints(output).SkipLast(1).Select(step => $"checkpoint-{step}").ToList();
        var files = Directory.EnumerateFileSystemEntries(output, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(output, path))
            .Where(name => !older.Contains(name.Split('/')[0])).Order(StringComparer.Ordinal).ToList();
        var weights = files.Where(name => name.EndsWith(".safetensors", StringComparison.Ordinal)).ToList();
        Assert.Contains("model.safetensors", weights);
        Assert.Contains(weights, name => name.EndsWith("optimizer.safetensors", StringComparison.Ordinal));
        return new RunEnd(
            string.Join('\n', files),
            string.Join('\n', weights.Select(name => $"{name} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(Path.Combine(output, name))))}")),
            string.Join('\n', File.ReadLines(Path.Combine(output, "metrics.jsonl")).Select(line => WithoutTime(JsonNode.Parse(line)!))),
            WithoutTime(JsonNode.Parse(File.ReadAllText(Path.Combine(output, "run.json")))!["result"]!, "output", "input_wait_share", "peak_tensor_bytes", "peak_resident_bytes"));
    }

    /// <summary>Steps of the checkpoints in a folder, in order.</summary>
    internal static int[] Checkpoints(string output) =>
        !Directory.Exists(output) ? [] : [.. Directory.EnumerateDirectories(output, "checkpoint-*").Select(path => int.Parse(Path.GetFileName(path)["checkpoint-".Length..], null)).Order()];

    private static string WithoutTime(JsonNode line, params string[] more)
    {
        foreach (var key in more.Append("seconds"))
        {
            Assert.True(line.AsObject().Remove(key));
        }
        return line.ToJsonString();
    }
}
