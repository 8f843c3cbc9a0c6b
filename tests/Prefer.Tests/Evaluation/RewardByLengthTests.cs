using Prefer.Evaluation;
using Xunit;

namespace Prefer.Tests.Evaluation;

public sealed class RewardByLengthTests
{
    [Fact]
    public void Bins_hold_as_many_pairs_each_and_equal_differences_stay_together()
    {
        // Twenty differences from −10 to 9: two a bin. The rewards' difference is ten times the lengths'.
        var bins = RewardByLength.Of([.. Enumerable.Range(-10, 20).Select(difference => Pair(difference, 10 * difference, prompt: difference))]);

        Assert.Equal(10, bins.Length);
        Assert.All(bins, bin => Assert.Equal(2, bin.Pairs));
        Assert.Equal((-10, -9, -9.5, -95.0), (bins[0].Low, bins[0].High, bins[0].MeanLengthDifference, bins[0].Margin));
        Assert.Equal((8, 9), (bins[^1].Low, bins[^1].High));
        // Two values v and v + 10: the mean ± t(1) · 5, by Student's table 12.7062.
        Assert.Equal(-95 - 5 * 12.7062, bins[0].MarginCi95ByPrompt!.Value.Low, 1e-3);

        // Of twenty pairs the first fifteen are equal and so in bin 0; before the others 15 to 19 are lower, which are bins 7, 8, 8, 9 and 9.
        var uneven = RewardByLength.Of([.. Enumerable.Repeat(Pair(0, 1, 0), 15), .. Enumerable.Range(3, 5).Select(difference => Pair(difference, 1, 1))]);
        Assert.Equal([(15, 0, 0), (1, 3, 3), (2, 4, 5), (2, 6, 7)], uneven.Select(bin => (bin.Pairs, bin.Low, bin.High)));
    }

    [Fact]
    public void The_mean_over_bins_is_the_margin_of_all_pairs_that_are_no_tie()
    {
        var random = new Random(3);
        ScoredPair[] pairs = [.. Enumerable.Range(0, 137).Select(index => Pair(random.Next(-30, 30), random.NextDouble(), index / 3) with { Label = index % 9 == 0 ? 0.5 : 1 })];

        var bins = RewardByLength.Of(pairs);

        var counted = pairs.Where(pair => !pair.IsTie).ToList();
        Assert.Equal(counted.Count, bins.Sum(bin => bin.Pairs));
        // Sums of a hundred numbers below 1 in another order.
        Assert.Equal(counted.Average(pair => pair.Difference), bins.Sum(bin => bin.Pairs * bin.Margin) / counted.Count, 1e-13);
        Assert.All(bins.Zip(bins.Skip(1)), neighbours => Assert.True(neighbours.First.High < neighbours.Second.Low));
    }

    [Fact]
    public void Extremes()
    {
        Assert.Empty(RewardByLength.Of([]));
        Assert.Empty(RewardByLength.Of([Pair(1, 1, 0) with { Label = 0.5 }]));
        var single = Assert.Single(RewardByLength.Of([Pair(4, 0.5, 0)]));
        Assert.Equal((1, 4, 4, 0.5, null), (single.Pairs, single.Low, single.High, single.Margin, single.MarginCi95ByPrompt));
        Assert.Equal(25, Assert.Single(RewardByLength.Of([.. Enumerable.Range(0, 25).Select(index => Pair(7, index, index))])).Pairs);
    }

    private static ScoredPair Pair(int length, double difference, int prompt) => new()
    {
        Index = 0, Prompt = prompt, ChosenReward = difference, RejectedReward = 0, Difference = difference, Chosen = new ResponseTraits(100 + length, 0, 0, 0), Rejected = new ResponseTraits(100, 0, 0, 0),
    };
}
