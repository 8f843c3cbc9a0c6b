using System.Text.Json.Nodes;
using Prefer.Cli.Verbs;
using Prefer.Tests.Codebase;
using Prefer.Tests.Evaluation;
using Xunit;

namespace Prefer.Tests.Cli;

public sealed class CompareVerbTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public CompareVerbTests() => TextModel.WriteTo(folder.Path);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void It_prefers_the_higher_reward_with_the_logistic_of_the_difference()
    {
        var rows = folder.File("rows.jsonl");
        File.WriteAllLines(rows, ["""{"prompt": "want low", "response": "unaffable"}""", """{"prompt": "want low", "response": "running, running"}"""]);
        var scored = Checkout.Prefer("score", "--model", folder.Path, "--data", rows, "--json").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => (double)JsonNode.Parse(line)!["reward"]!).ToArray();

        var result = Run("unaffable", "running, running");

        Assert.Equal(["preferred", "probability", "reward_a", "reward_b", "margin", "temperature"], result.Select(field => field.Key));
        Assert.Equal(scored[0], (double)result["reward_a"]!, RecordedRewards.Tolerance);
        Assert.Equal(scored[1], (double)result["reward_b"]!, RecordedRewards.Tolerance);
        var margin = (double)result["reward_a"]! - (double)result["reward_b"]!;
        Assert.Equal((margin, margin > 0 ? "A" : "B"), ((double)result["margin"]!, (string)result["preferred"]!));
        Assert.Equal(1 / (1 + Math.Exp(-Math.Abs(margin))), (double)result["probability"]!, 1e-15);

        var swapped = Run("running, running", "unaffable");
        Assert.Equal(margin > 0 ? "B" : "A", (string)swapped["preferred"]!);
        Assert.Equal((double)result["probability"]!, (double)swapped["probability"]!, RecordedRewards.Tolerance);
    }

    [Fact]
    public void People_get_a_table_and_a_sentence()
    {
        var (exitCode, output, error) = Checkout.Prefer("compare", "--model", folder.Path, "--prompt", "want low", "unaffable", "low");

        Assert.Equal((0, ""), (exitCode, output));
        Assert.Contains("│ unaffable │", error, StringComparison.Ordinal);
        Assert.Matches(@"[AB] is preferred with probability 0\.[5-9]\d{3}\.\n$", error);
    }

    [Fact]
    public void Equal_rewards_prefer_none() => Assert.Equal(new ComparedResponses(null, 0.5, 1.5, 1.5, 0, 2), CompareVerb.Compare(1.5, 1.5, 2));

    [Theory]
    [InlineData("compare --prompt p a b", "prefer: --model is missing")]
    [InlineData("compare --model m a b", "prefer: --prompt is missing")]
    [InlineData("compare --model m --prompt p a", "prefer: <responses>: found 1, expected two: prefer compare --model DIR --prompt TEXT A B")]
    [InlineData("compare --model m --prompt p a b c", "prefer: <responses>: found 3, expected two")]
    [InlineData("compare --model m --prompt p a b", "prefer: m: no such folder")]
    public void Wrong_usage_says_what_is_allowed(string arguments, string message)
    {
        var (exitCode, output, error) = Checkout.Prefer(arguments.Split(' '));

        Assert.Equal((2, ""), (exitCode, output));
        Assert.StartsWith(message, error, StringComparison.Ordinal);
    }

    private JsonObject Run(string a, string b) =>
        JsonNode.Parse(Checkout.Prefer("compare", "--model", folder.Path, "--prompt", "want low", a, b, "--json").Output)!.AsObject();
}
