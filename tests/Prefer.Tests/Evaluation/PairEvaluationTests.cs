using Prefer.Data;
using Prefer.Evaluation;
using Prefer.Statistics;
using Prefer.Tests.Statistics;
using Xunit;

namespace Prefer.Tests.Evaluation;

/// <summary>The metrics of comparisons whose rewards, by a baseline, can be told by hand.</summary>
public sealed class PairEvaluationTests
{
    // Characters: 4–2, 1–3, 2–2, a tie 3–1, a soft label 3–2, an empty side, identical sides.
    private static readonly Comparison[] Seven =
    [
        Pair("p1", "aaaa", "bb", subset: "x"),
        Pair("p2", "a", "bbb", subset: "x"),
        Pair("p3", "aa", "bb", subset: "y"),
        Pair("p4", "aaa", "b", label: 0.5, subset: "y"),
        Pair("p5", "aaa", "bb", label: 0.8),
        Pair("p6", " ", "bb", subset: "x"),
        Pair("p7", "same", "same"),
    ];

    [Fact]
    public void Ties_are_in_the_loss_only_and_pairs_that_teach_nothing_in_neither()
    {
        var result = Evaluate(Seven, BaselineScorer.Length);

        // Differences 2, −2, 0, (tie 2), 1; equal ones count half for a baseline.
        Assert.Equal((7, 4, 1, 1, 1, 1), (result.Pairs, result.AccuracyPairs, result.Ties, result.Empty, result.Identical, result.EqualRewards));
        Assert.Equal((1 + 0 + 0.5 + 1) / 4, result.Accuracy);
        Assert.Equal((2 - 2 + 0 + 1) / 4.0, result.Margin);
        Assert.Equal(Proportion.Wilson(2.5, 4), result.AccuracyCi95);
        var tie = 0.5 * Nll(2) + 0.5 * Nll(-2);
        var soft = 0.8 * Nll(1) + 0.2 * Nll(-1);
        Relative.Equal((Nll(2) + Nll(-2) + Math.Log(2) + tie + soft) / 5, result.Loss!.Value, 1e-14);
        Assert.Equal((1L, 0.0), (result.ShorterChosenPairs, result.ShorterChosenAccuracy));

        // Of 2, −2, 0, tie 2, 1: with a threshold below 1 two are right, with 2 the tie alone.
        Assert.Equal((2 / 5.0, 0.0), (result.TieAwareAccuracy, result.TieThreshold));
    }

    [Fact]
    public void The_length_baseline_equals_itself()
    {
        var result = Evaluate(Seven, BaselineScorer.Length);

        Assert.Equal(result.Accuracy, result.LengthBaselineAccuracy);
        Assert.Equal((0.0, new Interval(0, 0)), (result.LengthDifference, result.LengthDifferenceCi95));
    }

    [Fact]
    public void Subsets_have_metrics_of_their_own_and_none_for_pairs_without_one()
    {
        var subsets = Evaluate(Seven, BaselineScorer.Length).Subsets;

        Assert.Equal(["x", "y"], subsets.Keys);
        var (x, y) = (subsets["x"], subsets["y"]);
        Assert.Equal((3, 2, 1, 0, 0.5, 0.0), (x.Pairs, x.AccuracyPairs, x.Empty, x.Ties, x.Accuracy, x.Margin));
        Relative.Equal((Nll(2) + Nll(-2)) / 2, x.Loss!.Value, 1e-14);
        Assert.Equal((2, 1, 0, 1, 0.5), (y.Pairs, y.AccuracyPairs, y.Empty, y.Ties, y.Accuracy));
    }

    [Fact]
    public void Subsets_of_a_section_count_together()
    {
        Comparison[] pairs = [Pair("p", "aaa", "b", subset: "chat/easy"), Pair("q", "a", "bbb", subset: "chat/hard"), Pair("r", "aaa", "b", subset: "code/easy"), Pair("s", "a", "bb", subset: "plain")];

        var result = Evaluate(pairs, BaselineScorer.Length);

        Assert.Equal(["chat", "code"], result.Sections.Keys);
        Assert.Equal((2, 0.5), (result.Sections["chat"].Pairs, result.Sections["chat"].Accuracy));
        Assert.Equal((1, 1.0), (result.Sections["code"].Pairs, result.Sections["code"].Accuracy));
        Assert.Empty(Evaluate(Seven, BaselineScorer.Length).Sections);
    }

