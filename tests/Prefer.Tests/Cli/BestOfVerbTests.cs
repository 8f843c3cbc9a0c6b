using System.Text.Json.Nodes;
using Prefer.Tests.Codebase;
using Prefer.Tests.Evaluation;
using Prefer.Tests.Models;
using Prefer.Tests.Torch;
using Xunit;

namespace Prefer.Tests.Cli;

/// <summary><c>prefer best-of</c>, in a process of its own, beside what <c>prefer score</c> says of each response alone.</summary>
[Collection(ProcessWide.Name)]
public sealed class BestOfVerbTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("llama")]
    [InlineData("distilbert")]
    public void The_best_of_each_row_is_that_of_its_rewards_one_by_one(string family)
    {
        var model = SmallTextModel.Write(family, folder.Path);
        var random = new Random(1);
        string[] words = ["Hello", "water", "boils", "quick", "fox", "no", "idea", "dog"];
        string Sentence() => string.Join(' ', Enumerable.Range(0, random.Next(1, 7)).Select(_ => words[random.Next(words.Length)]));
        var rows = Enumerable.Range(0, 40).Select(_ => (Prompt: Sentence(), Responses: Enumerable.Range(0, random.Next(1, 6)).Select(_ => Sentence()).ToArray())).ToArray();
        Write("slates.jsonl", rows.Select((row, index) => new JsonObject { ["id"] = index, ["prompt"] = row.Prompt, ["responses"] = new JsonArray([.. row.Responses.Select(text => (JsonNode)text)]), ["note"] = "kept" }));
        Write("rows.jsonl", rows.SelectMany(row => row.Responses.Select(response => new JsonObject { ["prompt"] = row.Prompt, ["response"] = response })));

        var (exitCode, output, error) = Checkout.Prefer("best-of", "--model", model, "--data", folder.File("slates.jsonl"), "--json");

        Assert.True(exitCode == 0, error);
        var lines = Lines(output);
        var alone = new Queue<double>(Lines(Checkout.Prefer("score", "--model", model, "--data", folder.File("rows.jsonl"), "--json").Output).Select(line => (double)line["reward"]!));
        Assert.Equal(rows.Length, lines.Count);
        foreach (var (index, (line, row)) in lines.Zip(rows).Index())
        {
            Assert.Equal(["id", "note", "best", "response", "rewards", "margin"], line.Select(field => field.Key));
            Assert.Equal(index, (int)line["id"]!);
            var rewards = line["rewards"]!.AsArray().Select(reward => (double)reward!).ToArray();
            Assert.All(rewards, reward => Assert.Equal(alone.Dequeue(), reward, RecordedRewards.Tolerance));
            var best = Array.IndexOf(rewards, rewards.Max());
            Assert.Equal((best, row.Responses[best]), ((int)line["best"]!, (string)line["response"]!));
            Assert.Equal(rewards.Length == 1 ? null : rewards.Max() - rewards.Where((_, other) => other != best).Max(), (double?)line["margin"]);
        }

        Assert.Empty(alone);
    }

    [Fact]
    public void People_and_files_are_told_the_same_best()
    {
        var model = SmallTextModel.Write("llama", folder.Path);
        Write("slates.jsonl", [JsonNode.Parse("""{"messages": [{"role": "user", "content": "Say hello."}], "responses": ["Hello!", [{"role": "assistant", "content": "No"}, {"role": "assistant", "content": "idea."}]]}""")!]);
        string[] arguments = ["best-of", "--model", model, "--data", folder.File("slates.jsonl")];

        var text = Checkout.Prefer(arguments).Output.TrimEnd('\n').Split('\t');
        var (exitCode, _, error) = Checkout.Prefer([.. arguments, "--output", folder.File("best.jsonl")]);

        Assert.True(exitCode == 0, error);
        var line = Assert.Single(Lines(File.ReadAllText(folder.File("best.jsonl"))));
        Assert.Equal(((string[])["0", "1"])[(int)line["best"]!], text[0]);
        Assert.Equal((double)line["rewards"]![(int)line["best"]!]!, double.Parse(text[1], System.Globalization.CultureInfo.InvariantCulture), 1e-6);
        Assert.Equal((int)line["best"]! == 0 ? "\"Hello!\"" : """[{"role":"assistant","content":"No"},{"role":"assistant","content":"idea."}]""", line["response"]!.ToJsonString());
        Assert.Equal((int)line["best"]! == 0 ? "Hello!" : "No idea.", text[3]);
    }

    private static List<JsonObject> Lines(string output) => [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject())];

    private void Write(string name, IEnumerable<JsonNode> rows) => File.WriteAllLines(folder.File(name), rows.Select(row => row.ToJsonString()));
}
