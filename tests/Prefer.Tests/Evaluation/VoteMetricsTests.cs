using Prefer.Data;
using Prefer.Evaluation;
using Prefer.Tests.Statistics;
using Xunit;

namespace Prefer.Tests.Evaluation;

/// <summary>What votes say about each other, with and without a model beside them; the figures of small cases are worked out by hand.</summary>
public sealed class VoteMetricsTests
{
    /// <summary>A comparison from its votes: <c>c</c>hosen, <c>r</c>ejected, <c>t</c>ie, <c>-</c> missing; by position, or by annotators of one letter.</summary>
    private static Comparison Pair(string prompt, string votes, string? annotators = null, string? systems = null) => new()
    {
        Prompt = [new Message("user", prompt)],
        Chosen = Response.FromText("A"),
        Rejected = Response.FromText("B"),
        Votes = [.. votes.Select((vote, index) => new Vote(annotators?[index].ToString(), vote switch { 'c' => Choice.Chosen, 'r' => Choice.Rejected, 't' => Choice.Tie, _ => null }))],
        Systems = systems is null ? null : new SystemPair(systems[..1], systems[1..]),
    };

    private static ScoredPair Scored(Comparison pair, double difference, int prompt) => new()
    {
        Index = 0,
        Prompt = prompt,
        ChosenReward = difference,
        RejectedReward = 0,
        Difference = difference,
        Votes = pair.Votes,
        Systems = pair.Systems,
    };

    [Fact]
    public void Votes_are_counted()
    {
        var metrics = VoteMetrics.Of([Pair("p", "cct"), Pair("q", "c-r"), Pair("q", "r"), Pair("s", "--"), Pair("t", "")]);

        Assert.Equal((5, 3, 6, 1, 3), (metrics.Comparisons, metrics.Voted, metrics.Votes, metrics.TieVotes, metrics.MissingVotes));
        Assert.Equal((2, 5), (metrics.Agreement.Items, metrics.Agreement.Votes));
        Relative.Equal(1 / 6.0, metrics.Agreement.Raw!.Value, 1e-15); // a third of the pairs of "cct", none of "c-r"
        Assert.Null(metrics.CohenKappa);
        Assert.Null(metrics.Systems);

        // "cct": the first two agree with half of the others. "c-r": nobody agrees.
        Assert.Equal([("vote 1", 3, 0.25), ("vote 2", 1, 0.5), ("vote 3", 2, 0)], metrics.Annotators.Select(row => (row.Annotator, row.Votes, row.Agreement!.Value)));
    }

    [Fact]
    public void Kappa_does_not_depend_on_which_response_is_called_chosen()
    {
        Comparison[] pairs = [Pair("p", "cc"), Pair("q", "cr"), Pair("r", "cc"), Pair("s", "tc"), Pair("t", "cc")];
        Comparison[] turned = [.. pairs.Select((pair, index) => index % 2 == 0 ? pair : pair with { Votes = [.. pair.Votes.Select(vote => vote.Turned())] })];
        var (first, second) = (VoteMetrics.Of(pairs), VoteMetrics.Of(turned));

        // Shares with both orders half: a tie 1 of 10, either response 4.5 of 10. 3 of 5 agree.
        const double chance = 2 * 0.45 * 0.45 + 0.1 * 0.1;
        Relative.Equal((0.6 - chance) / (1 - chance), first.Agreement.FleissKappa!.Value, 1e-14);
        Relative.Equal(first.Agreement.FleissKappa!.Value, second.Agreement.FleissKappa!.Value, 1e-14);
        Relative.Equal(first.CohenKappa!.Kappa!.Value, second.CohenKappa!.Kappa!.Value, 1e-14);
    }

    [Fact]
    public void Without_votes_there_is_nothing_to_measure()
    {
        Assert.Contains("found no votes on 1 comparisons", Assert.Throws<DataException>(() => VoteMetrics.Of([Pair("p", "-")])).Message, StringComparison.Ordinal);
        Assert.Null(AgreementMetrics.Of([Scored(Pair("p", "-"), 1, 0), Scored(Pair("p", ""), 1, 0)]));
    }

