using System.Text.Json.Nodes;
using Prefer.Models;
using Prefer.Tests.Codebase;
using Prefer.Tests.Evaluation;
using Prefer.Tests.Models;
using Prefer.Tests.Torch;
using Xunit;

namespace Prefer.Tests.Cli;

/// <summary><c>prefer calibrate</c> in a process of its own, and what other verbs make of what it leaves.</summary>
[Collection(ProcessWide.Name)]
public sealed class CalibrateVerbTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_it_leaves_is_what_other_verbs_read()
    {
        var model = SmallTextModel.Write("llama", folder.Path);
        string[] answers = ["Hello!", "No idea.", "Water boils at a hundred degrees.", "def add"];
        // The higher reward wins twice in three, so that there is a temperature.
        double[] rewards;
        using (var loaded = RewardModel.Load(model))
        {
            rewards = [.. answers.Select(answer => loaded.Score("Say hello.", answer))];
        }

        int[] order = [.. Enumerable.Range(0, 4).OrderByDescending(index => rewards[index])];
        JsonObject Row(int chosen, int rejected) => new() { ["prompt"] = "Say hello.", ["chosen"] = answers[order[chosen]], ["rejected"] = answers[order[rejected]] };
        Write("pairs.jsonl", Row(0, 1), Row(0, 3), Row(3, 2));

        var (exitCode, output, error) = Checkout.Prefer("calibrate", "--model", model, "--data", folder.File("pairs.jsonl"), "--json");

        Assert.True(exitCode == 0, error);
        var result = JsonNode.Parse(output)!.AsObject();
        Assert.Equal(["responses", "mean", "deviation", "quantiles", "pairs", "temperature", "temperature_minimum", "bad_rows", "fingerprint"], result.Select(field => field.Key));
        Assert.Equal((4, 3, "finite"), ((int)result["responses"]!, (int)result["pairs"]!, (string)result["temperature_minimum"]!));
        var mean = (double)result["mean"]!;
        Assert.Equal(rewards.Average(), mean, RecordedRewards.Tolerance);
        var (deviation, temperature) = ((double)result["deviation"]!, (double)result["temperature"]!);
        var recorded = JsonNode.Parse(File.ReadAllText(Path.Combine(model, "prefer.json")))!["calibration"]!;
        Assert.Equal((mean, deviation, temperature), ((double)recorded["rewards"]!["mean"]!, (double)recorded["rewards"]!["deviation"]!, (double)recorded["temperature"]!["value"]!));

        Write("rows.jsonl", [.. answers.Select(answer => new JsonObject { ["prompt"] = "Say hello.", ["response"] = answer })]);
        double[] Scores(string form) => [.. Lines("score", "--model", model, "--data", folder.File("rows.jsonl"), "--reward", form).Select(line => (double)line["reward"]!)];
        var (raw, normalized, probability) = (Scores("raw"), Scores("normalized"), Scores("probability"));
        for (var index = 0; index < 4; index++)
        {
            Assert.Equal((raw[index] - mean) / deviation, normalized[index], 1e-12);
            Assert.Equal(1 / (1 + Math.Exp((mean - raw[index]) / temperature)), probability[index], 1e-12);
        }

        Write("slates.jsonl", new JsonObject { ["prompt"] = "Say hello.", ["responses"] = new JsonArray([.. answers.Select(answer => (JsonNode)answer)]) });
        var best = Assert.Single(Lines("best-of", "--model", model, "--data", folder.File("slates.jsonl"), "--reward", "probability"));
        Assert.Equal(order[0], (int)best["best"]!);
        Assert.Equal(probability, best["rewards"]!.AsArray().Select(reward => (double)reward!), (one, other) => Math.Abs(one - other) < RecordedRewards.Tolerance);
        Assert.Equal(probability[order[0]] - probability[order[1]], (double)best["margin"]!, 2 * RecordedRewards.Tolerance);

        var verdict = Assert.Single(Lines("compare", "--model", model, "--prompt", "Say hello.", answers[order[1]], answers[order[0]]));
        Assert.Equal(("B", temperature), ((string)verdict["preferred"]!, (double)verdict["temperature"]!));
        Assert.Equal(1 / (1 + Math.Exp((double)verdict["margin"]! / temperature)), (double)verdict["probability"]!, 1e-12);
    }

    [Fact]
    public void People_get_a_table_and_the_reason_of_what_is_missing()
    {
        TextModel.WriteTo(folder.Path);
        Write("pairs.jsonl", new JsonObject { ["prompt"] = "want low", ["chosen"] = "unaffable", ["rejected"] = "running" });

        var (exitCode, output, error) = Checkout.Prefer("calibrate", "--model", folder.Path, "--data", folder.File("pairs.jsonl"));

        Assert.Equal((0, ""), (exitCode, output));
        Assert.Contains("│ distinct responses │ ", error, StringComparison.Ordinal);
        Assert.Matches("warning: no temperature: the model is (right about every pair|no better than chance)", error);
        Assert.EndsWith($"{Path.Combine(folder.Path, "prefer.json")} has it.\n", error, StringComparison.Ordinal);

        var refused = Checkout.Prefer("score", "--model", folder.Path, "--data", folder.File("pairs.jsonl"), "--reward", "probability");
        Assert.Equal((2, ""), (refused.ExitCode, refused.Output));
        Assert.Contains("has no temperature, which a probability needs", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_a_calibration_is_refused_by_those_who_need_one()
    {
        TextModel.WriteTo(folder.Path);
        Write("rows.jsonl", new JsonObject { ["prompt"] = "want low", ["response"] = "unaffable" });

        var (exitCode, output, error) = Checkout.Prefer("score", "--model", folder.Path, "--data", folder.File("rows.jsonl"), "--reward", "normalized");

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains($"prefer: {folder.Path}: prefer.json has no mean and deviation of rewards", error, StringComparison.Ordinal);
        Assert.Contains("Run prefer calibrate", error, StringComparison.Ordinal);
    }

    private static IEnumerable<JsonObject> Lines(params string[] arguments)
    {
        var (exitCode, output, error) = Checkout.Prefer([.. arguments, "--json"]);
        Assert.True(exitCode == 0, error);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject());
    }

    private void Write(string name, params JsonObject[] rows) => File.WriteAllLines(folder.File(name), rows.Select(row => row.ToJsonString()));
}
