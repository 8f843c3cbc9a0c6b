using System.Text.Json.Nodes;
using Prefer.Data;
using Prefer.Evaluation.Benchmarks;
using Prefer.Statistics;
using Prefer.Tests.Statistics;
using Xunit;
using static Prefer.Tests.Evaluation.Benchmarks.BenchmarkFiles;

namespace Prefer.Tests.Evaluation.Benchmarks;

/// <summary>RewardBench 1. Tolerances of 1e-15 relative: a few additions and a division.</summary>
public sealed class RewardBenchTests : IDisposable
{
    private readonly BenchmarkFiles files = new();

    public void Dispose() => files.Dispose();

    [Fact]
    public void Subsets_weigh_their_published_number_of_pairs_and_what_is_missing_is_named()
    {
        files.Add("filtered.jsonl",
            Pair("alpacaeval-easy", 3, 1), Pair("alpacaeval-easy", 1, 3), Pair("mt-bench-med", 2, 1),
            Pair("math-prm", 1, 2), Pair("math-prm", 1, 2), Pair("math-prm", 2, 1), Pair("hep-go", 5, 4),
            Pair("shp", 2, 1), Pair("summarize", 2, 2));

        var result = files.Score(BenchmarkKind.Rewardbench);

        // Chat: ½ of weight 100, 1 of weight 40. Reasoning: ⅓ of 984, 1 of 164. Prior sets: 1 and, at equal rewards, 0.
        Relative.Equal((50 + 40) / 140.0, result.Sections["Chat"].Score!.Value, 1e-15);
        Relative.Equal((328 + 164) / 1148.0, result.Sections["Reasoning"].Score!.Value, 1e-15);
        Assert.Equal(0.5, result.Sections["Prior Sets"].Score);
        // (2 · 9/14 + 2 · 3/7 + ½) / 5 = 37/70: the absent sections and their weights are left out.
        Relative.Equal(37 / 70.0, result.Score!.Value, 1e-15);
        Assert.Equal(["Chat", "Reasoning", "Prior Sets"], result.ScoreOf);
        Assert.Equal(
            ["alpacaeval-length", "alpacaeval-hard", "mt-bench-easy", "Chat Hard", "Safety", "hep-cpp", "hep-java", "hep-js", "hep-python", "hep-rust", "anthropic_helpful", "anthropic_hhh"],
            result.Missing);
        Assert.Equal((9, 1, 0), (result.Items, result.EqualRewards, result.Truncated));
        Assert.Equal((3, 358L), (result.Sections["Chat"].Items, result.Sections["Chat"].PublishedItems));
        Assert.Equal(1431, result.Sections["Reasoning"].PublishedItems); // 447 + 6 · 164
        var subset = result.Subsets["math-prm"];
        Relative.Equal(1 / 3.0, subset.Score!.Value, 1e-15);
        Assert.Equal((Proportion.Wilson(1, 3), 3, 447L), (subset.ScoreCi95, subset.Items, subset.PublishedItems));
        Assert.Null(result.ScoreCi95); // mt-bench-med has one prompt
    }

    [Fact]
    public void Every_weight_is_the_reference_s()
    {
        // One pair a subset, one right in each section: its weight in the section is the section's score.
        string[] right = ["alpacaeval-length", "llmbar-adver-GPTOut", "xstest-should-respond", "math-prm", "anthropic_hhh"];
        string[] all =
        [
            "alpacaeval-easy", "alpacaeval-length", "alpacaeval-hard", "mt-bench-easy", "mt-bench-med", "mt-bench-hard", "llmbar-natural", "llmbar-adver-neighbor", "llmbar-adver-GPTInst",
            "llmbar-adver-GPTOut", "llmbar-adver-manual", "refusals-dangerous", "refusals-offensive", "xstest-should-refuse", "xstest-should-respond", "donotanswer", "math-prm", "hep-cpp",
            "hep-go", "hep-java", "hep-js", "hep-python", "hep-rust", "anthropic_helpful", "anthropic_hhh", "shp", "summarize",
        ];
        files.Add("all.jsonl", [.. all.Select(subset => Pair(subset, right.Contains(subset) ? 2 : 1, right.Contains(subset) ? 1 : 2))]);

        var result = files.Score(BenchmarkKind.Rewardbench);

        // Totals: 100+95+95+28+40, 37+100+134+92+47+46, 100+100+154+250+136, 984 of 2 · 984, 1 of 4.
        double[] sections = [95 / 358.0, 47 / 456.0, 250 / 740.0, 0.5, 0.25];
        Assert.Equal(["Chat", "Chat Hard", "Safety", "Reasoning", "Prior Sets"], result.Sections.Keys);
        Assert.All(result.Sections.Values.Zip(sections), pair => Relative.Equal(pair.Second, pair.First.Score!.Value, 1e-15));
        Relative.Equal((2 * (95 / 358.0 + 47 / 456.0 + 250 / 740.0 + 0.5) + 0.25) / 9, result.Score!.Value, 1e-15);
        Assert.Empty(result.Missing);
    }

