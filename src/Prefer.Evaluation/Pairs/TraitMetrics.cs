using Prefer.Statistics;

namespace Prefer.Evaluation;

/// <summary>
/// How far a scorer follows one trait of the responses, their length or their headers, and how right it is beyond that. Over the pairs that are no tie;
/// docs/metrics.md defines every number.
/// </summary>
public sealed record TraitMetrics
{
    /// <summary>Accuracy of "the response with more of it wins", equal ones one half, and its intervals.</summary>
    public required GroupAccuracy MoreWins { get; init; }

    /// <summary>The scorer on the pairs whose chosen response has more of it.</summary>
    public required GroupAccuracy ChosenMore { get; init; }

    /// <summary>The scorer on the pairs whose chosen response has less.</summary>
    public required GroupAccuracy ChosenLess { get; init; }

    /// <summary>The scorer on the pairs whose responses have as much.</summary>
    public required GroupAccuracy Equal { get; init; }

    /// <summary>Correlation of reward and trait over responses, each less the mean of its pair; null where either is equal in all pairs.</summary>
    public required double? Correlation { get; init; }

    /// <summary>Its interval, clustered by prompt.</summary>
    public required Interval? CorrelationCi95ByPrompt { get; init; }

    /// <summary>The same with being chosen or rejected held fixed; null where the differences of either are equal in all pairs.</summary>
    public required double? PartialCorrelation { get; init; }

    /// <summary>Its interval, clustered by prompt.</summary>
    public required Interval? PartialCorrelationCi95ByPrompt { get; init; }

    /// <summary>Accuracy if both responses had as much, by a logistic fit; null of no pairs.</summary>
    public required double? ControlledAccuracy { get; init; }

    /// <summary>Its interval, clustered by prompt; null with a single prompt.</summary>
    public required Interval? ControlledAccuracyCi95ByPrompt { get; init; }

    /// <summary>The fit's weights of the trait; null where no pair differs in it.</summary>
    public required TraitCoefficients? Coefficients { get; init; }

    /// <summary>The figures of length.</summary>
    /// <param name="pairs">Ties are left out.</param>
    /// <param name="equal">What equal rewards are worth in accuracy.</param>
    public static TraitMetrics OfLength(IReadOnlyList<ScoredPair> pairs, double equal) => Of([.. pairs.Where(pair => !pair.IsTie)], equal, Trait.Length);

    internal static TraitMetrics Of(ScoredPair[] pairs, double equal, Trait trait)
    {
        double[] credits = [.. pairs.Select(pair => pair.Credit(equal))];
        double[] rewards = [.. pairs.Select(pair => pair.Difference)], amounts = [.. pairs.Select(pair => (double)trait.Difference(pair))];
        int[] prompts = [.. pairs.Select(pair => pair.Prompt)];
        GroupAccuracy Where(int sign) => GroupAccuracy.Of(pairs.Index().Where(pair => Math.Sign(amounts[pair.Index]) == sign).Select(pair => (credits[pair.Index], pair.Item.Prompt)));

        var controlled = Evaluation.ControlledAccuracy.Of(pairs, credits, trait);
        double? Plain(int[] rows) => WithinPairs(At(rewards, rows), At(amounts, rows));
        double? Partial(int[] rows) => Statistics.Correlation.Of(At(rewards, rows), At(amounts, rows)).Pearson();
        int[] all = [.. Enumerable.Range(0, pairs.Length)];
        return new TraitMetrics
        {
            MoreWins = GroupAccuracy.Of(amounts.Zip(prompts, (amount, prompt) => (amount > 0 ? 1.0 : amount < 0 ? 0 : 0.5, prompt))),
            ChosenMore = Where(1),
            ChosenLess = Where(-1),
            Equal = Where(0),
            Correlation = Plain(all),
            CorrelationCi95ByPrompt = CorrelationInterval.Clustered(Plain, prompts),
            PartialCorrelation = Partial(all),
            PartialCorrelationCi95ByPrompt = CorrelationInterval.Clustered(Partial, prompts),
            ControlledAccuracy = controlled?.Accuracy,
            ControlledAccuracyCi95ByPrompt = controlled?.Ci95ByPrompt,
            Coefficients = controlled?.Coefficients[0],
        };
    }

    // Less the mean of its pair, a response has half the pair's difference, + if chosen, − if rejected: all means are 0, and sums over responses are half of those over pairs. In
    // the same terms the label is 1 for every pair, so that holding it fixed takes the mean off the differences, and what is left is their ordinary correlation.
    private static double? WithinPairs(ReadOnlySpan<double> rewards, ReadOnlySpan<double> amounts)
    {
        var (rewardSquares, amountSquares, products) = (new CompensatedSum(), new CompensatedSum(), new CompensatedSum());
        for (var pair = 0; pair < rewards.Length; pair++)
        {
            rewardSquares.Add(rewards[pair] * rewards[pair]);
            amountSquares.Add(amounts[pair] * amounts[pair]);
            products.Add(rewards[pair] * amounts[pair]);
        }
        return rewardSquares.Value > 0 && amountSquares.Value > 0
            ? Math.Clamp(products.Value / Math.Sqrt(rewardSquares.Value) / Math.Sqrt(amountSquares.Value), -1, 1)
            : null;
    }

    private static double[] At(double[] values, int[] rows) => Array.ConvertAll(rows, row => values[row]);
}
