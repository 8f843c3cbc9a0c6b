using Prefer.Statistics;
using Xunit;

namespace Prefer.Tests.Statistics;

public sealed class StrengthTests
{
    // A. Agresti, "Categorical Data Analysis" (2nd edition, 2002), section 10.6: games of the American League East of 1987, wins of the row's team.
    // Milwaukee, Detroit, Toronto, New York, Boston, Cleveland, Baltimore.
    private static readonly int[][] Games =
    [
        [0, 7, 9, 7, 7, 9, 11], [6, 0, 7, 5, 11, 9, 9], [4, 6, 0, 7, 7, 8, 12], [6, 8, 6, 0, 6, 7, 10], [6, 2, 6, 7, 0, 7, 12], [4, 4, 5, 6, 6, 0, 6], [2, 4, 1, 3, 1, 7, 0],
    ];

    private static IEnumerable<SystemVote> Votes(int[][] wins)
    {
        var game = 0;
        return from winner in Enumerable.Range(0, wins.Length)
               from loser in Enumerable.Range(0, wins.Length)
               from _ in Enumerable.Range(0, wins[winner][loser])
               select new SystemVote(winner, loser, 1, game++);
    }

    /// <summary>Votes of a planted model, some of them ties, three a cluster.</summary>
    private static List<SystemVote> Planted(double[] strengths, int count, int seed)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable.Range(0, count).Select(index =>
            {
                var first = random.Next(strengths.Length);
                var second = (first + 1 + random.Next(strengths.Length - 1)) % strengths.Length;
                return new SystemVote(first, second, random.Next(8) == 0 ? 0.5 : random.NextDouble() < Logistic.Sigmoid(strengths[first] - strengths[second]) ? 1 : 0, index / 3);
            }),
        ];
    }

    [Fact]
    public void Strengths_of_the_published_table()
    {
        var strengths = SystemStrengths.Fit(WinTable.Of(7, Votes(Games)));

        Assert.Equal([1.58, 1.44, 1.29, 1.25, 1.11, 0.68, 0], strengths.Select(strength => Math.Round(strength - strengths[6], 2)));
        Assert.Equal(0, strengths.Sum(), 1e-14);
    }

    [Theory]
    [InlineData(30, 10, 0)]
    [InlineData(3, 4, 5)]
    [InlineData(0, 0, 3)]
    [InlineData(100000, 1, 0)]
    public void Two_systems_have_a_closed_form(int won, int lost, int tied)
    {
        SystemVote[] votes =
        [
            .. Enumerable.Repeat(new SystemVote(0, 1, 1, 0), won), .. Enumerable.Repeat(new SystemVote(1, 0, 1, 0), lost), .. Enumerable.Repeat(new SystemVote(1, 0, 0.5, 0), tied),
        ];
        var strengths = SystemStrengths.Fit(WinTable.Of(2, votes));

        Relative.Equal(Math.Log((won + tied / 2.0) / (lost + tied / 2.0)), strengths[0] - strengths[1], 1e-11);
    }

    [Fact]
    public void Strengths_are_where_Zermelo_s_iteration_ends()
    {
        // The slow method: πᵢ ← (wins of i) / Σⱼ nᵢⱼ / (πᵢ + πⱼ). E. Zermelo, Mathematische Zeitschrift 29 (1929).
        for (var seed = 0; seed < 10; seed++)
        {
            var wins = WinTable.Of(5, Planted([1.5, 0.5, 0, -0.7, -1.3], 400, seed));
            var worths = Enumerable.Repeat(1.0, 5).ToArray();
            for (var round = 0; round < 5000; round++)
            {
                worths = [.. Enumerable.Range(0, 5).Select(i =>
                    Enumerable.Range(0, 5).Sum(j => wins[i, j]) / Enumerable.Range(0, 5).Sum(j => j == i ? 0 : (wins[i, j] + wins[j, i]) / (worths[i] + worths[j])))];
            }

            var strengths = SystemStrengths.Fit(wins);
            for (var system = 1; system < 5; system++)
            {
                Relative.Equal(worths[system] / worths[0], Math.Exp(strengths[system] - strengths[0]), 1e-11);
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.3)]
    [InlineData(100)]
    public void The_fit_is_a_stationary_point(double penalty)
    {
        var wins = WinTable.Of(6, Planted([2, 1, 0, 0, -1, -2], 300, 1));
        var strengths = SystemStrengths.Fit(wins, penalty);
        double Objective(double[] at) =>
            (from i in Enumerable.Range(0, 6) from j in Enumerable.Range(0, 6) select wins[i, j] * Logistic.LogSigmoid(at[i] - at[j])).Sum() - penalty / 2 * at.Sum(strength => strength * strength);

        for (var system = 0; system < 6; system++)
        {
            // Central differences of a sum of size 200: rounding 200 · 1e-16 / 1e-5, curvature 1e-10.
            Assert.Equal(0, (Objective(Moved(strengths, system, 1e-5)) - Objective(Moved(strengths, system, -1e-5))) / 2e-5, 1e-7);
        }
    }

    [Fact]
    public void A_penalty_makes_what_is_infinite_finite_and_vanishes_with_its_weight()
    {
        SystemVote[] oneSided = [new(0, 1, 1, 0), new(0, 1, 1, 1)];
        var refused = Assert.Throws<ArgumentException>(() => SystemStrengths.Fit(WinTable.Of(2, oneSided)));
        Assert.Contains("0 | 1", refused.Message, StringComparison.Ordinal);

        // 2 σ(−2θ) = λθ for strengths θ and −θ.
        var theta = SystemStrengths.Fit(WinTable.Of(2, oneSided), 0.1)[0];
        Relative.Equal(2 * Logistic.Sigmoid(-2 * theta), 0.1 * theta, 1e-11);

        var wins = WinTable.Of(7, Votes(Games));
        Assert.All(SystemStrengths.Fit(wins).Zip(SystemStrengths.Fit(wins, 1e-9)), pair => Assert.Equal(pair.First, pair.Second, 1e-8));
    }

    [Fact]
    public void Groups_are_told_apart_by_who_wins()
    {
        // 0 and 1 beat each other and both beat 2; 3 and 4 tied and met nobody else; 5 only lost to 2.
        var wins = WinTable.Of(6, [new(0, 1, 1, 0), new(1, 0, 1, 0), new(0, 2, 1, 0), new(2, 1, 0, 0), new(3, 4, 0.5, 0), new(5, 2, 0, 0)]);
        Assert.Equal(["0,1", "2", "3,4", "5"], wins.Groups().Select(group => string.Join(',', group)));
        Assert.Equal([0, 1, 2], Assert.Single(WinTable.Of(3, [new(0, 1, 1, 0), new(1, 2, 1, 0), new(2, 0, 1, 0)]).Groups()));
    }

    [Fact]
    public void Groups_are_those_of_the_definition()
    {
        var random = new Random(2);
        for (var trial = 0; trial < 200; trial++)
        {
            var votes = Enumerable.Range(0, random.Next(1, 12)).Select(_ => random.Next(6)).Select(first => new SystemVote(first, (first + random.Next(1, 6)) % 6, 1, 0)).ToArray();
            var wins = WinTable.Of(6, votes);
            var reach = new bool[6, 6];
            foreach (var vote in votes)
            {
                reach[vote.First, vote.Second] = true;
            }

            for (var via = 0; via < 6; via++)
            {
                for (var pair = 0; pair < 36; pair++)
                {
                    reach[pair / 6, pair % 6] |= reach[pair / 6, via] && reach[via, pair % 6];
                }
            }

            var groups = wins.Groups();
            Assert.Equal(Enumerable.Range(0, 6), groups.SelectMany(group => group).Order());
            Assert.All(groups, group => Assert.All(Enumerable.Range(0, 6).Where(other => other != group[0]), other => Assert.Equal(reach[group[0], other] && reach[other, group[0]], group.Contains(other))));
            Assert.All(groups.Index(), later => Assert.All(groups.Take(later.Index), earlier => Assert.False(reach[later.Item[0], earlier[0]])));
        }
    }

    [Fact]
    public void Ties_alone_say_that_all_are_equal()
    {
        var strengths = SystemStrengths.Of(3, [new(0, 1, 0.5, 0), new(1, 2, 0.5, 1)], replicateCount: 0);
        Assert.Equal([0, 0, 0], strengths.Strengths);
        Assert.Equal([null, null, null], strengths.Intervals);
        Assert.Equal([0.0], SystemStrengths.Fit(WinTable.Of(1, [])));
    }

    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(0, 2, 1)]
    [InlineData(-1, 0, 1)]
    [InlineData(0, 1, 1.5)]
    [InlineData(0, 1, double.NaN)]
    public void Votes_that_cannot_be_are_refused(int first, int second, double preference) =>
        Assert.Throws<ArgumentException>(() => WinTable.Of(2, [new SystemVote(first, second, preference, 0)]));

    [Fact]
    public void Ratings_are_in_points_of_chess()
    {
        Assert.Equal(1000, SystemStrengths.Rating(0));
        Relative.Equal(1400, SystemStrengths.Rating(Math.Log(10)), 1e-15); // odds of ten to one
    }

    [Fact]
    public void The_interval_of_two_systems_is_that_of_a_log_odds()
    {
        SystemVote[] votes = [.. Enumerable.Range(0, 400).Select(index => new SystemVote(0, 1, index % 4 == 0 ? 0 : 1, index))];
        var strengths = SystemStrengths.Of(2, votes);
        var interval = strengths.Intervals[0]!.Value;

        // θ is half the log-odds of p = ¾, whose standard error is 1 / √(n p (1 − p)). The bootstrap's ends vary by some 3 %.
        Relative.Equal(1.96 / Math.Sqrt(400 * 0.75 * 0.25), interval.High - interval.Low, 0.1);
        Assert.True(interval.Contains(strengths.Strengths[0]));

        // The same prompts with each vote thrice are no more certain.
        var thrice = SystemStrengths.Of(2, votes.SelectMany(vote => Enumerable.Repeat(vote, 3)));
        Relative.Equal(interval.Low, thrice.Intervals[0]!.Value.Low, 1e-10);
        Assert.Equal([null, null], SystemStrengths.Of(2, votes.Select(vote => vote with { Cluster = 0 })).Intervals);
    }

    [Fact]
    public void Intervals_cover_the_planted_strengths()
    {
        double[] planted = [0.9, 0.3, -0.2, -1];
        var covered = 0;
        for (var seed = 0; seed < 100; seed++)
        {
            // Ties at random draw all strengths towards 0; without them the model is the planted one.
            var votes = Planted(planted, 300, seed).Where(vote => vote.Preference != 0.5).ToArray();
            covered += SystemStrengths.Of(4, votes, replicateCount: 300).Intervals.Zip(planted).Count(pair => pair.First!.Value.Contains(pair.Second));
        }

        Assert.InRange(covered / 400.0, 0.91, 0.98); // 95 %; the four of a trial hang together, so the standard error is some 1.5 %
    }

    [Fact]
    public void Where_draws_are_often_one_sided_there_is_no_interval()
    {
        // One prompt alone holds the only loss: a third of the draws leave it out.
        SystemVote[] votes = [.. Enumerable.Range(0, 20).Select(index => new SystemVote(0, 1, index == 0 ? 0 : 1, index))];
        Assert.Equal([null, null], SystemStrengths.Of(2, votes).Intervals);
        Assert.All(SystemStrengths.Of(2, votes, penalty: 0.1).Intervals, interval => Assert.NotNull(interval));
    }

    private static double[] Moved(double[] strengths, int system, double by) => [.. strengths.Select((strength, index) => index == system ? strength + by : strength)];
}
