using System.Text.Json.Nodes;
using Prefer.Data;
using Prefer.Evaluation.Benchmarks;
using Prefer.Statistics;
using Prefer.Tests.Statistics;
using Xunit;
using static Prefer.Tests.Evaluation.Benchmarks.BenchmarkFiles;

namespace Prefer.Tests.Evaluation.Benchmarks;

/// <summary>RM-Bench, LLMBar, JudgeBench and PandaLM. Tolerances of 1e-14 relative: some ten additions.</summary>
public sealed class PairBenchmarkTests : IDisposable
{
    private readonly BenchmarkFiles files = new();

    public void Dispose() => files.Dispose();

    [Fact]
    public void Rm_bench_compares_every_style_with_every_other()
    {
        files.Add("chat_filtered.json", Styles(null, [2, 4, 6], [1, 3, 5]));
        files.Add("total_dataset.json", Styles("code", [5, 1, 1], [5, 5, 1]), Styles("safety-refuse", [9, 9, 9], [1, 1, 1]), Styles("safety-response", [1, 1, 1], [9, 9, 9]));

        var result = files.Score(BenchmarkKind.RmBench);

        // Chat: 2 beats 1, 4 beats 1 and 3, 6 beats all. Code: only the plain right one beats the Markdown wrong one. Safety: one item all, one nothing.
        var expected = new Dictionary<string, double>
        {
            ["chat easy"] = 1, ["chat normal"] = 1, ["chat hard"] = 0, ["code easy"] = 0, ["code normal"] = 0, ["code hard"] = 1 / 3.0,
            ["safety easy"] = 0.5, ["safety normal"] = 0.5, ["safety hard"] = 0.5,
        };
        Assert.Equal(expected, result.Subsets.ToDictionary(subset => subset.Key, subset => subset.Value.Score!.Value));
        double[] sections = [2 / 3.0, 1 / 9.0, 0.5, (1 + 0 + 0.5) / 3, (1 + 0 + 0.5) / 3, (0 + 1 / 3.0 + 0.5) / 3];
        Assert.Equal(["chat", "code", "safety", "easy", "normal", "hard"], result.Sections.Keys);
        Assert.All(result.Sections.Values.Zip(sections), pair => Relative.Equal(pair.Second, pair.First.Score!.Value, 1e-14));
        Relative.Equal((2 / 3.0 + 1 / 9.0 + 0.5) / 3, result.Score!.Value, 1e-14);
        Assert.Equal(["chat", "code", "safety"], result.ScoreOf);
        Assert.Equal(["math"], result.Missing);
        Assert.Equal((4, 2, 441L), (result.Items, result.Sections["safety"].Items, result.Sections["safety"].PublishedItems));
    }

    [Fact]
    public void Llmbar_averages_subsets_that_the_folders_name()
    {
        files.Add("LLMBar/Natural/dataset.json", Outputs(2, 1, 1), Outputs(2, 1, 2));
        files.Add("LLMBar/Adversarial/Neighbor/dataset.json", Outputs(1, 2, 2));
        files.Add("LLMBar/Adversarial/GPTOut/dataset.json", Outputs(2, 1, 1));
        files.Add("LLMBar/Adversarial/Manual/dataset.json", Outputs(1, 1, 1), Outputs(1, 2, 1));
        files.Add("rows.jsonl", Outputs(2, 1, 1, "FairEval"));

        var result = files.Score(BenchmarkKind.Llmbar);

        // Natural ½; 1, 1 and 0 (equal rewards are wrong) of the adversarial ones; FairEval is beside the score.
        Assert.Equal([("Natural", 0.5), ("Neighbor", 1), ("GPTOut", 1), ("Manual", 0), ("FairEval", 1)], result.Subsets.Select(subset => (subset.Key, subset.Value.Score!.Value)));
        Relative.Equal(2 / 3.0, result.Sections["Adversarial"].Score!.Value, 1e-14);
        Relative.Equal((0.5 + 1 + 1 + 0) / 4, result.Score!.Value, 1e-14);
        Assert.Equal(["GPTInst"], result.Missing);
        Assert.Equal((7, 1, 4), (result.Items, result.EqualRewards, result.Sections["Adversarial"].Items));
        Assert.Equal(Proportion.Wilson(1, 2), result.Subsets["Natural"].ScoreCi95);
    }

    [Fact]
    public void Judgebench_counts_every_pair_alike()
    {
        files.Add("pairs.jsonl",
            Judged("mmlu-pro-law", 1, 2, "B>A"), Judged("mmlu-pro-math", 2, 1, "A>B"), Judged("mmlu-pro-math", 2, 1, "B>A"),
            Judged("livebench-math", 2, 2, "B>A"), Judged("livecodebench", 1, 2, "B>A"));

        var result = files.Score(BenchmarkKind.Judgebench);

        // Knowledge ⅔; math 0, equal rewards being wrong whichever side is right; coding 1: three of five.
        Relative.Equal(2 / 3.0, result.Sections["knowledge"].Score!.Value, 1e-14);
        Assert.Equal((0.0, 1.0), (result.Sections["math"].Score, result.Sections["coding"].Score));
        Relative.Equal(0.6, result.Score!.Value, 1e-14);
        Assert.Equal(["reasoning"], result.Missing);
        Assert.Equal([("livebench-math", 0.0), ("livecodebench", 1), ("mmlu-pro-law", 1), ("mmlu-pro-math", 0.5)], result.Subsets.Select(subset => (subset.Key, subset.Value.Score!.Value)));
    }

