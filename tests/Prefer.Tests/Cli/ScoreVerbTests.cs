using System.Text.Json.Nodes;
using Prefer.Tests.Codebase;
using Prefer.Tests.Evaluation;
using Xunit;

namespace Prefer.Tests.Cli;

/// <summary><c>prefer score</c>, in a process of its own, on models whose rewards were recorded.</summary>
public sealed class ScoreVerbTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("bert")]
    [InlineData("distilbert")]
    [InlineData("gpt2")]
    [InlineData("llama")]
    public void Rewards_are_those_of_the_reference_implementation(string model)
    {
        var recorded = RecordedRewards.Of(model);
        var path = Write([.. recorded.Select(sequence => Row(sequence, new JsonObject { ["case"] = sequence.Case }))]);

        var (exitCode, output, _) = Checkout.Prefer("score", "--model", RecordedRewards.Folder(model), "--data", path, "--json");

        Assert.Equal(0, exitCode);
        var lines = Lines(output);
        Assert.Equal(recorded.Select(sequence => sequence.Case), lines.Select(line => (string)line["case"]!));
        Assert.All(recorded.Zip(lines), pair => Assert.Equal(pair.First.Reward, (double)pair.Second["reward"]!, RecordedRewards.Tolerance));
    }

    [Fact]
    public void Rewards_of_int8_weights_are_near()
    {
        var recorded = RecordedRewards.Of("llama");
        var path = Write([.. recorded.Select(sequence => Row(sequence, []))]);

        var (exitCode, output, _) = Checkout.Prefer("score", "--model", RecordedRewards.Folder("llama"), "--data", path, "--json", "--weights", "int8");

        Assert.Equal(0, exitCode);
        double[] rewards = [.. Lines(output).Select(line => (double)line["reward"]!)];
        var spread = recorded.Max(sequence => sequence.Reward) - recorded.Min(sequence => sequence.Reward);
        var deviation = recorded.Zip(rewards).Max(pair => Math.Abs(pair.First.Reward - pair.Second)) / spread;
        Assert.InRange(deviation, 1e-5, 0.05);
    }

    [Fact]
    public void Order_is_kept_over_many_passes()
    {
        // 400 sequences of up to 40 tokens: two or three passes of 4096.
        var batch = RecordedRewards.Batch("distilbert");
        var random = new Random(7);
        int[] drawn = [.. Enumerable.Range(0, 400).Select(_ => random.Next(batch.Count))];
        var path = Write([.. drawn.Select((which, index) => Row(batch[which], new JsonObject { ["id"] = index }))]);

        var lines = Lines(Checkout.Prefer("score", "--model", RecordedRewards.Folder("distilbert"), "--data", path, "--json").Output);

        Assert.Equal(Enumerable.Range(0, 400), lines.Select(line => (int)line["id"]!));
        Assert.All(drawn.Zip(lines), pair => Assert.Equal(batch[pair.First].Reward, (double)pair.Second["reward"]!, RecordedRewards.Tolerance));
    }

    [Fact]
    public void Other_fields_pass_through_as_they_stand()
    {
        var input = """
            {"id": 7, "input_ids": [3, 4, 5], "note": {"a": [1, null, "ü"]}, "reward": "old", "empty": null}
            {"id": "x-1", "input_ids": [3, 4, 5]}
            {"input_ids": [3, 4, 5]}
            """;

        var (exitCode, output, _) = Checkout.PreferWith(input, [], "score", "--model", RecordedRewards.Folder("llama"), "--data", "-", "--json");

        Assert.Equal(0, exitCode);
        var lines = Lines(output);
        var reward = (double)lines[2]["reward"]!;
        Assert.All(lines, line => Assert.Equal(reward, (double)line["reward"]!, RecordedRewards.Tolerance));
        Assert.All(lines, line => line.Remove("reward"));
        Assert.Equal(["""{"id":7,"note":{"a":[1,null,"ü"]},"empty":null}""", """{"id":"x-1"}""", "{}"], lines.Select(line => line.ToJsonString(Relaxed)));
    }

    [Fact]
    public void Text_in_its_three_layouts_is_scored_alike()
    {
        TextModel.WriteTo(folder.Path);
        var path = Write(
            JsonNode.Parse("""{"prompt": "want low", "response": "unaffable"}""")!,
            JsonNode.Parse("""{"messages": [{"role": "user", "content": "want low"}, {"role": "assistant", "content": "unaffable"}]}""")!,
            JsonNode.Parse("""{"input_ids": [1, 6, 11, 2, 3, 4, 5, 2]}""")!,
            JsonNode.Parse("""{"text": "want low unaffable"}""")!,
            JsonNode.Parse("""{"input_ids": [1, 6, 11, 3, 4, 5, 2]}""")!);

        var rewards = Lines(Checkout.Prefer("score", "--model", folder.Path, "--data", path, "--json").Output).Select(line => (double)line["reward"]!).ToArray();

        Assert.Equal((rewards[2], rewards[2], rewards[4]), (rewards[0], rewards[1], rewards[3]), Near);
        Assert.NotEqual(rewards[2], rewards[4], 1e-3);
    }

    [Fact]
    public void Truncation_is_told()
    {
        TextModel.WriteTo(folder.Path);
        var path = Write(JsonNode.Parse("""{"prompt": "want low want low", "response": "low low"}""")!, JsonNode.Parse("""{"prompt": "want", "response": "low"}""")!);

        var (exitCode, output, error) = Checkout.Prefer("score", "--model", folder.Path, "--data", path, "--max-length", "7");

        Assert.Equal(0, exitCode);
        Assert.Matches(@"^-?[0-9.]+\tlow low\n-?[0-9.]+\tlow\n$", output);
        Assert.EndsWith("warning: truncated 1 of 2 rows to 7 tokens.\n", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Bad_rows_are_skipped_when_asked_and_the_others_scored()
    {
        var path = folder.File("rows.jsonl");
        File.WriteAllLines(path, ["""{"id": 1, "input_ids": [3, 4]}""", "{", """{"id": 3, "input_ids": [3, 4, 999]}""", """{"id": 4, "prompt": "p"}""", """{"id": 5, "input_ids": [3, 4]}"""]);

        var (exitCode, output, error) = Checkout.Prefer("score", "--model", RecordedRewards.Folder("llama"), "--data", path, "--json", "--on-bad-row", "skip");

        Assert.Equal(0, exitCode);
        Assert.Equal([1, 5], Lines(output).Select(line => (int)line["id"]!));
        foreach (var line in (int[])[2, 3, 4])
        {
            Assert.Contains($"warning: left out {path}:{line}: ", error, StringComparison.Ordinal);
        }

        var (stopped, before, reason) = Checkout.Prefer("score", "--model", RecordedRewards.Folder("llama"), "--data", path, "--json");
        Assert.Equal((2, ""), (stopped, before));
        Assert.StartsWith($"prefer: {path}:2: ", reason[reason.IndexOf("prefer:", StringComparison.Ordinal)..], StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_rows_the_model_cannot_read_is_refused()
    {
        var path = Write(JsonNode.Parse("""{"text": "no tokenizer for this"}""")!);

        var (exitCode, output, error) = Checkout.Prefer("score", "--model", RecordedRewards.Folder("llama"), "--data", path, "--on-bad-row", "skip");

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains("has no tokenizer.json", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reward_that_is_no_number_is_an_error_that_names_the_row()
    {
        DamagedModel.WriteTo(folder.Path);
        var path = folder.File("rows.jsonl");
        File.WriteAllText(path, """{"input_ids": [3, 4]}""");

        var (exitCode, output, error) = Checkout.Prefer("score", "--model", folder.Path, "--data", path, "--json");

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains($"prefer: {path}:1: the reward of response 1 of 1 is NaN", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("score --data x.jsonl", "prefer: --model is missing, expected a text: The model folder.")]
    [InlineData("score --model m", "prefer: --data is missing, expected a text: Files of rows")]
    [InlineData("score --model m --data no-such.jsonl", "prefer: no-such.jsonl: found no such file")]
    [InlineData("score --model no-such --data {data}", "prefer: no-such: no such folder")]
    [InlineData("score --model m --data {data} --device tpu", "prefer: --device: found 'tpu', expected cpu, cuda, or cuda:1 for the second device.")]
    [InlineData("score --model m --data {data} --device cuda:", "prefer: --device: found 'cuda:', expected cpu")]
    [InlineData("score --model m --data {data} --device cuda:99", "prefer: --device cuda:99: this machine's libtorch finds ")]
    [InlineData("score --model m --data {data} --precision fp8", "prefer: --precision: found 'fp8', expected fp32, bf16 or auto.")]
    [InlineData("score --model m --data {data} --weights int4", "prefer: --weights: found 'int4', expected full or int8.")]
    [InlineData("score --model m --data {data} --max-length 0", "prefer: --max-length: found '0', expected a whole number of at least 1.")]
    [InlineData("score --model m --data {data} --on-bad-row ignore", "prefer: --on-bad-row: found 'ignore', expected stop or skip.")]
    [InlineData("score --model {llama} --data {data} --max-length 1000", "has 128 positions. Ask for 128 or fewer.")]
    public void Wrong_usage_says_what_is_allowed(string arguments, string message)
    {
        var data = Write(JsonNode.Parse("""{"input_ids": [1]}""")!);

        var (exitCode, output, error) = Checkout.Prefer([.. arguments.Split(' ').Select(word => word.Replace("{data}", data, StringComparison.Ordinal).Replace("{llama}", RecordedRewards.Folder("llama"), StringComparison.Ordinal))]);

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    private static readonly System.Text.Json.JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static bool Near((double, double, double) one, (double, double, double) other) =>
        Math.Abs(one.Item1 - other.Item1) < RecordedRewards.Tolerance && Math.Abs(one.Item2 - other.Item2) < RecordedRewards.Tolerance && Math.Abs(one.Item3 - other.Item3) < RecordedRewards.Tolerance;

    private static JsonObject Row(RecordedRewards.Sequence sequence, JsonObject row)
    {
        row["input_ids"] = new JsonArray([.. sequence.Ids.Select(id => (JsonNode)id)]);
        if (sequence.TokenTypes is { } types)
        {
            row["token_type_ids"] = new JsonArray([.. types.Select(type => (JsonNode)type)]);
        }

        return row;
    }

    private static List<JsonObject> Lines(string output) => [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject())];

    private string Write(params JsonNode[] rows)
    {
        var path = folder.File("rows.jsonl");
        File.WriteAllLines(path, rows.Select(row => row.ToJsonString()));
        return path;
    }
}
