using System.Text.Json.Nodes;
using Prefer.Models.Files;
using Prefer.Tests.Codebase;
using Prefer.Tests.Models;
using Prefer.Tests.Torch;
using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Cli;

/// <summary><c>prefer logprobs</c>, in a process of its own, on models whose log-probabilities were recorded.</summary>
[Collection(ProcessWide.Name)]
public sealed class LogprobsVerbTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("gpt2-lm")]
    [InlineData("gpt2-lm-hubnames")]
    [InlineData("llama-lm")]
    [InlineData("gemma2-lm")]
    [InlineData("gpt_neox-lm")]
    [InlineData("opt-lm")]
    [InlineData("phi3-longrope-lm")]
    public void Log_probabilities_and_continuations_are_those_of_the_reference_implementation(string model)
    {
        var golden = new LanguageGolden(model);
        var path = Write([.. golden.Sequences.Append(golden.GreedyPrompt).Select((ids, index) => new JsonObject { ["id"] = index, ["input_ids"] = Ids(ids), ["note"] = "kept" })]);

        var (exitCode, output, _) = Checkout.Prefer("logprobs", "--model", ModelFixture.Folder(model), "--data", path, "--greedy", "16", "--json");

        Assert.Equal(0, exitCode);
        var lines = Lines(output);
        Assert.Equal(golden.Sequences.Length + 1, lines.Count);
        foreach (var (index, recorded) in golden.LogProbs.Index())
        {
            double[] found = [.. lines[index]["logprobs"]!.AsArray().Select(value => (double)value!)];
            Assert.Equal(recorded.Length, found.Length);
            Assert.Equal(0, Deviation.OfLargest(recorded, found), 1e-5);
            Assert.Equal(found.Sum(), (double)lines[index]["sum"]!, 1e-9);
            Assert.Equal((index, "kept"), ((int)lines[index]["id"]!, (string)lines[index]["note"]!));
        }
        Assert.Equal(golden.Greedy, lines[^1]["greedy"]!.AsArray().Select(value => (int)value!));
        Assert.False(lines[^1].ContainsKey("greedy_text"));
    }

    [Fact]
    public void Of_a_prompt_and_response_the_response_s_tokens_count()
    {
        var tokenizer = TextModel();
        int[] prompt = tokenizer.Encode("Say hello in three languages.", addSpecialTokens: false), response = tokenizer.Encode("Hello, and welcome", addSpecialTokens: false);
        var path = Write(
            JsonNode.Parse("""{"prompt": "Say hello in three languages.", "response": "Hello, and welcome"}""")!,
            JsonNode.Parse("""{"messages": [{"role": "user", "content": "Say hello in three languages."}, {"role": "assistant", "content": "Hello, and welcome"}]}""")!,
            new JsonObject { ["input_ids"] = Ids([.. prompt, .. response]) },
            JsonNode.Parse("""{"text": "Hello, and welcome"}""")!,
            new JsonObject { ["input_ids"] = Ids(response) },
            new JsonObject { ["input_ids"] = Ids(prompt) });

        var (exitCode, output, _) = Checkout.Prefer("logprobs", "--model", folder.Path, "--data", path, "--greedy", "4", "--json");

        Assert.Equal(0, exitCode);
        var lines = Lines(output);
        double[] Values(int line) => [.. lines[line]["logprobs"]!.AsArray().Select(value => (double)value!)];
        Assert.Equal(response.Length, Values(0).Length);
        Assert.Equal(0, Deviation.OfLargest(Values(2)[^response.Length..], Values(0)), 1e-5);
        Assert.Equal(Values(0), Values(1));
        Assert.Equal(response.Length - 1, Values(3).Length);
        Assert.Equal(Values(4), Values(3));
        // The continuation stands behind the prompt, in place of the response.
        Assert.Equal(lines[5]["greedy"]!.ToJsonString(), lines[0]["greedy"]!.ToJsonString());
        Assert.Equal(tokenizer.Decode([.. lines[0]["greedy"]!.AsArray().Select(value => (int)value!)], skipSpecialTokens: true), (string)lines[0]["greedy_text"]!);
    }

    [Fact]
    public void Without_json_a_line_is_the_sum_the_count_and_the_id()
    {
        var golden = new LanguageGolden("llama-lm");

        var (exitCode, output, _) = Checkout.PreferWith($$"""{"id": "a", "input_ids": {{Ids(golden.Sequences[0]).ToJsonString()}}}""", [], "logprobs", "--model", ModelFixture.Folder("llama-lm"), "--data", "-");

        Assert.Equal(0, exitCode);
        var cells = output.TrimEnd('\n').Split('\t');
        Assert.Equal(golden.Sums[0], double.Parse(cells[0], System.Globalization.CultureInfo.InvariantCulture), 1e-4);
        Assert.Equal([$"{golden.Sequences[0].Length - 1}", "a"], cells[1..]);
    }

    [Fact]
    public void Bad_rows_are_skipped_when_asked()
    {
        var path = folder.File("rows.jsonl");
        File.WriteAllLines(path, ["""{"id": 1, "input_ids": [3, 4]}""", "{", """{"id": 3, "input_ids": [3, 4, 999]}""", $$"""{"id": 4, "input_ids": [{{string.Join(", ", Enumerable.Repeat(3, 120))}}]}""", """{"id": 5, "input_ids": [3]}"""]);

        var (exitCode, output, error) = Checkout.Prefer("logprobs", "--model", ModelFixture.Folder("llama-lm"), "--data", path, "--json", "--greedy", "10", "--on-bad-row", "skip");

        Assert.Equal(0, exitCode);
        Assert.Equal([1, 5], Lines(output).Select(line => (int)line["id"]!));
        Assert.Equal("[]", Lines(output)[1]["logprobs"]!.ToJsonString());
        Assert.Contains($"warning: left out {path}:4: 120 tokens and 10 more, but the model has 128 positions.", error, StringComparison.Ordinal);
        Assert.Contains($"warning: left out {path}:3: token id 999", error, StringComparison.Ordinal);

        var (stopped, before, reason) = Checkout.Prefer("logprobs", "--model", ModelFixture.Folder("llama-lm"), "--data", path, "--json");
        Assert.Equal((2, ""), (stopped, before));
        Assert.Contains($"prefer: {path}:2: ", reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("logprobs --model {llama} --data {data}", "is a reward model (it has score.weight)")]
    [InlineData("score --model {llama-lm} --data {data}", "has no reward head (missing: score.weight)")]
    [InlineData("logprobs --model {bert} --data {data}", "bert reads texts both ways")]
    [InlineData("logprobs --model {llama-lm} --data {data} --greedy 0", "prefer: --greedy: found '0', expected a whole number of at least 1.")]
    [InlineData("logprobs --model {llama-lm} --data {data} --encoding pair", "a language model reads one text, not pairs")]
    [InlineData("logprobs --model {llama-lm} --data {data} --max-length 129", "has 128 positions. Ask for 128 or fewer.")]
    [InlineData("score --model {llama} --data {data} --reward-label honesty", "prefer: --reward-label: found 'honesty', but the head of {llama} has one label, LABEL_0.")]
    public void Wrong_usage_says_what_is_allowed(string arguments, string message)
    {
        var data = Write(JsonNode.Parse("""{"input_ids": [1, 2]}""")!);
        string Filled(string text) => text.Replace("{data}", data, StringComparison.Ordinal).Replace("{llama}", ModelFixture.Folder("llama"), StringComparison.Ordinal)
            .Replace("{llama-lm}", ModelFixture.Folder("llama-lm"), StringComparison.Ordinal).Replace("{bert}", ModelFixture.Folder("bert"), StringComparison.Ordinal);

        var (exitCode, output, error) = Checkout.Prefer([.. arguments.Split(' ').Select(Filled)]);

        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains(Filled(message), error, StringComparison.Ordinal);
    }

    /// <summary>A Llama with random weights and a tokenizer, in the test's folder.</summary>
    private Prefer.Text.Tokenizer TextModel()
    {
        var files = SmallTextModel.Tokenizer(isCausal: true);
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(ModelFixture.Folder("llama"), "config.json")))!.AsObject();
        (config["vocab_size"], config["eos_token_id"], config["bos_token_id"], config["tie_word_embeddings"]) = (files.Tokenizer!.LargestId + 1, 1, null, true);
        using var drawn = ModelFixture.Draw(config.ToJsonString(), DType.Float32, seed: 3);
        File.WriteAllText(folder.File("config.json"), config.ToJsonString());
        files.Save(folder.Path);
        SafetensorsWriter.Write(folder.File("model.safetensors"), drawn.Parameters.Names.Where(name => name != "score.weight").Select(name => (name, drawn.Parameters[name])));
        return files.Tokenizer;
    }

    private static JsonArray Ids(int[] ids) => new([.. ids.Select(id => (JsonNode)id)]);

    private static List<JsonObject> Lines(string output) => [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject())];

    private string Write(params JsonNode[] rows)
    {
        var path = folder.File("rows.jsonl");
        File.WriteAllLines(path, rows.Select(row => row.ToJsonString()));
        return path;
    }
}
