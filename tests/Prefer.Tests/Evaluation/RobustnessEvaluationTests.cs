using Prefer.Data;
using Prefer.Evaluation;
using Prefer.Evaluation.Robustness;
using Prefer.Models;
using Prefer.Statistics;
using Prefer.Tests.Statistics;
using Xunit;

namespace Prefer.Tests.Evaluation;

/// <summary>Rates of scorers whose rewards under a change can be told by hand.</summary>
public sealed class RobustnessEvaluationTests
{
    // Characters of the last turns: 28–28, 29–28, 11–41.
    private static readonly Comparison[] Three =
    [
        Pair("p", "Sure thing. It works. Go on.", "No it does not work at all!!"),
        Pair("p", "Hello there. It's here. Go on", "no it does not work at all!!"),
        Pair("q", "I won't say", "something that is much longer than that.."),
    ];

    [Fact]
    public void A_scorer_of_length_flips_where_one_character_decides()
    {
        var metrics = RobustnessEvaluation.Run(Three, BaselineScorer.Length, seed: 1);

        // One more on the chosen side: equal → longer (flip), longer stays, shorter stays. On the rejected side: equal → shorter (flip), longer by one → equal (flip), shorter stays.
        var space = metrics.MustNotMatter["trailing_space"];
        Assert.Equal((3, 6, 3, 0.5), (space.Pairs, space.Responses, space.Flips, space.FlipRate));
        Assert.Equal(Proportion.Wilson(3, 6), space.FlipRateCi95);
        Assert.Equal(ClusteredMean.Of([1, 1, 0, 1, 0, 0], [0, 0, 0, 0, 1, 1]).Interval, space.FlipRateCi95ByPrompt);

        // Lengths 28, 28, 29, 28, 11, 41: every change is one character over their deviation.
        var deviation = Deviation(28, 28, 29, 28, 11, 41);
        Relative.Equal(deviation, metrics.RewardDeviation!.Value, 1e-14);
        Assert.All((double[])[space.Change!.Mean, space.Change.MeanAbsolute, space.Change.P05, space.Change.Median, space.Change.P95], change => Relative.Equal(1 / deviation, change, 1e-14));

        Assert.Equal((0, 0.0), (metrics.MustNotMatter["first_letter"].Flips, metrics.MustNotMatter["first_letter"].FlipRate));
        Assert.Equal((6, 0.0), (metrics.MustNotMatter["first_letter"].Responses, metrics.MustNotMatter["first_letter"].Change!.MeanAbsolute));
        var none = metrics.MustNotMatter["list_marks"];
        Assert.Equal((0, 0, null, null, null, null), (none.Pairs, none.Responses, none.FlipRate, none.FlipRateCi95, none.FlipRateCi95ByPrompt, none.Change));
    }

    [Fact]
    public void A_scorer_of_length_falls_for_what_is_shorter()
    {
        var metrics = RobustnessEvaluation.Run(Three, BaselineScorer.Length, seed: 1);

        Assert.Equal(0, metrics.MustMatter["truncated"].Pairs); // all below eight words
        var shuffled = metrics.MustMatter["shuffled_sentences"];
        Assert.Equal((2, 0, 0.0, 0.0), (shuffled.Pairs, shuffled.Falls, shuffled.FallRate, shuffled.Change!.Mean));
        Assert.Null(shuffled.FallRateCi95ByPrompt); // both of one prompt

        // Each chosen text is one paragraph: it, a blank line, and it again.
        var repeated = metrics.MustMatter["repeated_paragraph"];
        Assert.Equal((3, 0), (repeated.Pairs, repeated.Falls));
        Relative.Equal((30 + 31 + 13) / 3.0 / metrics.RewardDeviation!.Value, repeated.Change!.Mean, 1e-14);

        // The two of p get the 11 characters of q; q gets 28 or 29.
        var other = metrics.MustMatter["other_answer"];
        Assert.Equal((3, 2, 2 / 3.0), (other.Pairs, other.Falls, other.FallRate));
        Assert.Equal(Proportion.Wilson(2, 3), other.FallRateCi95);
    }

    [Fact]
    public void A_scorer_of_refusals_never_falls_for_one()
    {
        Comparison[] pairs = [.. Three, Pair("r", "I can't help with that.", "Sure. I can do that for you.")];
        var metrics = RobustnessEvaluation.Run(pairs, BaselineScorer.Refusal, seed: 3);

        // The last one refuses already.
        Assert.Equal((3, 0), (metrics.MustMatter["refusal"].Pairs, metrics.MustMatter["refusal"].Falls));
        Assert.All(metrics.MustNotMatter.Values, change => Assert.Equal(0, change.Flips));
        Assert.Equal(8 + metrics.MustNotMatter.Values.Sum(change => change.Responses) + metrics.MustMatter.Values.Sum(change => change.Pairs), metrics.Scored);
    }

