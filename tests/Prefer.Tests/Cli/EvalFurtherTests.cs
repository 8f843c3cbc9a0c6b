using System.Text.Json.Nodes;
using Prefer.Tests.Codebase;
using Prefer.Tests.Evaluation;
using Prefer.Tests.Models;
using Xunit;

namespace Prefer.Tests.Cli;

/// <summary>What <c>prefer eval</c> computes and writes besides accuracy, in a process of its own; the figures themselves are tested where they are computed.</summary>
public sealed class EvalFurtherTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Every_section_of_the_result_is_there_when_the_data_has_what_it_needs()
    {
        var model = SmallTextModel.Write("llama", folder.Path);
        var data = Write("data.jsonl",
        [
            .. Enumerable.Range(0, 12).Select(index =>
                $$"""{"prompt": "What is {{index}}?", "a": "It is {{index}}, as everybody knows. Ask again.", "b": "No idea. Look it up {{index}} times.", "y": {{index % 2}}, "votes": ["a", "{{(index % 3 == 0 ? "b" : "a")}}"], "model_a": "one", "model_b": "two", "subset": "s/{{index % 2}}"}"""),
            .. Enumerable.Range(0, 4).Select(index => $$"""{"prompt": "Rank {{index}}.", "responses": ["first {{index}}", "**second** {{index}}", "third"], "ranks": [1, 2, 3], "subset": "r/all"}"""),
        ]);

        var result = Run("--model", model, "--data", data, "--robustness", "5", "--contamination", data, "--ngram-length", "3");

        Assert.Equal(24, (int)result["pairs"]!);
        Assert.Equal(["r", "s"], result["sections"]!.AsObject().Select(section => section.Key));
        Assert.Equal(24, (int)result["calibration"]!["pairs"]!);
        Assert.Equal(24, (int)result["margins"]!["pairs"]!);
        Assert.Equal(24, result["reward_by_length"]!.AsArray().Sum(bin => (int)bin!["pairs"]!));
        Assert.Equal((double)result["length_baseline_accuracy"]!, (double)result["length"]!["more_wins"]!["accuracy"]!, 1e-15);
        Assert.Equal(8, (int)result["style"]!["bolds"]!["chosen_more"]!["pairs"]! + (int)result["style"]!["bolds"]!["chosen_less"]!["pairs"]!);
        Assert.Equal((4, 3), ((int)result["rankings"]!["rankings"]!, result["best_of_n"]!.AsArray().Count));
        Assert.Equal((12, 24), ((int)result["agreement"]!["items"]!, (int)result["agreement"]!["votes"]!));
        Assert.Equal(["one", "two"], result["agreement"]!["systems"]!["by_votes"]!["table"]!.AsArray().Select(row => (string)row!["system"]!).Order(StringComparer.Ordinal));
        Assert.Equal(24, (int)result["diagnosis"]!["scored_pairs"]!);
        Assert.Equal(5, (int)result["robustness"]!["pairs"]!);
        Assert.Equal(1.0, (double)result["contamination"]!["responses"]!["contaminated_share"]!);

        // The wrong ones have a reward for every token, the last of which is the response's.
        var wrong = result["diagnosis"]!["wrong"]!.AsArray()[0]!;
        Assert.Equal((double)wrong["chosen_reward"]!, (double)wrong["chosen_tokens"]!.AsArray()[^1]!["reward"]!, 1e-4);
        Assert.Contains(string.Concat(wrong["chosen_tokens"]!.AsArray().Select(token => (string)token!["text"]!)).Trim(), (string)wrong["chosen"]!, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_models_are_compared_pair_by_pair()
    {
        var first = SmallTextModel.Write("llama", folder.Path);
        var second = SmallTextModel.Write("distilbert", folder.Path);
        var data = Pairs();

        var result = Run("--model", first, second, "--scorer", "length", "--data", data);

        var comparison = result["models"]![second]!;
        Assert.Equal(20, (int)comparison["pairs"]!);
        Assert.Equal(20, (int)comparison["both_right"]! + (int)comparison["only_first_right"]! + (int)comparison["only_second_right"]! + (int)comparison["neither_right"]!);
        Assert.Equal((double)result["baselines"]![second]!["difference"]!, (double)comparison["difference"]!, 1e-12);
        Assert.Single(result["models"]!.AsObject());
        Assert.InRange((double)comparison["mcnemar_p"]!, 0, 1);
        Assert.Null(Run("--scorer", "length", "--data", data)["calibration"]);
    }

    [Fact]
    public void Result_and_report_are_written_and_not_over_others()
    {
        TextModel.WriteTo(folder.Path);
        var (data, output) = (Pairs(), folder.File("out"));

        var printed = Run("--model", folder.Path, "--data", data, "--output", output);

        var written = JsonNode.Parse(File.ReadAllText(Path.Combine(output, "result.json")))!.AsObject();
        Assert.Equal(printed["accuracy_ci95_bootstrap"]!.ToJsonString(), written["accuracy_ci95_bootstrap"]!.ToJsonString());
        Assert.Equal((folder.Path, 20), ((string)written["about"]!["scorer"]!, (int)written["about"]!["statistics"]!["pair_count"]!));
        Assert.Equal(data, (string)written["about"]!["options"]!["data"]![0]!);
        Assert.StartsWith("<!DOCTYPE html>", File.ReadAllText(Path.Combine(output, "report.html")), StringComparison.OrdinalIgnoreCase);

        var (exitCode, _, error) = Checkout.Prefer("eval", "--model", folder.Path, "--data", data, "--output", output);
        Assert.Equal(2, exitCode);
        Assert.StartsWith($"prefer: --output {output}: holds an evaluation already.", error, StringComparison.Ordinal);
        Assert.Equal(0, Checkout.Prefer("eval", "--model", folder.Path, "--data", data, "--output", output, "--overwrite").ExitCode);
    }

    [Fact]
    public void The_temperature_goes_into_the_folder_and_comparisons_are_read_with_it()
    {
        var model = SmallTextModel.Write("llama", folder.Path);
        var data = Write("noisy.jsonl", [.. Enumerable.Range(0, 40).Select(index =>
            $$"""{"prompt": "p{{index}}", "a": "yes {{index * 7}} thanks", "b": "no {{index * 5}} never", "y": {{(index % 4 == 0 ? 0 : 1)}}}""")]);

        var result = Run("--model", model, "--data", data, "--calibrate");

        var temperature = (double)result["calibration"]!["temperature"]!["temperature_of_all"]!;
        var record = JsonNode.Parse(File.ReadAllText(Path.Combine(model, "prefer.json")))!;
        Assert.Equal(temperature, (double)record["calibration"]!["temperature"]!["value"]!);
        var compared = JsonNode.Parse(Checkout.Prefer("compare", "--model", model, "--prompt", "p", "yes", "no", "--json").Output)!;
        Assert.Equal(temperature, (double)compared["temperature"]!, 1e-12);

        Assert.Equal(0, Checkout.Prefer("eval", "--model", model, "--data", data, "--json").ExitCode);
    }

    [Fact]
    public void Ratings_are_correlated_with_rewards()
    {
        var data = Write("ratings.jsonl", [.. Enumerable.Range(1, 9).Select(index => $$$"""{"prompt": "p{{{index}}}", "response": "{{{new string('x', index)}}}", "scores": {"help": [{{{index}}}, {{{index + 1}}}, {{{index - 1}}}]}}""")]);

        var result = Run("--scorer", "length", "--ratings", "--data", data);

        var help = result["dimensions"]!["help"]!;
        Assert.Equal((9, 3), ((int)help["ratings"]!, (int)help["raters"]!));
        Assert.Equal(1, (double)help["rewards"]!["pearson"]!["value"]!, 1e-14);
        Assert.Equal(1.0, (double)help["ceiling"]!["kendall"]!["value"]!);
        Assert.Equal(0, Checkout.Prefer("eval", "--scorer", "length", "refusal", "--ratings", "--data", data, "--output", folder.File("out")).ExitCode);
        Assert.Equal(9, (int)JsonNode.Parse(File.ReadAllText(Path.Combine(folder.File("out"), "result.json")))!["dimensions"]!["help"]!["ratings"]!);
    }

    [Theory]
    [InlineData("eval --scorer length --calibrate --data x", "prefer: --calibrate writes into a model folder: give one first")]
    [InlineData("eval --model a,b --card --data x", "prefer: --card writes into a model folder: give one first")]
    [InlineData("eval --scorer length --ratings --robustness 5 --data x", "prefer: --robustness was given beside --ratings, but it is for comparisons.")]
    [InlineData("eval --model m --benchmark llmbar --card --data x", "prefer: --card was given beside --benchmark, but it is for comparisons.")]
    [InlineData("eval --scorer length --benchmark llmbar --ratings --data x", "prefer: --ratings was given beside --benchmark;")]
    [InlineData("eval --scorer length --contamination f --data -", "prefer: --data -: standard input can be read once, and --contamination reads the data again.")]
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

    private string Pairs() => Write("pairs.jsonl", [.. Enumerable.Range(0, 20).Select(index =>
        $$"""{"prompt": "p{{index}}", "chosen": "yes thanks {{index}}", "rejected": "I can't help {{index * index}}"}""")]);

    private string Write(string name, string[] rows)
    {
        var path = folder.File(name);
        File.WriteAllLines(path, rows);
        return path;
    }
}
