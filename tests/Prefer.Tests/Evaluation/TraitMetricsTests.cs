using Prefer.Evaluation;
using Prefer.Statistics;
using Prefer.Tests.Statistics;
using Xunit;

namespace Prefer.Tests.Evaluation;

/// <summary>Figures of length and style of scorers whose leaning was planted.</summary>
public sealed class TraitMetricsTests
{
    [Fact]
    public void Groups_are_counted_by_which_side_is_longer()
    {
        // Chosen longer: right, wrong. Shorter: right. Equal: equal rewards. A tie, which is left out.
        ScoredPair[] pairs = [Pair(0, 1, 30, 10), Pair(0, -1, 30, 10), Pair(1, 2, 10, 30), Pair(2, 0, 20, 20), Pair(3, 5, 90, 1) with { Label = 0.5 }];

        var metrics = TraitMetrics.OfLength(pairs, equal: 0.5);

        Assert.Equal((4, 2.5 / 4), (metrics.MoreWins.Pairs, metrics.MoreWins.Accuracy));
        Assert.Equal((2, 0.5), (metrics.ChosenMore.Pairs, metrics.ChosenMore.Accuracy));
        Assert.Equal((1, 1.0), (metrics.ChosenLess.Pairs, metrics.ChosenLess.Accuracy));
        Assert.Equal((1, 0.5), (metrics.Equal.Pairs, metrics.Equal.Accuracy));
        Assert.Equal(Proportion.Wilson(1, 2), metrics.ChosenMore.AccuracyCi95);
        Assert.Equal(ClusteredMean.Of([1, 1, 0, 0.5], [0, 0, 1, 2]).Interval, metrics.MoreWins.AccuracyCi95ByPrompt);
        Assert.Null(metrics.ChosenMore.AccuracyCi95ByPrompt); // one prompt
    }

