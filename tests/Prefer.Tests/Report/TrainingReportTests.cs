using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Prefer.Report;
using Prefer.Report.Training;
using Xunit;

namespace Prefer.Tests.Report;

/// <summary>The page of a run, from files at every stage of one.</summary>
public sealed partial class TrainingReportTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void It_says_which_evaluation_is_best_and_where_overfitting_sets_in()
    {
        SampleRun.WriteTo(folder.Path);

        var text = Text(ReportFile.Write(folder.Path));

        Assert.Contains("The best of 12 evaluations is that of step 400 (loss 0.6000, accuracy 0.680)", text, StringComparison.Ordinal);
        Assert.Contains("Overfitting sets in at step 400.", text, StringComparison.Ordinal);
        Assert.Contains("completed, 1,200 steps", text, StringComparison.Ordinal);
        Assert.Contains("peak memory 1,400 MB", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_goes_on_shows_what_there_is()
    {
        SampleRun.WriteTo(folder.Path);
        var run = JsonNode.Parse(File.ReadAllText(folder.File("run.json")))!;
        run["result"] = null;
        File.WriteAllText(folder.File("run.json"), run.ToJsonString());
        var lines = SampleRun.Lines().Take(11).ToList();
        // The last line is being written.
        File.WriteAllText(folder.File("metrics.jsonl"), string.Join("\n", lines) + "\n{\"step\": 2");

        var text = Text(ReportFile.Write(folder.Path));

        Assert.Contains("step 200 of 1,200 so far", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Overfitting sets in", text, StringComparison.Ordinal);
        File.Delete(folder.File("metrics.jsonl"));
        Assert.Contains("step 0 of 1,200 so far", Text(ReportFile.Write(folder.Path)), StringComparison.Ordinal);
    }

    [Fact]
    public void Long_logs_are_thinned_and_say_so()
    {
        SampleRun.WriteTo(folder.Path);
        File.WriteAllLines(folder.File("metrics.jsonl"), Enumerable.Range(1, 1001).Select(step => string.Create(CultureInfo.InvariantCulture, $$"""{"step": {{step}}, "epoch": 0, "loss": {{1.0 / step}}, "accuracy": 0.5}""")));

        var html = File.ReadAllText(ReportFile.Write(folder.Path));

        // 1,001 points, at most 400: every third, counted from the last.
        Assert.Contains("Of 3 logged points one is shown; metrics.jsonl has all.", html, StringComparison.Ordinal);
        var points = Charts(html)["loss"]!["series"]![0]!["points"]!.AsArray();
        Assert.Equal((334, 1001), (points.Count, (int)points[^1]![0]!));
    }

    [Fact]
    public void Throughput_leaves_evaluations_and_restarts_out()
    {
        File.WriteAllText(folder.File("run.json"), "{}");
        File.WriteAllLines(folder.File("metrics.jsonl"),
        [
            """{"step": 10, "loss": 1, "num_tokens": 1000, "seconds": 20}""",
            """{"step": 20, "loss": 1, "num_tokens": 3000, "seconds": 24}""",
            """{"step": 20, "eval_loss": 1, "seconds": 124}""",
            """{"step": 30, "loss": 1, "num_tokens": 5000, "seconds": 129}""",
            """{"step": 35, "eval_loss": 1, "seconds": 139}""", // amid a window: its time can't be told from the window's
            """{"step": 40, "loss": 1, "num_tokens": 7000, "seconds": 149}""",
            """{"step": 50, "loss": 1, "num_tokens": 9000, "seconds": 7}""", // resumed
            """{"step": 60, "loss": 1, "num_tokens": 9500, "seconds": 8}""",
        ]);

        Assert.Equal([(20, 500.0), (30, 400.0), (40, 100.0), (60, 500.0)], TrainingRecord.Read(folder.Path).TokensPerSecond());
    }

    [Fact]
    public void The_best_evaluation_is_the_one_that_the_run_goes_by()
    {
        File.WriteAllText(folder.File("run.json"), """{"options": {"metric_for_best_model": "accuracy"}}""");
        File.WriteAllLines(folder.File("metrics.jsonl"), ["""{"step": 1, "eval_loss": 0.5, "eval_accuracy": 0.6}""", """{"step": 2, "eval_loss": 0.6, "eval_accuracy": 0.7}""", """{"step": 3, "eval_loss": 0.7, "eval_accuracy": 0.7}"""]);

        Assert.Equal(2, TrainingRecord.Read(folder.Path).BestStep);
    }

    [Fact]
    public void Damaged_and_missing_files_are_named()
    {
        Assert.Contains("found neither run.json of prefer train nor result.json of prefer eval --output", Refused(folder.Path), StringComparison.Ordinal);
        File.WriteAllText(folder.File("run.json"), "{");
        Assert.Contains($"{folder.File("run.json")}: found text that is not the JSON of a run", Refused(folder.Path), StringComparison.Ordinal);
        File.WriteAllText(folder.File("run.json"), "{}");
        File.WriteAllText(folder.File("metrics.jsonl"), "{\"step\": 1, \"loss\": 1}\nnonsense\n");
        Assert.Contains($"{folder.File("metrics.jsonl")}:2: found a line that is no JSON of logged figures", Refused(folder.Path), StringComparison.Ordinal);
        File.WriteAllText(folder.File("result.json"), "{}");
        Assert.Contains("found the records of a run and of an evaluation", Refused(folder.Path), StringComparison.Ordinal);
        Assert.Contains($"{folder.File("result.json")}: found something else than the result of an evaluation", Refused(folder.File("result.json")), StringComparison.Ordinal);
    }

    internal static JsonNode Charts(string html) => JsonNode.Parse(ChartData().Match(html).Groups["json"].Value)!;

    private static string Refused(string source) => Assert.Throws<ReportException>(() => ReportFile.Write(source)).Message;

    // What a reader sees, on one line.
    private static string Text(string path) => WhiteSpace().Replace(Tag().Replace(HeadAndScripts().Replace(File.ReadAllText(path), ""), " "), " ");

    [GeneratedRegex("""<script type="application/json" id="charts">(?<json>.*?)</script>""", RegexOptions.Singleline)]
    private static partial Regex ChartData();

    [GeneratedRegex("<(?<name>style|script).*?</\\k<name>>", RegexOptions.Singleline)]
    private static partial Regex HeadAndScripts();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhiteSpace();
}
