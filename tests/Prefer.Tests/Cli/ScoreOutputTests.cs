using System.Text.Json.Nodes;
using Prefer.Tests.Codebase;
using Prefer.Tests.Evaluation;
using Prefer.Tests.Models;
using Prefer.Tests.Training;
using Xunit;

namespace Prefer.Tests.Cli;

/// <summary><c>prefer score --output</c>, in a process of its own: a file that is whole or not there, and runs that go on after they were killed.</summary>
public sealed class ScoreOutputTests : IDisposable
{
    // Some seconds of work, in dozens of windows.
    private const int RowCount = 20_000;

    private static readonly string Model = RecordedRewards.Folder("llama");

    private readonly TemporaryFolder folder = new();

    private string Data => folder.File("rows.jsonl");

    private string Output => folder.File("rewards.jsonl");

    private string Partial => folder.File("rewards.jsonl.partial");

    private string Record => folder.File("rewards.jsonl.partial.json");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_file_holds_the_lines_of_standard_output()
    {
        WriteRows(300);
        var (_, lines, _) = Checkout.Prefer("score", "--model", Model, "--data", Data, "--json");

        var (exitCode, summary, error) = Checkout.Prefer("score", "--model", Model, "--data", Data, "--output", Output, "--json");

        Assert.Equal(0, exitCode);
        Assert.Equal(lines, File.ReadAllText(Output));
        Assert.Equal($$"""{"output":"{{Output}}","rows":300,"lines":300,"bad_rows":0,"truncated":0}""" + "\n", summary);
        Assert.Contains("score  300/300  100%", error, StringComparison.Ordinal);
        Assert.Equal([Output, Data], Directory.GetFileSystemEntries(folder.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Rows_of_standard_input_go_to_a_file_too()
    {
        var (exitCode, _, error) = Checkout.PreferWith("""[{"id": 1, "input_ids": [3, 4]}, {"id": 2, "input_ids": [5]}]""", [], "score", "--model", Model, "--data", "-", "--output", Output);

        Assert.Equal((0, 2), (exitCode, File.ReadAllLines(Output).Length));
        Assert.Contains("score  2  ", error, StringComparison.Ordinal);
        Assert.EndsWith($"2 lines are in {Output}.\n", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_run_killed_and_resumed_leaves_the_bytes_of_one_that_was_not(int seed)
    {
        var random = new Random(seed);
        WriteRows(RowCount, bad: [5, 17_000]);
        string[] arguments = ["score", "--model", Model, "--data", Data, "--on-bad-row", "skip", "--output"];
        var whole = TrainingProcess.Run([.. arguments, folder.File("whole.jsonl")]);
        Assert.True(whole.ExitCode == 0, whole.Error);

        for (var kill = 0; kill <= seed % 2; kill++)
        {
            var after = RecordedLines() + random.Next(RowCount / 3);
            Cut(process => process.Kill(), () => RecordedLines() > after, [.. arguments, Output, .. kill > 0 ? ["--resume"] : Array.Empty<string>()]);
            Assert.False(File.Exists(Output));
        }

        // What a kill may leave at worst: half a line.
        File.AppendAllText(Partial, """{"id":123,"rew""");
        var (exitCode, _, error) = TrainingProcess.Run([.. arguments, Output, "--resume", "--json"]);

        Assert.True(exitCode == 0, error);
        Assert.Equal(File.ReadAllBytes(folder.File("whole.jsonl")), File.ReadAllBytes(Output));
        Assert.False(File.Exists(Partial) || File.Exists(Record));
        // One row that cannot be read and one that the model cannot, early and late: told once each, as by the whole run.
        string[] LeftOut(string text) => [.. text.Split('\n').Where(line => line.StartsWith("warning: left out", StringComparison.Ordinal))];
        Assert.Equal(4, LeftOut(error).Length);
        Assert.Equal(LeftOut(whole.Error), LeftOut(error));
    }

    [Fact]
    public void Ctrl_C_says_how_to_go_on()
    {
        WriteRows(RowCount);
        var (exitCode, output, error) = Cut(process => process.Interrupt(), () => RecordedLines() > 0, "score", "--model", Model, "--data", Data, "--output", Output);

        Assert.Equal((130, ""), (exitCode, output));
        Assert.Contains($"Stopped: {RecordedLines()} lines are in {Partial}. Go on with the same command and --resume.", error, StringComparison.Ordinal);
        Assert.False(File.Exists(Output));
        Assert.Equal(RecordedLines(), File.ReadLines(Partial).Count());
    }

    [Fact]
    public void A_bad_row_leaves_what_stands_before_it_to_go_on_with()
    {
        WriteRows(RowCount, bad: [15_000]);
        var (stopped, _, reason) = Checkout.Prefer("score", "--model", Model, "--data", Data, "--output", Output);
        Assert.Equal(2, stopped);
        Assert.Contains("Go on with the same command and --resume.", reason, StringComparison.Ordinal);
        Assert.InRange(RecordedLines(), 1, 15_000);

        var (exitCode, _, error) = Checkout.Prefer("score", "--model", Model, "--data", Data, "--output", Output, "--resume", "--on-bad-row", "skip");

        Assert.True(exitCode == 0, error);
        Assert.Equal(RowCount - 2, File.ReadLines(Output).Count());
    }

    [Fact]
    public void A_run_that_ends_before_its_first_rows_leaves_nothing()
    {
        WriteRows(3, bad: [2]);

        var (exitCode, _, error) = Checkout.Prefer("score", "--model", Model, "--data", Data, "--output", Output);

        Assert.Equal(2, exitCode);
        Assert.Contains("Stopped before the first rows were scored.", error, StringComparison.Ordinal);
        Assert.Equal([Data], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Only_the_run_that_left_a_file_goes_on_with_it()
    {
        WriteRows(RowCount);
        Cut(process => process.Kill(), () => RecordedLines() > 0, "score", "--model", Model, "--data", Data, "--output", Output, "--max-length", "100");

        Refused("found " + Partial + ", which a run left that did not end. Go on with it with --resume, begin anew with --overwrite", "--max-length", "100");
        Refused("was begun with --max-length 100, now it is unset.", "--resume");
        Refused("was begun with another verb than this one.", "--resume", "--max-length", "100", "--verb", "best-of");
        FolderCopy.EditConfig(FolderCopy.Of("llama", folder.File("model")), config => config["rms_norm_eps"] = 1e-3);
        Refused("was begun with another model than this one.", "--resume", "--max-length", "100", "--model", folder.File("model"));
        File.AppendAllText(Data, "\n");
        Refused("was begun with another data than this one.", "--resume", "--max-length", "100");
        File.Delete(Record);
        Refused($"{Partial} has no {Record} beside it", "--resume", "--max-length", "100");
        Assert.False(File.Exists(Output));

        WriteRows(10);
        Assert.Equal(0, Checkout.Prefer("score", "--model", Model, "--data", Data, "--output", Output, "--overwrite").ExitCode);
        Refused("the file is there already. Replace it with --overwrite");
        Refused("the file is there already, and no run that did not end.", "--resume");
        Assert.Equal(10, File.ReadLines(Output).Count());
    }

    [Theory]
    [InlineData("--resume", "--resume was given without --output")]
    [InlineData("--overwrite", "--overwrite was given without --output")]
    [InlineData("--output {folder}/o --resume --overwrite", "either go on or begin anew")]
    [InlineData("--output {folder}/o --resume --data -", "--resume: standard input can't be read again")]
    [InlineData("--output {folder}/o.gz", "found a name of a gzip file, expected one of plain JSON Lines")]
    [InlineData("--output {folder}/none/o", "found no folder '{folder}/none' to write into")]
    [InlineData("--output {folder}", "found a folder, expected the name of a file")]
    public void Wrong_usage_says_what_is_allowed(string arguments, string message)
    {
        WriteRows(1);
        string[] data = arguments.Contains("--data", StringComparison.Ordinal) ? [] : ["--data", Data];

        var (exitCode, output, error) = Checkout.Prefer(["score", "--model", Model, .. data, .. Placed(arguments).Split(' ')]);

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains(Placed(message), error, StringComparison.Ordinal);
    }

    /// <summary>Starts a run and ends it at a moment. On a busy machine it may be over by then; then another is begun.</summary>
    private (int ExitCode, string Output, string Error) Cut(Action<TrainingProcess> end, Func<bool> when, params string[] arguments)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var process = TrainingProcess.Start(arguments);
            process.WaitFor(when);
            end(process);
            var result = process.End();
            if (!File.Exists(Output))
            {
                return result;
            }

            Assert.True(attempt < 5, "the run was over each time before it could be cut");
            File.Delete(Output);
        }
    }

    private void Refused(string message, params string[] arguments)
    {
        var verb = arguments is [.., "--verb", var name] ? name : "score";
        string[] given = [.. arguments.TakeWhile(argument => argument != "--verb")];
        string[] model = given.Contains("--model") ? [] : ["--model", Model];

        var (exitCode, _, error) = Checkout.Prefer([verb, .. model, "--data", Data, "--output", Output, .. given]);

        Assert.True(exitCode == 2, error);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    private string Placed(string text) => text.Replace("{folder}", folder.Path, StringComparison.Ordinal);

    private int RecordedLines() => File.Exists(Record) ? (int)JsonNode.Parse(File.ReadAllText(Record))!["position"]!["lines"]! : 0;

    /// <summary>Rows of ids, of which many begin alike. At a bad place a row that is no JSON, and behind it one that the model has no embedding for.</summary>
    private void WriteRows(int count, params int[] bad)
    {
        var random = new Random(1);
        File.WriteAllLines(Data, Enumerable.Range(0, count).Select(row =>
            bad.Contains(row) ? "{"
            : bad.Contains(row - 1) ? """{"input_ids": [3, 999]}"""
            : $$"""{"id": {{row}}, "input_ids": [{{3 + (random.Next(5) * 7)}}, 9, 9, 9, {{string.Join(", ", Enumerable.Range(0, random.Next(1, 20)).Select(_ => 3 + random.Next(200)))}}]}"""));
    }
}
