using System.Text.Json.Nodes;
using Prefer.Cli.Verbs;
using Prefer.Statistics;
using Prefer.Tests.Codebase;
using Prefer.Tests.Evaluation;
using Xunit;

namespace Prefer.Tests.Cli;

/// <summary><c>prefer eval</c>, in a process of its own.</summary>
public sealed class EvalVerbTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("distilbert")]
    [InlineData("llama")]
    public void Loss_and_accuracy_are_those_of_the_reference_implementation(string model)
    {
        var batch = RecordedRewards.Batch(model);
        var recorded = RecordedRewards.Json(model, "expected.json")["bradley_terry"]!;
        var pairs = recorded["pairs"]!.AsArray().Select(pair => (Chosen: batch[(int)pair![0]!], Rejected: batch[(int)pair[1]!])).ToArray();
        var path = Write([.. pairs.Select(pair => Pair(pair.Chosen.Ids, pair.Rejected.Ids))]);

        var result = Run("--model", RecordedRewards.Folder(model), "--data", path);

        Assert.Equal((double)recorded["loss"]!, (double)result["loss"]!, RecordedRewards.Tolerance);
        Assert.Equal((double)recorded["accuracy"]!, (double)result["accuracy"]!);
        Assert.Equal(pairs.Average(pair => pair.Chosen.Reward - pair.Rejected.Reward), (double)result["margin"]!, RecordedRewards.Tolerance);
        var longer = pairs.Average(pair => pair.Chosen.Ids.Length > pair.Rejected.Ids.Length ? 1 : pair.Chosen.Ids.Length < pair.Rejected.Ids.Length ? 0 : 0.5);
        Assert.Equal(longer, (double)result["length_baseline_accuracy"]!);
        Assert.Equal((double)recorded["accuracy"]! - longer, (double)result["length_difference"]!, 1e-15);
        Assert.Equal(pairs.Sum(pair => pair.Chosen.Ids.Length + pair.Rejected.Ids.Length), (int)result["tokens"]!);
        var wilson = Proportion.Wilson(4 * (double)recorded["accuracy"]!, 4);
        Assert.Equal([wilson.Low, wilson.High], result["accuracy_ci95"]!.AsArray().Select(end => (double)end!));
    }

    [Fact]
    public void Ties_soft_labels_subsets_and_pairs_that_teach_nothing()
    {
        // Rows 0 and 1 of the recorded batch; d is the reward of row 1 minus that of row 0.
        var batch = RecordedRewards.Batch("llama");
        var (low, high) = (batch[0], batch[1]);
        var d = high.Reward - low.Reward;
        Assert.True(d > 1);
        var path = Write(
            Pair(high.Ids, low.Ids, subset: "right"),
            Pair(low.Ids, high.Ids, subset: "wrong"),
            Pair(low.Ids, high.Ids, label: 0.3, subset: "right"), // turned round: high is preferred with 0.7
            Pair(high.Ids, low.Ids, label: 0.5, subset: "wrong"),
            Pair(high.Ids, high.Ids),
            Pair(high.Ids, []));

        var result = Run("--model", RecordedRewards.Folder("llama"), "--data", path);

        double right = Math.Log(1 + Math.Exp(-d)), wrong = Math.Log(1 + Math.Exp(d));
        Assert.Equal((6, 3, 1, 1, 1), ((int)result["pairs"]!, (int)result["accuracy_pairs"]!, (int)result["ties"]!, (int)result["identical"]!, (int)result["empty"]!));
        Assert.Equal(2 / 3.0, (double)result["accuracy"]!, 1e-15);
        Assert.Equal(d / 3, (double)result["margin"]!, RecordedRewards.Tolerance);
        Assert.Equal((right + wrong + (0.7 * right + 0.3 * wrong) + (right + wrong) / 2) / 4, (double)result["loss"]!, RecordedRewards.Tolerance);
        var subsets = result["subsets"]!.AsObject();
        Assert.Equal(["right", "wrong"], subsets.Select(subset => subset.Key));
        Assert.Equal((2, 1.0), ((int)subsets["right"]!["pairs"]!, (double)subsets["right"]!["accuracy"]!));
        Assert.Equal((2, 0.0, 1), ((int)subsets["wrong"]!["pairs"]!, (double)subsets["wrong"]!["accuracy"]!, (int)subsets["wrong"]!["ties"]!));
        Assert.Equal((right + 0.7 * right + 0.3 * wrong) / 2, (double)subsets["right"]!["loss"]!, RecordedRewards.Tolerance);
        Assert.Empty(subsets["right"]!.AsObject().Select(metric => metric.Key).Except(result.Select(metric => metric.Key)));
    }

    [Fact]
    public void Equal_rewards_are_wrong_for_a_model_and_truncation_that_makes_them_is_counted()
    {
        TextModel.WriteTo(folder.Path);
        var path = folder.File("pairs.jsonl");
        File.WriteAllLines(path,
        [
            """{"prompt": "low", "chosen": "want want want low", "rejected": "want want want want"}""",
            """{"prompt": "low", "chosen": "want", "rejected": "want want"}""",
        ]);

        // [CLS] low [SEP] want want want … [SEP]: the prompt goes first, then the responses' ends, which are all that differs.
        var result = Run("--model", folder.Path, "--data", path, "--max-length", "6");

        Assert.Equal((2, 1, 1), ((int)result["truncated"]!, (int)result["became_identical_by_truncation"]!, (int)result["equal_rewards"]!));
        var only = Run("--model", folder.Path, "--data", path, "--max-length", "64");
        Assert.Equal((0, 0, 0), ((int)only["truncated"]!, (int)only["became_identical_by_truncation"]!, (int)only["equal_rewards"]!));

        File.WriteAllLines(path, [File.ReadLines(path).First()]);
        var equal = Run("--model", folder.Path, "--data", path, "--max-length", "6");
        Assert.Equal((0.0, 0.0), ((double)equal["accuracy"]!, (double)equal["margin"]!));
        Assert.Equal(Math.Log(2), (double)equal["loss"]!, 1e-15);
    }

    [Fact]
    public void Bad_rows_are_counted_whether_the_file_or_the_model_refuses_them()
    {
        var path = Write(Pair([3, 4], [5]), Pair([3, 999], [5]), new JsonObject { ["chosen"] = "x" });

        var (exitCode, output, error) = Checkout.Prefer("eval", "--model", RecordedRewards.Folder("llama"), "--data", path, "--on-bad-row", "skip", "--json");

        Assert.Equal(0, exitCode);
        var result = JsonNode.Parse(output)!;
        Assert.Equal((1, 2), ((int)result["pairs"]!, (int)result["bad_rows"]!));
        Assert.Contains($"left out {path}:3: ", error, StringComparison.Ordinal);
        Assert.Contains($"left out {path}:2: token id 999", error, StringComparison.Ordinal);
        Assert.Equal(2, Checkout.Prefer("eval", "--model", RecordedRewards.Folder("llama"), "--data", path, "--json").ExitCode);
    }

    [Fact]
    public void A_reward_that_is_no_number_is_an_error_that_names_the_row()
    {
        DamagedModel.WriteTo(folder.Path);
        var path = Write(Pair([3, 4], [5]));

        var (exitCode, output, error) = Checkout.Prefer("eval", "--model", folder.Path, "--data", path, "--json");

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains($"prefer: {path}:1: the reward of response 1 of 2 is NaN", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Baselines_need_no_model_and_a_table_is_shown()
    {
        var path = folder.File("pairs.jsonl");
        File.WriteAllLines(path, Enumerable.Range(0, 12).Select(index =>
            $$"""{"prompt": "p{{index}}", "chosen": "yes thanks {{index}}", "rejected": "I can't help with that {{index}}", "subset": "s"}"""));

        var (exitCode, output, table) = Checkout.Prefer("eval", "--scorer", "length", "--data", path);
        Assert.Equal((0, ""), (exitCode, output));
        Assert.Contains("│ all    │    12 │    0.000 │", table, StringComparison.Ordinal);
        Assert.Contains("│ s      │    12 │", table, StringComparison.Ordinal);
        Assert.Contains("pairs per second", table, StringComparison.Ordinal);

        Assert.Equal(0, (double)Run("--scorer", "refusal", "--data", path)["accuracy"]!);
        var bow = Run("--scorer", "bow", "--fit", path, "--data", path);
        Assert.Equal((1.0, 1.0), ((double)bow["accuracy"]!, (double)bow["shorter_chosen_accuracy"]!));
        Assert.Null(bow["tokens_per_second"]);
    }

    [Fact]
    public void Baselines_stand_beside_the_model_with_what_it_is_better_by()
    {
        TextModel.WriteTo(folder.Path);
        var path = folder.File("pairs.jsonl");
        File.WriteAllLines(path, Enumerable.Range(0, 12).Select(index =>
            $$"""{"prompt": "p{{index}}", "chosen": "yes thanks {{index}}", "rejected": "I can't help with that {{index}}"}"""));
        string[] arguments = ["--model", folder.Path, "--scorer", "length", "bow", "--fit", path, "--data", path];

        var result = Run(arguments);

        var baselines = result["baselines"]!.AsObject();
        Assert.Equal(["length", "bow"], baselines.Select(baseline => baseline.Key));
        Assert.Equal((0.0, 1.0), ((double)baselines["length"]!["accuracy"]!, (double)baselines["bow"]!["accuracy"]!));
        Assert.Equal(Run("--model", folder.Path, "--data", path)["accuracy"]!.ToJsonString(), result["accuracy"]!.ToJsonString());
        Assert.Equal((double)result["accuracy"]! - 1, (double)baselines["bow"]!["difference"]!, 1e-15);
        Assert.Equal(result["length_difference_ci95"]!.ToJsonString(), baselines["length"]!["difference_ci95"]!.ToJsonString());

        var (exitCode, output, table) = Checkout.Prefer(["eval", .. arguments]);
        Assert.Equal((0, ""), (exitCode, output));
        Assert.Matches(@"│ length +│ +0\.000 │", table);
        Assert.Matches(@"\nThe model is (better|worse|not shown to be better) than chance: .*\nThe model is .* 'length': .*\nThe model is .* 'bow': .*\n", table);
    }

    [Fact]
    public void Several_models_stand_beside_the_first_and_commas_make_an_ensemble()
    {
        TextModel.WriteTo(folder.Path);
        var path = folder.File("pairs.jsonl");
        File.WriteAllLines(path, Enumerable.Range(0, 6).Select(index => $$"""{"prompt": "p{{index}}", "chosen": "yes thanks {{index}}", "rejected": "I can't help with that {{index}}"}"""));
        var copy = Path.Combine(folder.Path, "copy");
        Directory.CreateDirectory(copy);
        foreach (var file in Directory.GetFiles(folder.Path))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        var two = Run("--model", folder.Path, copy, "--data", path);

        Assert.Equal((copy, 0.0), (Assert.Single(two["baselines"]!.AsObject()).Key, (double)two["baselines"]![copy]!["difference"]!));
        Assert.Null(two["ensemble"]);
        var ensemble = Run("--model", $"{folder.Path},{copy}", "--combine", "mean-minus-std", "--data", path);
        Assert.Equal((2, 1.0, 1.0), ((int)ensemble["ensemble"]!["members"]!, (double)ensemble["ensemble"]!["mean_agreement"]!, (double)ensemble["ensemble"]!["unanimous_share"]!));
        Assert.Equal(two["margin"]!.ToJsonString(), ensemble["margin"]!.ToJsonString());

        var (exitCode, _, error) = Checkout.Prefer("eval", "--model", $"{copy},{copy}", "--data", path);
        Assert.Equal(2, exitCode);
        Assert.StartsWith($"prefer: --model {copy},{copy}: found a folder twice, expected a model folder, or several different ones with commas between.", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.01, 0.2, "is better than")]
    [InlineData(-0.2, -0.01, "is worse than")]
    [InlineData(-0.1, 0.2, "is not shown to be better than")]
    [InlineData(0, 0.2, "is not shown to be better than")]
    public void Words_follow_the_interval(double low, double high, string words) =>
        Assert.StartsWith($"The model {words} chance: ", EvalVerb.Verdict("The model", "chance", new Interval(low, high)), StringComparison.Ordinal);

    [Theory]
    [InlineData("eval --data x", "prefer: --model is missing, expected a model folder. Or name a baseline with --scorer length, refusal, bow or random.")]
    [InlineData("eval --model m", "prefer: --data is missing, expected a text: Files of comparisons")]
    [InlineData("eval --scorer length refusal --data -", "prefer: --data -: standard input can be read once, and several scorers were asked for.")]
    [InlineData("eval --scorer bow --data x", "prefer: --fit is missing: --scorer bow needs files")]
    [InlineData("eval --scorer length --fit x --data x", "prefer: --fit was given, but only --scorer bow is fitted.")]
    [InlineData("eval --scorer best --data x", "prefer: --scorer: found 'best', expected length, refusal, bow or random.")]
    [InlineData("eval --model m --data no-such.jsonl", "prefer: no-such.jsonl: found no such file")]
    [InlineData("eval --model m --data x --precision bf16", "prefer: x: found no such file")]
    public void Wrong_usage_says_what_is_allowed(string arguments, string message)
    {
        var (exitCode, output, error) = Checkout.Prefer(arguments.Split(' '));

        Assert.Equal((2, ""), (exitCode, output));
        Assert.StartsWith(message, error, StringComparison.Ordinal);
    }

    private static JsonObject Run(params string[] arguments)
    {
        var (exitCode, output, error) = Checkout.Prefer(["eval", .. arguments, "--json"]);
        Assert.True(exitCode == 0, error);
        return JsonNode.Parse(output)!.AsObject();
    }

    private static JsonObject Pair(int[] chosen, int[] rejected, double? label = null, string? subset = null) => new()
    {
        ["chosen_ids"] = new JsonArray([.. chosen.Select(id => (JsonNode)id)]), ["rejected_ids"] = new JsonArray([.. rejected.Select(id => (JsonNode)id)]), ["y"] = label, ["subset"] = subset,
    };

    private string Write(params JsonNode[] rows)
    {
        var path = folder.File("pairs.jsonl");
        File.WriteAllLines(path, rows.Select(row => row.ToJsonString()));
        return path;
    }
}
