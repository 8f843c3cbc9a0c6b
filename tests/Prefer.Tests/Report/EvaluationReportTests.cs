using System.Text.Json;
using System.Text.Json.Nodes;
using Prefer.Evaluation;
using Prefer.Report;
using Prefer.Report.Evaluation;
using Prefer.Tests.Codebase;
using Xunit;

namespace Prefer.Tests.Report;

/// <summary>result.json and the page made of it.</summary>
public sealed class EvaluationReportTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("comparisons")]
    [InlineData("benchmark")]
    [InlineData("ratings")]
    public void The_page_is_the_same_from_the_record_and_from_its_file(string kind)
    {
        var path = kind switch
        {
            "benchmark" => EvaluationFolder.Write(folder.Path, SampleEvaluation.Benchmark(), SampleEvaluation.About()),
            "ratings" => EvaluationFolder.Write(folder.Path, SampleEvaluation.Ratings(), SampleEvaluation.About()),
            _ => EvaluationFolder.Write(folder.Path, SampleEvaluation.Result(), SampleEvaluation.About()),
        };
        var written = File.ReadAllText(path);

        Assert.Equal(folder.File("again.html"), ReportFile.Write(folder.Path, folder.File("again.html")));

        Assert.Equal(written, File.ReadAllText(folder.File("again.html")));
        Assert.Equal(["again.html", "report.html", "result.json"], Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_record_comes_back_from_its_json()
    {
        var result = SampleEvaluation.Result();

        var json = JsonSerializer.Serialize(result, ResultJson.Options);

        Assert.Equal(json, JsonSerializer.Serialize(JsonSerializer.Deserialize<EvaluationResult>(json, ResultJson.Options), ResultJson.Options));
        Assert.Contains("\"accuracy_ci95\":[0.", json, StringComparison.Ordinal);
    }

    [Fact]
    public void What_json_prints_makes_a_page_too()
    {
        File.WriteAllText(folder.File("printed.json"), JsonSerializer.Serialize(SampleEvaluation.Result(), ResultJson.Options));

        var html = File.ReadAllText(ReportFile.Write(folder.File("printed.json")));

        Assert.Contains("<h1>Evaluation of a scorer</h1>", html, StringComparison.Ordinal);
        Assert.DoesNotContain(SampleEvaluation.Hostile, html, StringComparison.Ordinal);
    }

    [Fact]
    public void Its_numbers_for_the_charts_are_those_of_the_record()
    {
        var result = SampleEvaluation.Result();

        var rows = TrainingReportTests.Charts(File.ReadAllText(EvaluationFolder.Write(folder.Path, result, SampleEvaluation.About())))["accuracy-by-subset"]!["rows"]!.AsArray();

        Assert.Equal(["all", .. result.Sections.Keys.Select(name => $"{name}, all"), .. SampleEvaluation.Subsets.Order(StringComparer.Ordinal)], rows.Select(row => (string)row!["name"]!));
        Assert.Equal(result.Accuracy, (double?)rows[0]!["value"]);
        Assert.Equal(result.AccuracyCi95ByPrompt!.Value.Low, (double?)rows[0]!["low"]);
        Assert.Equal(result.Subsets["helpful/long"].Accuracy, (double?)rows.Single(row => (string)row!["name"]! == "helpful/long")!["value"]);
    }

    /// <summary>After a change to the records: <c>./prefer report --schema > docs/result.schema.json</c>.</summary>
    [Fact]
    public void The_schema_in_the_documents_is_that_of_the_records() =>
        Assert.Equal(Checkout.Read("docs/result.schema.json"), ResultSchema.Make().ToJsonString(ResultJson.Indented) + "\n");

    [Fact]
    public void The_schema_knows_every_property_of_a_result_and_describes_it()
    {
        var schema = ResultSchema.Make();

        Assert.Empty(Unknown(EvaluationFolder.ToJson(SampleEvaluation.Result(), SampleEvaluation.About()), schema, schema, "result"));
    }

    // Names of properties that the schema does not have or does not describe.
    private static IEnumerable<string> Unknown(JsonNode? value, JsonNode schema, JsonNode root, string place)
    {
        var reference = (string?)schema["$ref"] ?? (string?)schema["anyOf"]?[0]?["$ref"];
        var resolved = reference is null ? schema : root["$defs"]![reference.Split('/')[^1]]!;
        switch (value)
        {
            case JsonObject record when resolved["properties"] is JsonObject properties:
                return record.SelectMany(entry => properties[entry.Key] is not { } inner || inner["description"] is null ? [$"{place}.{entry.Key}"] : Unknown(entry.Value, inner, root, $"{place}.{entry.Key}"));
            case JsonObject map when resolved["additionalProperties"] is JsonObject inner:
                return map.SelectMany(entry => Unknown(entry.Value, inner, root, $"{place}[{entry.Key}]"));
            case JsonArray list when resolved["items"] is JsonObject inner:
                return list.SelectMany((item, index) => Unknown(item, inner, root, $"{place}[{index}]"));
            default:
                return [];
        }
    }
}
