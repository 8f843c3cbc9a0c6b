using System.Text.Json.Nodes;
using Prefer.Data;
using Prefer.Evaluation;
using Prefer.Evaluation.Benchmarks;

namespace Prefer.Tests.Evaluation.Benchmarks;

/// <summary>Files of benchmarks whose responses are so many letters long, and their scores by the length baseline, whose rewards are those numbers.</summary>
internal sealed class BenchmarkFiles : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly List<string> paths = [];

    /// <summary>The path of a file in the folder.</summary>
    public string Path(string name) => folder.File(name);

    /// <summary>Adds a file of JSON Lines, or of an array where its name ends in .json.</summary>
    public string Add(string name, params JsonObject[] rows)
    {
        var path = folder.File(name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, name.EndsWith(".json", StringComparison.Ordinal) ? new JsonArray([.. rows]).ToJsonString() : string.Join('\n', rows.Select(row => row.ToJsonString())));
        paths.Add(path);
        return path;
    }

    public BenchmarkResult Score(BenchmarkKind kind, ICollection<BadRow>? skipped = null) =>
        BenchmarkEvaluation.Run(kind, DataSource.Open(paths).Fields(), BaselineScorer.Length, skipped, TimeProvider.System);

    /// <summary>A response of so many letters.</summary>
    public static string Long(int length) => new('a', length);

    /// <summary>Several.</summary>
    public static JsonArray Longs(params int[] lengths) => [.. lengths.Select(length => (JsonNode)Long(length))];

    public void Dispose() => folder.Dispose();
}