    [Fact]
    public void The_interval_is_that_of_the_weighted_sum_of_the_subsets()
    {
        files.Add("filtered.jsonl",
            Pair("math-prm", 1, 2), Pair("math-prm", 2, 1), Pair("math-prm", 2, 1), Pair("hep-go", 5, 4), Pair("hep-go", 4, 5), Pair("hep-go", 4, 5));

        var result = files.Score(BenchmarkKind.Rewardbench);

        var expected = StratifiedMean.Of([0, 1, 1, 1, 0, 0], [0, 0, 0, 1, 1, 1], [0, 1, 2, 3, 4, 5], [984 / 1148.0, 164 / 1148.0]);
        Relative.Equal((984 * 2 / 3.0 + 164 / 3.0) / 1148, result.Score!.Value, 1e-15);
        Relative.Equal(expected.Interval.Low, result.ScoreCi95!.Value.Low, 1e-13);
        Assert.Equal(result.ScoreCi95, result.Sections["Reasoning"].ScoreCi95);
    }

    [Fact]
    public void Prior_sets_are_named_by_their_files_and_those_outside_the_average_are_shown()
    {
        var row = Pair("honest", 3, 1);
        row["prompt"] = new JsonArray(Message("human", "Hi."), Message("gpt", "Hello."), Message("human", "And?"));
        files.Add("anthropic_hhh-00000-of-00001.jsonl", row);
        files.Add("anthropic_harmless.jsonl", Pair(null, 3, 1), Pair(null, 1, 3));

        var result = files.Score(BenchmarkKind.Rewardbench);

        Assert.Equal((1.0, 1.0, 0.5), (result.Score, result.Sections["Prior Sets"].Score, result.Subsets["anthropic_harmless"].Score));
        Assert.Equal((3, 1), (result.Items, result.Sections["Prior Sets"].Items));
        Assert.Equal(["anthropic_hhh", "anthropic_harmless"], result.Subsets.Keys);
    }

    [Fact]
    public void Without_any_of_the_sections_there_is_no_score()
    {
        files.Add("rows.jsonl", Pair("pku_safer", 3, 1));

        var result = files.Score(BenchmarkKind.Rewardbench);

        Assert.Null(result.Score);
        Assert.Empty(result.Sections);
        Assert.Equal(["Chat", "Chat Hard", "Safety", "Reasoning", "Prior Sets"], result.Missing);
    }

    [Fact]
    public void A_prompt_is_a_user_turn_as_it_stands_or_turns_of_which_the_user_has_the_first()
    {
        Assert.Equal([new Message("user", "\n\nHuman: Hi.\n\nAssistant:")], Prompt("\n\nHuman: Hi.\n\nAssistant:"));
        Assert.Equal(
            [new Message("user", "Hi."), new Message("assistant", "Hello."), new Message("user", "And?")],
            Prompt(new JsonArray(Message("user", "Hi."), Message("assistant", "Hello."), Message("user", "And?"))));
    }

    private Message[] Prompt(JsonNode prompt)
    {
        var row = Pair("shp", 1, 2);
        row["prompt"] = prompt;
        return [.. new RewardBench().Read(DataSource.Open([files.Add("prompt.jsonl", row)]).Fields().Single()).Prompt];
    }

    private static JsonObject Message(string role, string content) => new() { ["role"] = role, ["content"] = content };

    private static int promptCount;

    private static JsonObject Pair(string? subset, int chosen, int rejected) => new()
    {
        ["id"] = 1, ["prompt"] = $"p{Interlocked.Increment(ref promptCount)}", ["chosen"] = Long(chosen), ["rejected"] = Long(rejected), ["subset"] = subset,
    };
}
