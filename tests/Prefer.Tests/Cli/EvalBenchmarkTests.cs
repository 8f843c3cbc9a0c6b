using System.IO.Compression;
using System.Text.Json.Nodes;
using Prefer.Tests.Codebase;
using Prefer.Tests.Evaluation;
using Xunit;

namespace Prefer.Tests.Cli;

/// <summary><c>prefer eval --benchmark</c>, in a process of its own.</summary>
public sealed class EvalBenchmarkTests : IDisposable
{
    private static readonly string[] Pairs =
    [
        """{"input": "low", "output_1": "want want want low", "output_2": "want want want want", "label": 1}""",
        """{"input": "low", "output_1": "want", "output_2": "want want", "label": 2}""",
    ];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_model_and_a_baseline_side_by_side_with_the_rewards_of_prefer_score()
    {
        TextModel.WriteTo(folder.Path);
        var path = Write("Natural", Pairs);
        string[] arguments = ["--benchmark", "llmbar", "--model", folder.Path, "--scorer", "length", "--data", path];

        var result = Run(arguments);

        var rewards = Pairs.Select(pair => JsonNode.Parse(pair)!).SelectMany(pair => (string[])[(string)pair["output_1"]!, (string)pair["output_2"]!]).Select(Reward).ToArray();
        var expected = ((rewards[0] > rewards[1] ? 1 : 0) + (rewards[3] > rewards[2] ? 1 : 0)) / 2.0;
        Assert.Equal(("llmbar", expected, 2), ((string)result["benchmark"]!, (double)result["score"]!, (int)result["items"]!));
        Assert.Equal(["Natural"], result["score_of"]!.AsArray().Select(name => (string)name!));
        Assert.Equal(["Adversarial"], result["missing"]!.AsArray().Select(name => (string)name!));
        // Lengths 18 and 19, label 1; 4 and 9, label 2.
        Assert.Equal(0.5, (double)result["baselines"]!["length"]!["score"]!);
        Assert.True((int)result["tokens"]! > 0);
        Assert.Null(result["baselines"]!["length"]!["tokens"]);

        var (exitCode, output, table) = Checkout.Prefer(["eval", .. arguments]);
        Assert.Equal((0, ""), (exitCode, output));
        Assert.Matches(@"│ +│ items │ model │ 95 % +│ length │ 95 %", table);
        Assert.Matches(@"│ score +│ +2 │ +\d\.\d{3} │", table);
        Assert.Matches(@"│ Natural +│ +2 │ +\d\.\d{3} │ \d\.\d{3} – \d\.\d{3} │ +0\.500 │", table);
        Assert.Contains("Not in the data: Adversarial. The score is of Natural alone.\n", table, StringComparison.Ordinal);
        Assert.Contains("Natural: 2 items, where the published files have 100.\n", table, StringComparison.Ordinal);
    }

    [Fact]
    public void Truncation_that_makes_responses_equal_is_counted_and_wrong()
    {
        TextModel.WriteTo(folder.Path);
        var path = Write("Natural", Pairs[0]);

        // As in the evaluation of pairs: only the responses' ends, which are cut, differ.
        var result = Run("--benchmark", "llmbar", "--model", folder.Path, "--data", path, "--max-length", "6");

        Assert.Equal((0.0, 2, 1, 1), ((double)result["score"]!, (int)result["truncated"]!, (int)result["became_identical_by_truncation"]!, (int)result["equal_rewards"]!));
    }

    [Fact]
    public void Files_may_be_compressed_and_rows_that_cannot_be_read_left_out()
    {
        var path = Write("Natural", [.. Pairs, """{"input": "low"}"""]);
        using (var gzip = new GZipStream(File.Create($"{path}.gz"), CompressionLevel.Fastest))
        {
            gzip.Write(File.ReadAllBytes(path));
        }

        var (exitCode, output, error) = Checkout.Prefer("eval", "--benchmark", "llmbar", "--scorer", "length", "--data", $"{path}.gz", "--json");
        Assert.Equal((2, ""), (exitCode, output));
        Assert.StartsWith($"prefer: {path}.gz:3: found no 'output_1' among input; expected a string there; give files of that layout", error, StringComparison.Ordinal);

        var result = Run("--benchmark", "llmbar", "--scorer", "length", "--data", $"{path}.gz", "--on-bad-row", "skip");
        Assert.Equal((2, 1), ((int)result["items"]!, (int)result["bad_rows"]!));
    }

    [Fact]
    public void Parquet_is_refused_with_a_way_to_convert_it()
    {
        var path = folder.File("filtered.parquet");
        File.WriteAllBytes(path, "PAR1\x15\x04"u8.ToArray());

        var (exitCode, output, error) = Checkout.Prefer("eval", "--benchmark", "rewardbench", "--scorer", "length", "--data", path);

        Assert.Equal((2, ""), (exitCode, output));
        Assert.StartsWith($"prefer: {path}: found a Parquet file, which is not read; expected JSON Lines or a JSON array; convert it, for instance with python3 -c", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("eval --benchmark best --scorer length --data x", "prefer: --benchmark: found 'best', expected rewardbench, rewardbench2, rm-bench, llmbar, judgebench or pandalm.")]
    public void Wrong_usage_says_what_is_allowed(string arguments, string message)
    {
        var (exitCode, output, error) = Checkout.Prefer(arguments.Split(' '));

        Assert.Equal((2, ""), (exitCode, output));
        Assert.StartsWith(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Columns_are_the_published_ones()
    {
        var (exitCode, _, error) = Checkout.Prefer("eval", "--benchmark", "llmbar", "--scorer", "length", "--data", Write("Natural", Pairs), "--columns", "prompt=input");

        Assert.Equal((2, "prefer: --columns was given, but --benchmark reads the published columns. Leave it out.\n"), (exitCode, error));
    }

    private double Reward(string response)
    {
        var path = folder.File("row.jsonl");
        File.WriteAllText(path, new JsonObject { ["prompt"] = "low", ["response"] = response }.ToJsonString());
        var (exitCode, output, error) = Checkout.Prefer("score", "--model", folder.Path, "--data", path, "--json");
        Assert.True(exitCode == 0, error);
        return (double)JsonNode.Parse(output)!["reward"]!;
    }

    private static JsonObject Run(params string[] arguments)
    {
        var (exitCode, output, error) = Checkout.Prefer(["eval", .. arguments, "--json"]);
        Assert.True(exitCode == 0, error);
        return JsonNode.Parse(output)!.AsObject();
    }

    private string Write(string subset, params string[] rows)
    {
        var path = Path.Combine(Directory.CreateDirectory(folder.File(subset)).FullName, "dataset.json");
        File.WriteAllLines(path, rows);
        return path;
    }
}
