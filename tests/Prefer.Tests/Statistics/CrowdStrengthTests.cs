using Prefer.Statistics;
using Xunit;

namespace Prefer.Tests.Statistics;

public sealed class CrowdStrengthTests
{
    private static readonly double[] Strengths = [2.5, 1.5, 0.5, -0.5, -1.5, -2.5], Reliabilities = [1, 0.95, 0.9, 0.8, 0.65, 0.5, 0.1];

    /// <summary>Votes of the planted model.</summary>
    private static AnnotatedVote[] Planted(int votesEach, int seed)
    {
        var random = new Random(seed);
        return
        [
            .. from annotator in Enumerable.Range(0, Reliabilities.Length)
               from _ in Enumerable.Range(0, votesEach)
               let first = random.Next(Strengths.Length)
               let second = (first + 1 + random.Next(Strengths.Length - 1)) % Strengths.Length
               let meant = random.NextDouble() < Logistic.Sigmoid(Strengths[first] - Strengths[second])
               let said = random.NextDouble() < Reliabilities[annotator] ? meant : !meant
               select new AnnotatedVote(annotator, new SystemVote(first, second, said ? 1 : 0, 0)),
        ];
    }

    [Fact]
    public void Planted_reliabilities_come_back()
    {
        var votes = Planted(3000, 1);
        var crowd = CrowdStrengths.Of(6, 7, votes, 0.01);
        var plain = SystemStrengths.Fit(WinTable.Of(6, votes.Select(vote => vote.Vote)));

        // A share of 3000 votes has a standard error of 1 %; that η and the scale of θ make up for each other a little doubles it.
        Assert.All(Reliabilities.Zip(crowd.Reliabilities), pair => Assert.Equal(pair.First, pair.Second!.Value, 0.05));
        Assert.All(Strengths.Zip(crowd.Strengths), pair => Assert.Equal(pair.First, pair.Second, 0.25));
        Assert.True(plain[0] < 1.5, $"as if all were reliable: {plain[0]}");
    }

    [Fact]
    public void The_fit_is_a_stationary_point_of_the_likelihood()
    {
        const double penalty = 0.05, step = 1e-5;
        var votes = Planted(200, 2);
        votes = [.. votes.Select(vote => vote.Annotator == 0 ? vote with { Vote = vote.Vote with { Preference = vote.Vote.First < vote.Vote.Second ? 1 : 0 } } : vote)];
        votes[^1] = votes[^1] with { Vote = votes[^1].Vote with { Preference = 0.5 } };
        var crowd = CrowdStrengths.Of(6, 7, votes, penalty);
        double[] strengths = [.. crowd.Strengths], reliabilities = [.. crowd.Reliabilities.Select(reliability => reliability!.Value)];

        double Objective(double[] theta, double[] eta)
        {
            var sum = 0.0;
            foreach (var (annotator, vote) in votes)
            {
                var first = Logistic.Sigmoid(theta[vote.First] - theta[vote.Second]);
                var forFirst = eta[annotator] * first + (1 - eta[annotator]) * (1 - first);
                sum += vote.Preference * Math.Log(forFirst) + (1 - vote.Preference) * Math.Log(1 - forFirst);
            }

            return sum - penalty / 2 * theta.Sum(strength => strength * strength);
        }

        Relative.Equal(Objective(strengths, reliabilities), crowd.Objective, 1e-12);
        for (var system = 0; system < 6; system++)
        {
            // Central differences of a sum of size 800: its rounding over the step is 1e-8, the third derivative's part 1e-8.
            var slope = (Objective(Moved(strengths, system, step), reliabilities) - Objective(Moved(strengths, system, -step), reliabilities)) / (2 * step);
            Assert.Equal(0, slope, 1e-5);
        }

        Assert.Equal(1, reliabilities[0]); // always for the stronger one: the slope leads out of [0, 1]
        for (var annotator = 0; annotator < 7; annotator++)
        {
            var isEnd = reliabilities[annotator] == 1;
            var slope = (Objective(strengths, Moved(reliabilities, annotator, isEnd ? 0 : step)) - Objective(strengths, Moved(reliabilities, annotator, -step))) / (isEnd ? step : 2 * step);
            Assert.True(isEnd ? slope > -1e-5 : Math.Abs(slope) < 1e-4, $"annotator {annotator}: {slope}");
        }
    }

    [Fact]
    public void Without_a_difference_any_reliability_fits()
    {
        AnnotatedVote[] ties = [new(0, new(0, 1, 0.5, 0)), new(2, new(1, 0, 0.5, 0))];
        var crowd = CrowdStrengths.Of(2, 3, ties, 0.1);
        Assert.Equal([null, null, null], crowd.Reliabilities);
        Assert.Equal([0, 0], crowd.Strengths);
        Relative.Equal(2 * Math.Log(0.5), crowd.Objective, 1e-14);
    }

    [Fact]
    public void Annotators_of_one_mind_are_reliable_and_one_without_votes_is_unknown()
    {
        var votes = Enumerable.Range(0, 12).Select(index => new AnnotatedVote(index % 2, new SystemVote(0, 1, 1, 0)));
        var crowd = CrowdStrengths.Of(2, 3, [.. votes], 0.1);
        Assert.Equal([1, 1, null], crowd.Reliabilities);
        Relative.Equal(SystemStrengths.Fit(WinTable.Of(2, votes.Select(vote => vote.Vote)), 0.1)[0], crowd.Strengths[0], 1e-9);
    }

    [Fact]
    public void Wrong_input_is_refused()
    {
        AnnotatedVote[] votes = [new(0, new(0, 1, 1, 0))];
        Assert.Throws<ArgumentOutOfRangeException>(() => CrowdStrengths.Of(2, 1, votes, 0));
        Assert.Throws<ArgumentException>(() => CrowdStrengths.Of(2, 0, votes, 0.1));
        Assert.Throws<ArgumentException>(() => CrowdStrengths.Of(2, 1, [new(0, new(0, 1, double.NaN, 0))], 0.1));
    }

    private static double[] Moved(double[] values, int at, double by) => [.. values.Select((value, index) => index == at ? value + by : value)];
}