    [Fact]
    public void Correlations_are_those_of_responses_less_their_pairs_means()
    {
        var random = new Random(2);
        ScoredPair[] pairs = [.. Enumerable.Range(0, 60).Select(index => Pair(index / 2, random.NextDouble() * 4 - 1, random.Next(1, 100), random.Next(1, 80)))];

        var metrics = TraitMetrics.OfLength(pairs, equal: 0);

        // The definition: two responses a pair, fixed effects of pairs taken out, and the label as a third variable.
        double[] rewards = [.. pairs.SelectMany(pair => Centred(pair.ChosenReward, pair.RejectedReward))], lengths = [.. pairs.SelectMany(pair => Centred(pair.Chosen.Length, pair.Rejected.Length))];
        double[] labels = [.. pairs.SelectMany(_ => new[] { 0.5, -0.5 })];
        static double[] Centred(double chosen, double rejected) => [chosen - (chosen + rejected) / 2, rejected - (chosen + rejected) / 2];
        static double Pearson(double[] x, double[] y) => Correlation.Of(x, y).Pearson()!.Value;
        Relative.Equal(Pearson(rewards, lengths), metrics.Correlation!.Value, 1e-12);
        Relative.Equal(PartialCorrelation.Of(Pearson(rewards, lengths), Pearson(rewards, labels), Pearson(lengths, labels))!.Value, metrics.PartialCorrelation!.Value, 1e-10);
        Assert.True(metrics.CorrelationCi95ByPrompt!.Value.Contains(metrics.Correlation.Value) && metrics.PartialCorrelationCi95ByPrompt!.Value.Contains(metrics.PartialCorrelation.Value));
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.6)]
    [InlineData(0.85)] // where accuracy is 0.85, and so would be what a smooth term leaves over
    public void A_scorer_of_length_is_at_chance_between_equal_lengths(double longerChosen)
    {
        var metrics = TraitMetrics.OfLength(Planted(400, longerChosen, (_, lengthDifference, _) => lengthDifference), equal: 0.5);

        Assert.InRange(metrics.ControlledAccuracy!.Value, 0.47, 0.53);
        Assert.True(metrics.ControlledAccuracyCi95ByPrompt!.Value is { Low: < 0.2, High: > 0.8 }, $"{metrics.ControlledAccuracyCi95ByPrompt}"); // nothing is known of equal lengths
        Assert.True(metrics.Coefficients!.Side.Value > 2, $"{metrics.Coefficients}");
        Assert.Equal(1, metrics.Correlation!.Value, 1e-12);
        Assert.Equal((1, 0), (metrics.ChosenMore.Accuracy, metrics.ChosenLess.Accuracy));
    }

    [Fact]
    public void A_perfect_scorer_stays_perfect_whatever_the_lengths()
    {
        var metrics = TraitMetrics.OfLength(Planted(400, 0.85, (_, _, _) => 1), equal: 0);

        Assert.InRange(metrics.ControlledAccuracy!.Value, 0.98, 1);
        Assert.InRange(metrics.ControlledAccuracyCi95ByPrompt!.Value.Low, 0.9, 1);
        Assert.Null(metrics.PartialCorrelation); // the label says all of the reward
    }

    [Theory]
    [InlineData(1.0, 0.0, 1.0)]
    [InlineData(0.5, 0.0, 2.0)]
    [InlineData(0.0, 2.0, 0.0)]
    [InlineData(0.8, 0.5, -1.0)]
    public void Planted_mixtures_are_recovered(double beta, double side, double amount)
    {
        var random = new Random(77);
        var pairs = Planted(20_000, 0.7, (_, lengthDifference, scale) =>
            random.NextDouble() < Logistic.Sigmoid(beta + side * Math.Sign(lengthDifference) + amount * Math.Tanh(lengthDifference / scale)) ? 1 : -1);

        var metrics = TraitMetrics.OfLength(pairs, equal: 0);

        // 20,000 pairs leave a standard error of some 0.02 to β, 0.005 to σ(β), and 0.1 to the two that go together.
        Assert.Equal(Logistic.Sigmoid(beta), metrics.ControlledAccuracy!.Value, 0.025);
        Assert.Equal((side, amount), (metrics.Coefficients!.Side.Value, metrics.Coefficients.Amount.Value), (left, right) => Math.Abs(left.Item1 - right.Item1) < 0.4 && Math.Abs(left.Item2 - right.Item2) < 0.5);
        Assert.True(metrics.ControlledAccuracyCi95ByPrompt!.Value is var interval && interval.High - interval.Low < 0.06, $"{interval}");
    }

    [Fact]
    public void A_leaning_to_lists_is_found_among_lengths_and_marks()
    {
        // Right with σ(1) between equals, moved by the side with more list items; lengths and headers say nothing.
        var random = new Random(78);
        var pairs = Enumerable.Range(0, 8000).Select(index =>
        {
            var (chosen, rejected) = (Draw(), Draw());
            var isRight = random.NextDouble() < Logistic.Sigmoid(1 + 1.5 * Math.Sign(chosen.ListItems - rejected.ListItems));
            return new ScoredPair { Index = index, Prompt = index / 2, ChosenReward = isRight ? 1 : 0, RejectedReward = isRight ? 0 : 1, Difference = isRight ? 1 : -1, Chosen = chosen, Rejected = rejected };
        }).ToArray();
        ResponseTraits Draw() => new(random.Next(10, 500), random.Next(3), random.Next(4), 0);

        var style = StyleMetrics.Of(pairs, equal: 0);

        Assert.Equal(Logistic.Sigmoid(1), style.ControlledAccuracy!.Value, 0.03);
        Assert.True(style.ControlledAccuracyCi95ByPrompt!.Value.Contains(style.ControlledAccuracy.Value));
        Assert.InRange(style.ListItemsCoefficients!.Side.Value + style.ListItemsCoefficients.Amount.Value, 1.1, 2);
        Assert.True(style.HeadersCoefficients!.Side.Ci95ByPrompt!.Value.Contains(0) && style.LengthCoefficients!.Side.Ci95ByPrompt!.Value.Contains(0));
        Assert.Null(style.BoldsCoefficients);
        Assert.Equal(Logistic.Sigmoid(1), style.ListItems.ControlledAccuracy!.Value, 0.03);
        Assert.True(style.ListItems.ChosenMore.Accuracy > 0.9 && style.ListItems.ChosenLess.Accuracy < 0.45 && style.ListItems.Correlation > 0.3);
        Assert.Null(style.Bolds.Correlation);
        Assert.Equal(pairs.Length, style.Bolds.Equal.Pairs);
    }

    [Fact]
    public void What_cannot_be_computed_is_null()
    {
        var none = TraitMetrics.OfLength([Pair(0, 1, 3, 2) with { Label = 0.5 }], equal: 0);
        Assert.Equal((0, null, null, null, null), (none.MoreWins.Pairs, none.MoreWins.Accuracy, none.ControlledAccuracy, none.Correlation, none.Coefficients));

        var one = TraitMetrics.OfLength([Pair(0, 1, 3, 2)], equal: 0);
        Assert.Equal((1, 1.0, null), (one.ChosenMore.Pairs, one.Correlation, one.ControlledAccuracyCi95ByPrompt));
        Assert.Null(one.PartialCorrelation);

        var equalLengths = TraitMetrics.OfLength([Pair(0, 1, 3, 3), Pair(1, 1, 3, 3), Pair(2, -1, 4, 4)], equal: 0);
        Assert.Equal(2.5 / 4, equalLengths.ControlledAccuracy!.Value, 1e-3); // Jeffreys' share, to the penalty
        Assert.Equal((null, null, 3), (equalLengths.Coefficients, equalLengths.Correlation, equalLengths.Equal.Pairs));
        Assert.Null(StyleMetrics.Of([], equal: 0).ControlledAccuracy);
    }

    /// <summary>Pairs of random lengths, of which a share has the longer response chosen.</summary>
    /// <param name="difference">The reward difference from the pair's index, its length difference, and the root mean square of those.</param>
    private static ScoredPair[] Planted(int count, double longerChosen, Func<int, int, double, double> difference)
    {
        var random = new Random(9);
        (int Chosen, int Rejected)[] lengths = [.. Enumerable.Range(0, count).Select(_ =>
        {
            var shorter = random.Next(10, 400);
            var longer = shorter + random.Next(1, 400);
            return random.NextDouble() < longerChosen ? (longer, shorter) : (shorter, longer);
        })];
        var scale = Math.Sqrt(lengths.Average(pair => Math.Pow(pair.Chosen - pair.Rejected, 2)));
        return [.. lengths.Select((pair, index) => Pair(index, difference(index, pair.Chosen - pair.Rejected, scale), pair.Chosen, pair.Rejected))];
    }

    private static ScoredPair Pair(int prompt, double difference, int chosenLength, int rejectedLength) => new()
    {
        Index = prompt, Prompt = prompt, ChosenReward = 0.25 + difference, RejectedReward = 0.25, Difference = difference,
        Chosen = new ResponseTraits(chosenLength, 0, 0, 0), Rejected = new ResponseTraits(rejectedLength, 0, 0, 0),
    };
}
