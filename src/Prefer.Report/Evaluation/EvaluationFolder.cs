using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Prefer.Evaluation;
using Prefer.Evaluation.Benchmarks;
using Prefer.Models.Files;
using Prefer.Report.Page;

namespace Prefer.Report.Evaluation;

/// <summary>What an evaluation leaves in a folder: <c>result.json</c>, all figures and what they were made of, and the page made from it.</summary>
public static class EvaluationFolder
{
    /// <summary>The file of the figures.</summary>
    public const string ResultName = "result.json";

    private const string AboutName = "about";

    /// <summary>Writes both files, each whole or not at all, the page last.</summary>
    /// <param name="folder">Made where it is missing.</param>
    /// <param name="result">The figures.</param>
    /// <param name="about">What they were made of.</param>
    /// <returns>The path of the page.</returns>
    /// <exception cref="IOException">The disk is full or the folder cannot be written.</exception>
    public static string Write(string folder, EvaluationResult result, EvaluationAbout about) => Write(folder, EvaluationReport.Of(result, about), ToJson(result, about));

    /// <summary>The same for a benchmark.</summary>
    /// <inheritdoc cref="Write(string, EvaluationResult, EvaluationAbout)"/>
    public static string Write(string folder, BenchmarkResult result, EvaluationAbout about) => Write(folder, BenchmarkReport.Of(result, about), ToJson(result, about));

    /// <summary>The same for ratings.</summary>
    /// <inheritdoc cref="Write(string, EvaluationResult, EvaluationAbout)"/>
    public static string Write(string folder, RatingResult result, EvaluationAbout about) => Write(folder, RatingReport.Of(result, about), ToJson(result, about));

    /// <summary>The content of <c>result.json</c>: the figures as <c>--json</c> prints them, and <c>about</c>. docs/result.schema.json is its schema.</summary>
    public static JsonObject ToJson<T>(T result, EvaluationAbout about) where T : class
    {
        var json = JsonSerializer.SerializeToNode(result, ResultJson.Options)!.AsObject();
        json[AboutName] = JsonSerializer.SerializeToNode(about, ResultJson.Options);
        return json;
    }

    /// <summary>The page of a <c>result.json</c>, or of what <c>prefer eval --json</c> printed, which says nothing about itself.</summary>
    /// <exception cref="ReportException">It is neither, or of another version.</exception>
    internal static ReportPage Page(string path) => Parse(path, json =>
    {
        var about = About(json);
        return json.ContainsKey("benchmark") ? BenchmarkReport.Of(json.Deserialize<BenchmarkResult>(ResultJson.Options)!, about)
            : json.ContainsKey("dimensions") ? RatingReport.Of(json.Deserialize<RatingResult>(ResultJson.Options)!, about)
            : EvaluationReport.Of(json.Deserialize<EvaluationResult>(ResultJson.Options)!, about);
    });

    /// <summary>The figures of comparisons in a <c>result.json</c>.</summary>
    /// <exception cref="ReportException">It holds others.</exception>
    internal static (EvaluationResult Result, EvaluationAbout? About) Read(string path) => Parse(path, json => (json.Deserialize<EvaluationResult>(ResultJson.Options)!, About(json)));

    private static EvaluationAbout? About(JsonObject json) => json[AboutName].Deserialize<EvaluationAbout>(ResultJson.Options);

    private static string Write(string folder, ReportPage page, JsonObject json)
    {
        var html = page.ToHtml();
        Directory.CreateDirectory(folder);
        AtomicFile.WriteText(Path.Combine(folder, ResultName), json.ToJsonString(ResultJson.Indented) + "\n");
        var path = Path.Combine(folder, ReportFile.PageName);
        AtomicFile.WriteText(path, html);
        return path;
    }

    private static T Parse<T>(string path, Func<JsonObject, T> read)
    {
        try
        {
            return read(JsonNode.Parse(File.ReadAllText(path, Encoding.UTF8)) as JsonObject ?? throw new JsonException("It is no object."));
        }
        catch (JsonException error)
        {
            throw new ReportException($"{path}: found something else than the result of an evaluation by this version of Prefer ({error.Message}); expected the form of docs/result.schema.json; evaluate again with --output", error);
        }
    }
}