    [Fact]
    public void A_ranking_is_scored_once_a_response_and_gives_its_pairs()
    {
        // Lengths 3, 1, 2 with scores 5, 5, 1, and an empty response, whose three pairs are not scored.
        var ranking = new Ranking
        {
            Prompt = [new Message("user", "p")], Subset = "r", Responses = [Response.FromText("aaa"), Response.FromText(" "), Response.FromText("b"), Response.FromText("cc")], Scores = [5, 3, 5, 1],
        };

        var scored = PairEvaluation.Run([Pair("q", "a", "bb"), ranking, Pair("p", "aa", "b")], BaselineScorer.Length, null, TimeProvider.System);

        Assert.Equal([(0L, 0, 1.0, 2.0), (2, 1, 3, 1), (3, 1, 3, 2), (6, 1, 1, 2), (7, 1, 2, 1)], scored.Pairs.Select(pair => (pair.Index, pair.Prompt, pair.ChosenReward, pair.RejectedReward)));
        Assert.Equal([false, true, false, false, false], scored.Pairs.Select(pair => pair.IsTie));
        Assert.Equal([new UnscoredPair("r", true), new("r", true), new("r", true)], scored.Unscored);
        var kept = Assert.Single(scored.Rankings);
        Assert.Equal((1, "r"), (kept.Prompt, kept.Subset));
        Assert.Equal([3.0, 1, 2], kept.Rewards);
        Assert.Equal([5.0, 5, 1], kept.Scores);
        var pairs = PairEvaluation.Run([Pair("q", "a", "bb"), .. ranking.Pairs(), Pair("p", "aa", "b")], BaselineScorer.Length, null, TimeProvider.System);
        Assert.Equal(PairMetrics.Of(pairs), PairMetrics.Of(scored));
    }

    [Fact]
    public void The_difference_to_length_is_paired_and_clustered_by_prompt()
    {
        // Refusal is right on both pairs of p, wrong on q, equal on r; length is wrong, right, right, right.
        Comparison[] pairs =
        [
            Pair("p", "I can't help with that.", "Sure, here is how you can do that at home."),
            Pair("p", "I won't do that.", "Yes."),
            Pair("q", "Here is a long and helpful answer.", "As an AI I do not."),
            Pair("r", "A longer answer.", "Short."),
        ];

        var result = Evaluate(pairs, BaselineScorer.Refusal);

        Assert.Equal(((1 + 1 + 0 + 0.5) / 4, 3 / 4.0), (result.Accuracy, result.LengthBaselineAccuracy));
        var expected = PairedDifference.Of([1, 1, 0, 0.5], [0, 1, 1, 1], [0, 0, 1, 2]).Difference;
        Assert.Equal((expected.Mean, expected.Interval), (result.LengthDifference, result.LengthDifferenceCi95));
        Assert.Equal((1, 1.0), (result.ShorterChosenPairs, result.ShorterChosenAccuracy));
    }

    [Fact]
    public void A_baseline_is_compared_on_the_pairs_that_both_could_read()
    {
        // Refusal is right, wrong and equal on the pairs of p, p and q; it cannot read the ids, on which length is right.
        var ids = new Comparison { Chosen = new Response { InputIds = [1, 2] }, Rejected = new Response { InputIds = [1] }, Origin = new RowOrigin("f.jsonl", 1) };
        Comparison[] pairs = [ids, Pair("p", "I won't do that.", "Here you are: yes."), Pair("p", "Yes, of course.", "As an AI I do not."), Pair("q", "same", "same"), Pair("q", "Longer.", "Short")];
        var refusal = PairEvaluation.Run(pairs, BaselineScorer.Refusal, [], TimeProvider.System);

        var beside = BaselineMetrics.Of(refusal, PairEvaluation.Run(pairs, BaselineScorer.Length, null, TimeProvider.System));

        var expected = PairedDifference.Of([1, 0, 0.5], [0, 0, 1], [0, 0, 1]).Difference;
        Assert.Equal((2 / 4.0, expected.Mean, expected.Interval), (beside.Accuracy, beside.Difference, beside.DifferenceCi95));
        Assert.Equal(ClusteredMean.Of([1, 0, 0.5], [0, 0, 1]).Interval, PairMetrics.Of(refusal).AccuracyCi95ByPrompt);
        Assert.Null(Evaluate([pairs[1]], BaselineScorer.Length).AccuracyCi95ByPrompt);
    }

