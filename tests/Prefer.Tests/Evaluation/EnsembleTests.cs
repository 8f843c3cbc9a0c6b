using Prefer.Data;
using Prefer.Evaluation;
using Prefer.Statistics;
using Prefer.Tests.Statistics;
using Xunit;

namespace Prefer.Tests.Evaluation;

/// <summary>Ensembles of scorers whose rewards can be told by hand, and random rewards.</summary>
public sealed class EnsembleTests
{
    // By length the first is right, the second wrong, the third right; by refusal equal, right, wrong.
    private static readonly Comparison[] Three =
    [
        Pair("p", "a longer one", "short"),
        Pair("q", "I can't help with that.", "Here is a very long and helpful answer."),
        Pair("r", "Here is a very long and helpful answer.", "I can't help with that."),
    ];

    [Theory]
    [InlineData(CombineRule.Mean, 2)]
    [InlineData(CombineRule.Min, -1)]
    [InlineData(CombineRule.MeanMinusStd, 2 - 2.16024689946929)] // deviations −3, 2, 0, 1: √(14/3)
    public void Rules_are_those_of_their_definition(CombineRule rule, double expected)
    {
        Relative.Equal(expected, EnsembleScorer.Combine([-1, 4, 2, 3], rule), 1e-13);
        Assert.Equal(5.0, EnsembleScorer.Combine([5], rule));
    }

    [Fact]
    public void An_ensemble_of_one_is_that_one()
    {
        var one = PairEvaluation.Run(Three, new EnsembleScorer([BaselineScorer.Length], CombineRule.MeanMinusStd), null, TimeProvider.System);
        var alone = PairEvaluation.Run(Three, BaselineScorer.Length, null, TimeProvider.System);

        Assert.Equal(PairMetrics.Of(alone), PairMetrics.Of(one));
        Assert.Equal((1, null, 1.0), (EnsembleMetrics.Of(one)!.Members, EnsembleMetrics.Of(one)!.MeanAgreement, EnsembleMetrics.Of(one)!.UnanimousShare));
        Assert.Null(EnsembleMetrics.Of(alone));
    }

    [Fact]
    public void Members_disagreement_is_counted_pair_by_pair()
    {
        var scored = PairEvaluation.Run(Three, new EnsembleScorer([BaselineScorer.Length, BaselineScorer.Refusal, BaselineScorer.Length], CombineRule.Mean), null, TimeProvider.System);

        // Signs by member: (+, 0, +), (−, +, −), (+, −, +): one agreeing couple of three each, nobody unanimous.
        var metrics = EnsembleMetrics.Of(scored)!;
        Assert.Equal((3, 0.0, null), (metrics.Members, metrics.UnanimousShare, metrics.UnanimousAccuracy));
        Assert.Equal([2 / 3.0, 1 / 3.0, 2 / 3.0], metrics.MemberAccuracies);
        Relative.Equal(1 / 3.0, metrics.MeanAgreement!.Value, 1e-15);
        Assert.Equal((2 / 3.0, Proportion.Wilson(2, 3)), (metrics.SplitAccuracy, metrics.SplitAccuracyCi95));

        // Differences 7, 0, 7 of the first pair have the deviation 7/√3; −16, 1, −16 of the second 17/√3; the third mirrors it.
        Relative.Equal((7 + 17 + 17) / Math.Sqrt(3) / 3, metrics.MeanDeviation, 1e-14);
        var agreed = EnsembleMetrics.Of(PairEvaluation.Run(Three, new EnsembleScorer([BaselineScorer.Length, BaselineScorer.Length], CombineRule.Min), null, TimeProvider.System))!;
        Assert.Equal((1.0, 1.0, 2 / 3.0, null), (agreed.MeanAgreement, agreed.UnanimousShare, agreed.UnanimousAccuracy, agreed.SplitAccuracy));
    }

    [Fact]
    public void A_row_that_one_member_cannot_read_is_left_out_for_all()
    {
        var ids = new Comparison { Chosen = new Response { InputIds = [1, 2] }, Rejected = new Response { InputIds = [1] }, Origin = new RowOrigin("f.jsonl", 1) };
        List<BadRow> skipped = [];

        var scored = PairEvaluation.Run([ids, .. Three], new EnsembleScorer([BaselineScorer.Length, BaselineScorer.Refusal], CombineRule.Mean), skipped, TimeProvider.System);

        Assert.Equal([1L, 2, 3], scored.Pairs.Select(pair => pair.Index));
        Assert.Equal(1, Assert.Single(skipped).Origin.Line);
    }

    [Fact]
    public void More_rows_than_are_held_at_once_keep_their_order()
    {
        Comparison[] many = [.. Enumerable.Range(0, 1300).Select(index => Pair($"p{index}", new string('a', 2 + (index % 7)), "b"))];

        var scored = PairEvaluation.Run(many, new EnsembleScorer([BaselineScorer.Length, BaselineScorer.Length], CombineRule.Mean), null, TimeProvider.System);

        Assert.Equal(many.Select(pair => (double)pair.Chosen.Length), scored.Pairs.Select(pair => pair.ChosenReward));
    }

    [Fact]
    public void Random_rewards_depend_on_seed_and_text_alone()
    {
        Comparison[] many = [.. Enumerable.Range(0, 2000).Select(index => Pair($"p{index}", $"one {index}", $"two {index}"))];
        double Accuracy(IEnumerable<Comparison> pairs, ulong seed) => PairMetrics.Of(PairEvaluation.Run(pairs, BaselineScorer.Random(seed), null, TimeProvider.System)).Accuracy!.Value;

        Assert.Equal(Accuracy(many, 1), Accuracy(many.Reverse(), 1));
        Assert.NotEqual(Accuracy(many, 1), Accuracy(many, 2));
        Assert.InRange(Accuracy(many, 1), 0.5 - (4 * Math.Sqrt(0.25 / 2000)), 0.5 + (4 * Math.Sqrt(0.25 / 2000)));
        var rewards = PairEvaluation.Run(many, BaselineScorer.Random(1), null, TimeProvider.System).Pairs.SelectMany(pair => new[] { pair.ChosenReward, pair.RejectedReward }).ToArray();
        Assert.InRange(rewards.Min(), 0, 0.01);
        Assert.InRange(rewards.Max(), 0.99, 1);
        Assert.InRange(rewards.Average(), 0.5 - (4 * Math.Sqrt(1 / 12.0 / 4000)), 0.5 + (4 * Math.Sqrt(1 / 12.0 / 4000)));
    }

    private static Comparison Pair(string prompt, string chosen, string rejected) => new()
    {
        Prompt = [new Message("user", prompt)], Chosen = Response.FromText(chosen), Rejected = Response.FromText(rejected),
    };
}