    [Fact]
    public void Systems_are_ordered_by_strength_and_annotators_by_what_they_are_worth()
    {
        // x beats y twice of three, y beats z twice of three; annotator m is always against the others.
        Comparison[] pairs =
        [
            .. Enumerable.Range(0, 30).SelectMany(prompt => (Comparison[])
            [
                Pair($"{prompt}", prompt % 3 < 2 ? "ccr" : "rrc", "klm", "xy"),
                Pair($"{prompt}", prompt % 3 > 0 ? "ccr" : "rrc", "klm", "yz"),
                Pair($"{prompt}", "ccr", "klm", "xz"),
            ]),
        ];
        var metrics = VoteMetrics.Of(pairs);
        var systems = metrics.Systems!;

        Assert.Equal(["x", "y", "z"], systems.Table.Select(row => row.System));
        Assert.Equal([["x", "y", "z"]], systems.Groups);
        Assert.Equal((270, 0.0), (systems.Votes, systems.Penalty));
        Relative.Equal((2 * 20 + 10 + 2 * 30) / 180.0, systems.Table[0].WinRate, 1e-15); // of 90 votes each on xy and xz: 2 · 20 + 10 and 2 · 30
        Assert.All(systems.Table, row => Relative.Equal(1000 + 400 * row.Strength!.Value / Math.Log(10), row.Rating!.Value, 1e-14));
        Assert.True(systems.Table[0].StrengthCi95!.Value.Contains(systems.Table[0].Strength!.Value));

        Assert.Equal(["k", "l", "m"], metrics.Annotators.Select(row => row.Annotator));
        Assert.Equal([0.5, 0.5, 0], metrics.Annotators.Select(row => row.Agreement!.Value));
        Assert.True(metrics.Annotators[0].Reliability > 0.9 && metrics.Annotators[2].Reliability < 0.1, string.Join(' ', metrics.Annotators));
        Assert.True(systems.Table[0].CrowdStrength > systems.Table[0].Strength, "what is against the others counts for them once it is known to be");
    }

    [Fact]
    public void Systems_that_cannot_be_set_against_each_other_are_named()
    {
        Comparison[] pairs = [Pair("p", "cc", null, "xy"), Pair("q", "cr", null, "yz"), Pair("r", "c", null, "xx")];
        var without = VoteMetrics.Of(pairs).Systems!;
        Assert.Equal([["x"], ["y", "z"]], without.Groups);
        Assert.Equal([("x", 1.0, null), ("z", 0.5, null), ("y", 0.25, (double?)null)], without.Table.Select(row => (row.System, row.WinRate, row.Strength)));
        Assert.Equal(4, without.Votes);

        var with = VoteMetrics.Of(pairs, penalty: 0.1).Systems!;
        Assert.Equal("x", with.Table[0].System);
        Assert.All(with.Table, row => Assert.NotNull(row.Strength));
        Assert.Null(VoteMetrics.Of([Pair("r", "c", null, "xx")]).Systems);
    }