    [Fact]
    public void Pandalm_takes_the_majority_and_averages_over_the_labels()
    {
        files.Add("testset-v1.json",
            Voted([1, 1, 2], 3, 1), // label 1, verdict 1
            Voted([2, 2, 2], 1, 3), // 2, 2
            Voted([2, 0, 2], 3, 1), // 2, 1
            Voted([0, 0, 1], 2, 2), // tie, tie
            Voted([0, 1, 2], 3, 1), // no majority: tie, 1
            Voted([1, 1, 1], 2, 2)); // 1, tie

        var result = files.Score(BenchmarkKind.Pandalm);

        Assert.Equal((0.5, 6, 2), (result.Score, result.Items, result.EqualRewards));
        // Right over verdicts: tie 1/2, response 1 1/3, response 2 1/1. Right over labels: 1/2 each. Twice right over both: 2/4, 2/5, 2/3.
        Relative.Equal((1 / 2.0 + 1 / 3.0 + 1) / 3, result.Sections["precision"].Score!.Value, 1e-14);
        Assert.Equal(0.5, result.Sections["recall"].Score);
        Relative.Equal((2 / 4.0 + 2 / 5.0 + 2 / 3.0) / 3, result.Sections["f1"].Score!.Value, 1e-14);
        Assert.Equal([("tie", 0.5), ("response 1", 0.5), ("response 2", 0.5)], result.Subsets.Select(subset => (subset.Key, subset.Value.Score!.Value)));
        Assert.Null(result.Sections["f1"].ScoreCi95);
    }

    [Fact]
    public void A_label_that_is_never_said_has_precision_0_and_one_that_occurs_nowhere_does_not_count()
    {
        files.Add("testset-v1.json", Voted([1, 1, 1], 2, 1), Voted([0, 0, 0], 2, 1));

        var result = files.Score(BenchmarkKind.Pandalm);

        // Response 1: 1 of 2 verdicts, 1 of 1 labels, 2/3. Tie: nothing. Response 2 is neither label nor verdict.
        Assert.Equal((0.25, 0.5), (result.Sections["precision"].Score, result.Sections["recall"].Score));
        Relative.Equal(1 / 3.0, result.Sections["f1"].Score!.Value, 1e-14);
        Assert.Equal(["response 2"], result.Missing);
    }

    [Theory]
    [InlineData("Sort.", "3 1 2", "Sort.\n\n3 1 2")]
    [InlineData("Sort.", "", "Sort.")]
    public void Pandalm_asks_instruction_and_input_in_one_turn(string instruction, string input, string prompt)
    {
        var row = Voted([1, 1, 1], 2, 1);
        (row["instruction"], row["input"]) = (instruction, input);

        Assert.Equal([new Message("user", prompt)], new PandaLm().Read(DataSource.Open([files.Add("testset-v1.json", row)]).Fields().Single()).Prompt);
    }

    [Fact]
    public void Pandalm_reads_the_published_responses_that_are_no_text()
    {
        var row = Voted([1, 1, 1], 2, 1);
        row["response1"] = true;

        Assert.Equal(["True", "a"], new PandaLm().Read(DataSource.Open([files.Add("testset-v1.json", row)]).Fields().Single()).Responses);
    }

    private static JsonObject Styles(string? domain, int[] chosen, int[] rejected) => new()
    {
        ["id"] = "8", ["prompt"] = $"{domain} {string.Join(' ', chosen)}", ["chosen"] = Longs(chosen), ["rejected"] = Longs(rejected), ["domain"] = domain,
    };

    private static JsonObject Outputs(int first, int second, int label, string? subset = null) => new()
    {
        ["input"] = "Do it.", ["output_1"] = Long(first), ["output_2"] = Long(second), ["label"] = label, ["subset"] = subset,
    };

    private static JsonObject Judged(string source, int first, int second, string label) => new()
    {
        ["pair_id"] = "x", ["source"] = source, ["question"] = "Which?", ["response_A"] = Long(first), ["response_B"] = Long(second), ["label"] = label,
    };

    private static JsonObject Voted(int[] votes, int first, int second) => new()
    {
        ["idx"] = 0, ["instruction"] = "Sort.", ["input"] = "", ["response1"] = Long(first), ["response2"] = Long(second),
        ["annotator1"] = votes[0], ["annotator2"] = votes[1], ["annotator3"] = votes[2],
    };
}
