using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Prefer.Evaluation;
using Prefer.Models.Files;

namespace Prefer.Report.Evaluation;

/// <summary>What an evaluation leaves in a folder: <c>result.json</c>, all figures and what they were made of, and the page made from it.</summary>
public static class EvaluationFolder
{
    internal const string ResultName = "result.json", AboutName = "about";

    /// <summary>Writes both files, each whole or not at all, the page last.</summary>
    /// <param name="folder">Made where it is missing.</param>
    /// <param name="result">The figures.</param>
    /// <param name="about">What they were made of.</param>
    /// <returns>The path of the page.</returns>
    public static string Write(string folder, EvaluationResult result, EvaluationAbout about)
    {
        Directory.CreateDirectory(folder);
        var json = ToJson(result, about);
        var page = EvaluationReport.Of(json).ToHtml();
        var path = Path.Combine(folder, ReportFile.PageName);
        AtomicFile.WriteText(Path.Combine(folder, ResultName), json.ToJsonString(ResultJson.Indented) + "\n");
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

    /// <summary>Reads a <c>result.json</c>.</summary>
    /// <exception cref="ReportException">It is not one.</exception>
    internal static JsonObject Read(string path)
    {
        try
        {
            var json = JsonNode.Parse(File.ReadAllText(path, Encoding.UTF8)) as JsonObject ?? throw new JsonException("it is no object");
            return json.ContainsKey("pairs") ? json : throw new JsonException("it has no 'pairs'");
        }
        catch (JsonException error)
        {
            throw new ReportException($"{path}: found something else than the result of an evaluation ({error.Message}); expected what prefer eval --output writes; make it again", error);
        }
    }
}