    [Fact]
    public void The_model_is_held_against_the_votes_of_others()
    {
        // Verdicts: chosen, rejected, a tie, chosen.
        ScoredPair[] pairs = [Scored(Pair("p", "ccr"), 1, 0), Scored(Pair("q", "crt"), -2, 1), Scored(Pair("q", "tt"), 0, 1), Scored(Pair("s", "r"), 3, 2), Scored(Pair("t", "-"), 3, 3)];
        var metrics = AgreementMetrics.Of(pairs)!;

        Assert.Equal((4, 9), (metrics.Items, metrics.Votes));
        Relative.Equal((2 / 3.0 + 1 / 3.0 + 1 + 0) / 4, metrics.ModelAgreement, 1e-15);
        Assert.Equal(3, metrics.All.Items);
        Relative.Equal((2 / 3.0 + 1 / 3.0 + 1) / 3, metrics.All.Model!.Value, 1e-15);
        Relative.Equal((1 / 3.0 + 0 + 1) / 3, metrics.All.Annotators!.Value, 1e-15);
        Relative.Equal(2 / 9.0, metrics.All.Difference!.Value, 1e-14);
        Assert.True(metrics.All.DifferenceCi95!.Value.Contains(2 / 9.0));
        Relative.Equal(metrics.Annotators.Raw!.Value, metrics.All.Annotators!.Value, 1e-15);

        // Decided: "ccr" and "cr".
        Assert.Equal(2, metrics.Decided.Items);
        Relative.Equal((2 / 3.0 + 1 / 2.0) / 2, metrics.Decided.Model!.Value, 1e-15);
        Relative.Equal(1 / 6.0, metrics.Decided.Annotators!.Value, 1e-15);

        // With the model "cccr", "crrt", "ttt": 3 of 6, 1 of 6 and all pairs.
        Assert.Equal((3, 11), (metrics.WithModel.Items, metrics.WithModel.Votes));
        Relative.Equal((3 / 6.0 + 1 / 6.0 + 1) / 3, metrics.WithModel.Raw!.Value, 1e-15);

        var first = metrics.ByAnnotator[0];
        Assert.Equal(("vote 1", 4), (first.Annotator, first.Votes));
        Relative.Equal(2 / 4.0, first.WithModel, 1e-15);
        Relative.Equal((1 / 2.0 + 0 + 1) / 3, first.WithOthers!.Value, 1e-15);
        Relative.Equal((1 / 2.0 + 1 / 2.0 + 1) / 3, first.ModelWithOthers!.Value, 1e-15);
        Assert.Null(metrics.Systems);
    }

    [Fact]
    public void A_model_that_votes_like_everybody_agrees_fully()
    {
        var metrics = AgreementMetrics.Of([Scored(Pair("p", "cc"), 1, 0), Scored(Pair("q", "rr"), -1, 1)])!;
        Assert.Equal((1, 1, 1, 0), (metrics.ModelAgreement, metrics.All.Model, metrics.All.Annotators, metrics.All.Difference));
        Assert.Equal((1, 1), (metrics.WithModel.FleissKappa, metrics.WithModel.AlphaNominal));
        Assert.All(metrics.ByAnnotator, row => Assert.Equal((1, 1), (row.WithModel, row.CohenKappa!.Value)));

        var single = AgreementMetrics.Of([Scored(Pair("p", "c"), 1, 0)])!;
        Assert.Equal((1, null, 0, null), (single.ModelAgreement, single.ModelAgreementCi95, single.All.Items, single.All.Model));
        Assert.Null(single.Annotators.Raw);
        Assert.Equal((null, null), (single.ByAnnotator[0].WithOthers, single.ByAnnotator[0].ModelWithOthers));
    }

    [Fact]
    public void Systems_by_votes_stand_beside_systems_by_verdicts()
    {
        ScoredPair[] Scores(double sign) =>
        [
            .. Enumerable.Range(0, 40).SelectMany(prompt => (ScoredPair[])
            [
                Scored(Pair("", prompt % 4 > 0 ? "cc" : "rr", null, "xy"), sign * (prompt % 5 > 0 ? 1 : -1), prompt),
                Scored(Pair("", prompt % 3 > 0 ? "cc" : "rr", null, "yz"), sign * (prompt % 5 > 0 ? 1 : -1), prompt),
            ]),
        ];
        var same = AgreementMetrics.Of(Scores(1))!.Systems!;
        Assert.Equal(["x", "y", "z"], same.ByVotes.Table.Select(row => row.System));
        Assert.Equal((160, 80), (same.ByVotes.Votes, same.ByVerdicts.Votes));
        Relative.Equal(1, same.StrengthSpearman!.Value, 1e-15);
        Relative.Equal(Math.Log(4), same.ByVerdicts.Table[0].Strength!.Value - same.ByVerdicts.Table[1].Strength!.Value, 1e-11); // four of five
        Relative.Equal(-1, AgreementMetrics.Of(Scores(-1))!.Systems!.StrengthSpearman!.Value, 1e-15);

        // A model that always prefers the chosen one leaves strengths infinite; win rates exist.
        var sure = AgreementMetrics.Of([.. Scores(1).Select(pair => pair with { Difference = 1 })])!.Systems!;
        Assert.Null(sure.StrengthSpearman);
        Relative.Equal(1, sure.WinRateSpearman!.Value, 1e-15);
    }

