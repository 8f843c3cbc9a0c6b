using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Prefer.Evaluation;
using Prefer.Models.Files;

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
    public static string Write(string folder, EvaluationResult result, EvaluationAbout about)
    {
        var page = EvaluationReport.Of(result, about).ToHtml();
        Directory.CreateDirectory(folder);
        AtomicFile.WriteText(Path.Combine(folder, ResultName), ToJson(result, about).ToJsonString(ResultJson.Indented) + "\n");
        var path = Path.Combine(folder, ReportFile.PageName);
        AtomicFile.WriteText(path, page);
        return path;
    }

    /// <summary>The content of <c>result.json</c>: the figures as <c>--json</c> prints them, and <c>about</c>. docs/result.schema.json is its schema.</summary>
    public static JsonObject ToJson(EvaluationResult result, EvaluationAbout about)
    {
        var json = JsonSerializer.SerializeToNode(result, ResultJson.Options)!.AsObject();
        json[AboutName] = JsonSerializer.SerializeToNode(about, ResultJson.Options);
        return json;
    }

    /// <summary>Reads a <c>result.json</c>, or what <c>prefer eval --json</c> printed, which says nothing about itself.</summary>
    /// <exception cref="ReportException">It is neither, or of another version.</exception>
    internal static (EvaluationResult Result, EvaluationAbout? About) Read(string path)
    {
        try
        {
            var json = JsonNode.Parse(File.ReadAllText(path, Encoding.UTF8)) as JsonObject ?? throw new JsonException("It is no object.");
            return (json.Deserialize<EvaluationResult>(ResultJson.Options)!, json[AboutName].Deserialize<EvaluationAbout>(ResultJson.Options));
        }
        catch (JsonException error)
        {
            throw new ReportException($"{path}: found something else than the result of an evaluation by this version of Prefer ({error.Message}); expected the form of docs/result.schema.json; evaluate again with --output", error);
        }
    }
}
