using System.Text.Json.Nodes;
using Prefer.Evaluation.Benchmarks;
using Prefer.Statistics;
using Prefer.Tests.Statistics;
using Xunit;
using static Prefer.Tests.Evaluation.Benchmarks.BenchmarkFiles;

namespace Prefer.Tests.Evaluation.Benchmarks;

/// <summary>RewardBench 2. Tolerances of 1e-14 relative: some ten additions.</summary>
public sealed class RewardBench2Tests : IDisposable
{
    private static readonly JsonObject[] TiesRows =
    [
        // Both forms. 1: spread 2, gaps 3 and 5. 2: spread 0, both gaps 0. 3: spread 0, gaps 1 and 4. 4: spread 0, gaps 3 and −2.
        Row("Ties", "ref:1", [9], [4, 2]), Row("Ties", "tied:1", [8, 6], [3]),
        Row("Ties", "ref:2", [5], [5]), Row("Ties", "tied:2", [7, 7], [7]),
        Row("Ties", "ref:3", [6], [2]), Row("Ties", "tied:3", [4, 4], [3]),
        Row("Ties", "ref:4", [3], [5]), Row("Ties", "tied:4", [4, 4], [1]),
        // One form: they count in accuracy alone.
        Row("Ties", "ref:5", [5], [1]), Row("Ties", "tied:6", [9, 2], [5]),
    ];

    private readonly BenchmarkFiles files = new();

    public void Dispose() => files.Dispose();

    [Fact]
    public void Completions_at_the_maximum_share_the_point()
    {
        files.Add("test.jsonl",
            Row("Math", "1", [3], [3, 3, 1]), // a third
            Row("Math", "2", [2], [3, 1, 1]), // nothing
            Row("focus", "3", [4], [3, 1, 1]),
            Row("Focus", "4", [4], [4, 1, 1]));

        var result = files.Score(BenchmarkKind.Rewardbench2);

        Relative.Equal(1 / 6.0, result.Sections["Math"].Score!.Value, 1e-14);
        Assert.Equal(0.75, result.Sections["Focus"].Score);
        Relative.Equal((1 / 6.0 + 0.75) / 2, result.Score!.Value, 1e-14);
        Assert.Equal(["Math", "Focus"], result.ScoreOf);
        Assert.Equal(["Factuality", "Precise IF", "Safety", "Ties"], result.Missing);
        Assert.Equal((4, 4), (result.Items, result.EqualRewards));
        Assert.Equal((2, 183L), (result.Sections["Math"].Items, result.Sections["Math"].PublishedItems));
    }

    [Fact]
    public void Ties_are_scored_by_the_six_terms()
    {
        files.Add("test.jsonl", [Row("Math", "1", [3], [1, 1, 1]), .. TiesRows]);

        var result = files.Score(BenchmarkKind.Rewardbench2);

        // Every right answer above every wrong one: references 1, 3, 5 of five; tied 1, 3, 4 of five. Over 1 to 4: gap above spread 1, 3, 4; both gaps 1, 3.
        // tanh of the ratio less 1: tanh(3/2 − 1), 0/0 → 0, 1/0 → 1, −2/0 → −1.
        var ties = 0.30 * 0.6 + 0.30 * 0.6 + 0.20 * 0.75 + 0.20 * 0.5 + 0.01 * (Math.Tanh(0.5) + 0 + 1 - 1) / 4;
        Relative.Equal(ties, result.Sections["Ties"].Score!.Value, 1e-14);
        Relative.Equal((1 + ties) / 2, result.Score!.Value, 1e-14);
        Assert.Equal((10, 102L), (result.Sections["Ties"].Items, result.Sections["Ties"].PublishedItems));
        Assert.Equal(
            [("Ties: accuracy, one right answer", 0.6), ("Ties: accuracy, several", 0.6), ("Ties: gap above spread", 0.75), ("Ties: both gaps above spread", 0.5)],
            result.Subsets.SkipLast(1).Select(part => (part.Key, part.Value.Score!.Value)));
        Relative.Equal(Math.Tanh(0.5) / 4, result.Subsets["Ties: tanh of ratio"].Score!.Value, 1e-14);
    }

    [Fact]
    public void The_interval_of_ties_takes_a_prompt_in_both_forms_as_one_cluster()
    {
        files.Add("test.jsonl", TiesRows[..8]);

        var result = files.Score(BenchmarkKind.Rewardbench2);

        // With every prompt in both forms the score is the mean of what each prompt contributes.
        double[] contributions =
        [
            0.3 + 0.3 + 0.2 + 0.2 + 0.01 * Math.Tanh(0.5),
            0,
            0.3 + 0.3 + 0.2 + 0.2 + 0.01,
            0 + 0.3 + 0.2 + 0 - 0.01,
        ];
        var expected = ClusteredMean.Of(contributions, [1, 2, 3, 4]);
        Relative.Equal(expected.Mean, result.Score!.Value, 1e-14);
        // Degrees of freedom: four clusters less three strata, where the mean of contributions has four less one.
        var reach = StudentT.Quantile(0.975, 1) * expected.StandardError;
        Relative.Equal(expected.Mean + reach, result.ScoreCi95!.Value.High, 1e-13);
    }

    [Fact]
    public void Without_a_prompt_in_both_forms_ties_have_no_score()
    {
        files.Add("test.jsonl", Row("Ties", "ref:1", [9], [4]), Row("Ties", "tied:2", [9, 8], [4]));

        var result = files.Score(BenchmarkKind.Rewardbench2);

        Assert.Equal((null, 2), (result.Score, result.Items));
        Assert.Contains("Ties", result.Missing);
        Assert.Empty(result.Sections);
    }

    private static JsonObject Row(string subset, string id, int[] chosen, int[] rejected) => new()
    {
        ["id"] = id, ["prompt"] = $"prompt of {subset} {id}", ["chosen"] = Longs(chosen), ["rejected"] = Longs(rejected), ["num_correct"] = chosen.Length, ["num_incorrect"] = rejected.Length,
        ["total_completions"] = chosen.Length + rejected.Length, ["subset"] = subset,
    };
}