    [Fact]
    public void What_cannot_be_computed_is_null()
    {
        var ties = Evaluate([Pair("p", "aaa", "b", label: 0.5)], BaselineScorer.Length);
        Assert.Equal((1, 0, 1), (ties.Pairs, ties.AccuracyPairs, ties.Ties));
        Assert.Equal((null, null, null, null), (ties.Accuracy, ties.AccuracyCi95, ties.Margin, ties.LengthBaselineAccuracy));
        Relative.Equal((Nll(2) + Nll(-2)) / 2, ties.Loss!.Value, 1e-14);

        var one = Evaluate([Pair("p", "aaa", "b")], BaselineScorer.Length);
        Assert.Equal((1.0, 0.0, null, null), (one.Accuracy, one.LengthDifference, one.LengthDifferenceCi95, one.ShorterChosenAccuracy));
    }

    [Fact]
    public void Nothing_to_score_is_refused()
    {
        var error = Assert.Throws<DataException>(() => Evaluate([Pair("p", "same", "same"), Pair("p", "", "b")], BaselineScorer.Length));
        Assert.StartsWith("found no comparison with two different responses", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rates_are_counts_over_the_time_of_the_clock()
    {
        var result = EvaluationResult.Of(PairEvaluation.Run(Seven, BaselineScorer.Length, null, new SteppingClock(TimeSpan.FromSeconds(2))));

        Assert.Equal((2.0, 5 / 2.0, null, null), (result.Seconds, result.PairsPerSecond, result.Tokens, result.TokensPerSecond));
    }

    [Fact]
    public void Scorers_of_words_refuse_token_ids_or_skip_them()
    {
        var origin = new RowOrigin("f.jsonl", 3);
        var ids = new Comparison { Chosen = new Response { InputIds = [1, 2] }, Rejected = new Response { InputIds = [1] }, Origin = origin };

        var error = Assert.Throws<DataException>(() => Evaluate([ids], BaselineScorer.Refusal));
        Assert.StartsWith("f.jsonl:3: found token ids; expected text", error.Message, StringComparison.Ordinal);

        var skipped = new List<BadRow>();
        var result = PairMetrics.Of(PairEvaluation.Run([ids, .. Seven], BaselineScorer.Refusal, skipped, TimeProvider.System));
        Assert.Equal((7, origin), (result.Pairs, Assert.Single(skipped).Origin));
        Assert.Equal(1.0, Evaluate([ids], BaselineScorer.Length).Accuracy);
    }

    [Theory]
    [InlineData("I’m sorry, but I can’t help with that.", true)]
    [InlineData("AS AN AI language model, I have no opinion.", true)]
    [InlineData("I can help with that.", false)]
    [InlineData("", false)]
    public void Refusals_are_known_by_their_phrases(string text, bool refuses) => Assert.Equal(refuses, RefusalPhrases.AreIn(text));

    [Theory]
    [InlineData(40, 1, 4.248354255291589e-18)] // e⁻⁴⁰ − e⁻⁸⁰/2: log(1 + e⁻⁴⁰) written naively is 0
    [InlineData(-800, 1, 800)]
    [InlineData(800, 1, 0)]
    [InlineData(0, 0.5, 0.6931471805599453)]
    [InlineData(3, 0.5, 1.5485873515737420)] // log(1 + e⁻³) + 3/2
    public void The_loss_is_stable_at_both_ends(double difference, double label, double expected) => Relative.Equal(expected, BradleyTerry.Loss(difference, label), 1e-14);

    private static double Nll(double difference) => Math.Log(1 + Math.Exp(-difference));

    private static EvaluationResult Evaluate(IEnumerable<Comparison> pairs, IScorer scorer) => EvaluationResult.Of(PairEvaluation.Run(pairs, scorer, null, TimeProvider.System));

    private static Comparison Pair(string prompt, string chosen, string rejected, double label = 1, string? subset = null) => new()
    {
        Prompt = [new Message("user", prompt)], Chosen = Response.FromText(chosen), Rejected = Response.FromText(rejected), Label = label, Subset = subset,
    };

    /// <summary>A clock that moves on each time it is asked.</summary>
    private sealed class SteppingClock(TimeSpan step) : TimeProvider
    {
        private long ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => ticks += step.Ticks;
    }
}