    [Fact]
    public void The_seed_decides_and_the_order_does_not()
    {
        var pairs = Enumerable.Range(0, 30).Select(index => Pair($"p{index % 12}", $"Sure. One {index}. Two two. Three three {new string('x', index)}.", $"Other {index}, and so on.")).ToArray();
        string Of(IEnumerable<Comparison> rows, int seed) => System.Text.Json.JsonSerializer.Serialize(RobustnessEvaluation.Run([.. rows], BaselineScorer.Of(BagOfWords.Fit(pairs)), seed));

        Assert.Equal(Of(pairs, 7), Of(pairs.Reverse(), 7));
        Assert.NotEqual(Of(pairs, 7), Of(pairs, 8));
    }

    [Fact]
    public void Equal_rewards_have_no_deviation_and_one_prompt_no_other_answer()
    {
        var metrics = RobustnessEvaluation.Run([Pair("p", "Yes it is.", "No it isn.")], BaselineScorer.Refusal, seed: 1);

        Assert.Equal((1, 0.0, 0), (metrics.Pairs, metrics.RewardDeviation, metrics.MustMatter["other_answer"].Pairs));
        Assert.Null(metrics.MustNotMatter["trailing_space"].Change);
        Assert.Null(RobustnessEvaluation.Run([], BaselineScorer.Length, seed: 1).RewardDeviation);
    }

    [Fact]
    public void A_model_whose_tokenizer_drops_spaces_does_not_see_one_more()
    {
        using var folder = new TemporaryFolder();
        TextModel.WriteTo(folder.Path);
        using var model = RewardModel.Load(folder.Path);
        Comparison[] pairs = [Pair("want", "low lower. want low. low!", "lower lower"), Pair("low", "want", "low want low want low want low want")];

        var metrics = RobustnessEvaluation.Run(pairs, new ModelScorer(model), seed: 1);

        var space = metrics.MustNotMatter["trailing_space"];
        Assert.Equal((4, 0, new RewardChange(0, 0, 0, 0, 0)), (space.Responses, space.Flips, space.Change));
        Assert.True(metrics.RewardDeviation > 0 && metrics.MustMatter["repeated_paragraph"].Change!.MeanAbsolute > 0);
    }

    [Fact]
    public void A_sample_takes_one_of_each_prompt_first_whatever_the_order()
    {
        Comparison[] pairs = [.. from prompt in Enumerable.Range(0, 5) from answer in Enumerable.Range(0, 4) select Pair($"p{prompt}", $"a{answer}", $"b{answer}")];

        Assert.Equal(3, Drawn(pairs, 3).Select(Prompt).Distinct().Count());
        Assert.Equal(5, Drawn(pairs, 7).Take(5).Select(Prompt).Distinct().Count());
        Assert.Equal(7, Drawn(pairs, 7).Distinct().Count());
        Assert.Equal(20, Drawn(pairs, 100).Count);
        foreach (var count in (int[])[1, 3, 7, 20])
        {
            Assert.Equal(Drawn(pairs, count).Select(Text), Drawn([.. pairs.Reverse()], count).Select(Text));
        }

        Assert.NotEqual(Drawn(pairs, 10).Select(Text), Drawn(pairs, 10, seed: 2).Select(Text));
        // A larger sample holds a smaller one.
        Assert.Empty(Drawn(pairs, 6).Select(Text).Except(Drawn(pairs, 9).Select(Text)));
    }

    [Fact]
    public void What_cannot_be_changed_is_not_drawn()
    {
        Comparison[] pairs =
        [
            Pair("p", "same", "same"), Pair("p", " ", "b"), Pair("p", "a", "b") with { Label = 0.5 },
            new() { Chosen = new Response { InputIds = [1] }, Rejected = new Response { InputIds = [2] } },
            new() { Chosen = new Response { Turns = [new Message("text", "a")] }, Rejected = new Response { Turns = [new Message("text", "b")] } },
        ];

        Assert.Empty(Drawn(pairs, 10));
        Assert.Equal(0, RobustnessEvaluation.Run(pairs, BaselineScorer.Length, 1).Pairs);
    }

    private static IReadOnlyList<Comparison> Drawn(Comparison[] pairs, int count, int seed = 1)
    {
        var sample = new ComparisonSample(count, seed);
        Array.ForEach(pairs, sample.Add);
        return sample.Drawn();
    }

    private static string Prompt(Comparison pair) => pair.Prompt[0].Content;

    private static string Text(Comparison pair) => $"{Prompt(pair)} {pair.Chosen.Text}";

    private static double Deviation(params double[] values) => Math.Sqrt(values.Sum(value => (value - values.Average()) * (value - values.Average())) / (values.Length - 1));

    private static Comparison Pair(string prompt, string chosen, string rejected) => new()
    {
        Prompt = [new Message("user", prompt)], Chosen = Response.FromText(chosen), Rejected = Response.FromText(rejected),
    };
}
