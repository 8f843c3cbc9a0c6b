using System.Text.Json.Nodes;
using Prefer.Tests.Codebase;
using Prefer.Tests.Evaluation;
using Prefer.Tests.Training;
using Xunit;

namespace Prefer.Tests.Cli;

/// <summary><c>--columns</c> on every verb that reads data, and the mixture of <c>prefer train</c>, each in a process of its own.</summary>
public sealed class ColumnsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("stats")]
    [InlineData("inspect")]
    [InlineData("convert")]
    [InlineData("split")]
    public void Data_verbs_map_columns(string verb)
    {
        var ours = Write("ours.jsonl", """{"prompt": "p", "chosen": "yes", "rejected": "no"}""", """{"prompt": "q", "chosen": "yes", "rejected": "no"}""");
        var theirs = Write("theirs.jsonl", """{"q": "p", "pair": ["yes", "no"]}""", """{"q": "q", "pair": ["yes", "no"]}""");
        string[] Arguments(string path, string name) => ["data", verb, path, "--json", .. verb switch { "convert" => new[] { "--output", folder.File($"{name}.out") }, "split" => ["--output", folder.File(name), "--eval-count", "1"], _ => [] }];

        var expected = Checkout.Prefer(Arguments(ours, "first"));
        var (exitCode, output, error) = Checkout.Prefer([.. Arguments(theirs, "second"), "--columns", "prompt=q,chosen=pair.0,rejected=pair.1"]);

        Assert.True(exitCode == 0, error);
        if (verb == "stats")
        {
            Assert.Equal(expected.Output, output);
        }
        else if (verb == "inspect")
        {
            Assert.Equal("yes", (string)JsonNode.Parse(output)!["first"]![0]!["chosen"]!);
        }
        else
        {
            var (first, second) = verb == "convert" ? ("first.out", "second.out") : ("first/train.jsonl", "second/train.jsonl");
            Assert.Equal(File.ReadLines(folder.File(first)).Select(Pair), File.ReadLines(folder.File(second)).Select(Pair));
        }

        static (string, string) Pair(string line) => ((string)JsonNode.Parse(line)!["chosen"]!, JsonNode.Parse(line)!["prompt"]!.ToJsonString());
    }

    [Fact]
    public void Score_and_eval_map_columns()
    {
        var batch = RecordedRewards.Batch("llama");
        var row = new JsonObject { ["good"] = Ids(0), ["bad"] = Ids(1), ["n"] = 3 }.ToJsonString();
        var path = Write("rows.jsonl", row);

        var (exitCode, output, error) = Checkout.Prefer("score", "--model", RecordedRewards.Folder("llama"), "--data", path, "--columns", "input_ids=good", "--json");
        Assert.True(exitCode == 0, error);
        Assert.Equal(batch[0].Reward, (double)JsonNode.Parse(output)!["reward"]!, RecordedRewards.Tolerance);

        (exitCode, output, error) = Checkout.Prefer("eval", "--model", RecordedRewards.Folder("llama"), "--data", path, "--columns", "chosen_ids=good,rejected_ids=bad", "--json");
        Assert.True(exitCode == 0, error);
        Assert.Equal(batch[0].Reward - batch[1].Reward, (double)JsonNode.Parse(output)!["margin"]!, RecordedRewards.Tolerance);

        var (refused, _, message) = Checkout.Prefer("eval", "--model", RecordedRewards.Folder("llama"), "--data", path, "--columns", "chosen_ids=better,rejected_ids=bad");
        Assert.Equal(2, refused);
        Assert.Contains($"{path}:1: found no column 'better', which --columns reads as 'chosen_ids', among good, bad, n;", message, StringComparison.Ordinal);

        JsonArray Ids(int index) => [.. batch[index].Ids.Select(id => JsonValue.Create(id))];
    }

    [Fact]
    public void Train_says_how_much_of_each_source_an_epoch_has()
    {
        using var small = new SmallRun();
        File.WriteAllLines(small.File("other.jsonl"), SmallRun.Rows("other", 20, seed: 3).Select(line => line.Replace("chosen_ids", "good", StringComparison.Ordinal)));
        File.WriteAllLines(small.File("train.jsonl"), File.ReadAllLines(small.File("train.jsonl")).Select(line => line.Replace("chosen_ids", "good", StringComparison.Ordinal)));

        var (exitCode, _, error) = Checkout.Prefer(
            "train", "--model", $"new:{small.File("config.json")}", "--data", $"{small.File("train.jsonl")}:1", $"{small.File("other.jsonl")}:3", "--output", small.File("out"),
            "--loss", "hinge", "--hinge-margin", "0.5", "--columns", "chosen_ids=good", "--max-steps", "2");

        Assert.True(exitCode == 0, error);
        Assert.Contains($"{small.File("train.jsonl")}: 20 of each epoch's 80 comparisons, out of 60 (0.33 passes).", error, StringComparison.Ordinal);
        Assert.Contains($"{small.File("other.jsonl")}: 60 of each epoch's 80 comparisons, out of 20 (3 passes).", error, StringComparison.Ordinal);
        var options = JsonNode.Parse(File.ReadAllText(small.File("out/run.json")))!["options"]!;
        Assert.Equal(("hinge", 0.5, "chosen_ids=good"), ((string)options["loss"]!, (double)options["hinge_margin"]!, (string)options["columns"]!));
    }

    private string Write(string name, params string[] lines)
    {
        File.WriteAllLines(folder.File(name), lines);
        return folder.File(name);
    }
}