    // The agreement that the sets' own description states, found again: .92 and .86, .52 and .19 (which is .185 here).
    [Theory]
    [InlineData("pandalm", 999, 0.920, 0.865)]
    [InlineData("vicuna80", 2240, 0.515, 0.185)]
    public void The_public_sets_agree_as_described(string set, int items, double raw, double kappa)
    {
        var path = Repository.Shared("data", set, "comparisons.jsonl.gz");
        var metrics = VoteMetrics.Of(DataSource.Open([path]).Comparisons());

        Assert.Equal((items, raw, kappa), (metrics.Agreement.Items, Math.Round(metrics.Agreement.Raw!.Value, 3), Math.Round(metrics.Agreement.FleissKappa!.Value, 3)));
        Assert.True(metrics.Agreement.AlphaNominalCi95!.Value.Contains(metrics.Agreement.AlphaNominal!.Value));
    }

    private static List<Comparison> Vicuna80() =>
        [.. DataSource.Open([Repository.Shared("data", "vicuna80", "comparisons.jsonl.gz")], columns: ColumnMap.Parse("model_a=ma,model_b=mb")).Comparisons()];

    [Fact]
    public void The_systems_of_vicuna80_are_rated_as_another_program_rates_them()
    {
        var systems = VoteMetrics.Of(Vicuna80()).Systems!;

        Assert.Equal((9, 7040), (systems.Table.Count, systems.Votes));
        Assert.Equal(
            [("gpt4", 1133.53), ("claude", 1129.27), ("guanaco-65b", 994.37), ("guanaco-33b", 991.75), ("guanaco-7b", 986.15), ("vicuna-13b", 971.76), ("guanaco-13b", 964.47), ("gpt35", 919.32), ("bard", 909.39)],
            systems.Table.Select(row => (row.System, Math.Round(row.Rating!.Value, 2))));
        Assert.Single(systems.Groups);
        Assert.All(systems.Table, row => Assert.True(row.RatingCi95!.Value.Contains(row.Rating!.Value), row.System));
        Assert.Null(systems.Table[0].CrowdStrength);
    }

    [Fact]
    public void Longer_wins_agrees_with_the_annotators_of_vicuna80_more_than_they_with_each_other()
    {
        var metrics = AgreementMetrics.Of([.. Vicuna80().Select((pair, index) => Scored(pair, pair.Chosen.Length - pair.Rejected.Length, index))])!;

        // Counted with another program.
        Assert.Equal((2560, 7040, 0.64935), (metrics.Items, metrics.Votes, Math.Round(metrics.ModelAgreement, 5)));
        Assert.Equal((2240, 0.64167, 0.51548), (metrics.All.Items, Math.Round(metrics.All.Model!.Value, 5), Math.Round(metrics.All.Annotators!.Value, 5)));
        Assert.Equal((2141, 0.72147, 0.62634), (metrics.Decided.Items, Math.Round(metrics.Decided.Model!.Value, 5), Math.Round(metrics.Decided.Annotators!.Value, 5)));
        Assert.Equal((1296.97, 821.02), (Math.Round(metrics.Systems!.ByVerdicts.Table[0].Rating!.Value, 2), Math.Round(metrics.Systems.ByVerdicts.Table[^1].Rating!.Value, 2)));
        Relative.Equal(14 / 15.0, metrics.Systems.StrengthSpearman!.Value, 1e-14);
        Assert.True(metrics.WithModel.AlphaNominal > metrics.Annotators.AlphaNominal, "length is what the annotators have in common");
    }
}
