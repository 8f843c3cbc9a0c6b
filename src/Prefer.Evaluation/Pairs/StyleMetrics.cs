using Prefer.Statistics;

namespace Prefer.Evaluation;

/// <summary>How far a scorer follows the marks of Markdown, each alone, and how right it is beyond marks and length together. docs/metrics.md defines every number.</summary>
public sealed record StyleMetrics
{
    /// <summary>Headers alone.</summary>
    public required TraitMetrics Headers { get; init; }

    /// <summary>List items alone.</summary>
    public required TraitMetrics ListItems { get; init; }

    /// <summary>Bold runs alone.</summary>
    public required TraitMetrics Bolds { get; init; }

    /// <summary>Accuracy if both responses had the same length and marks, by one logistic fit; null of no pairs.</summary>
    public required double? ControlledAccuracy { get; init; }

    /// <summary>Its interval, clustered by prompt; null with a single prompt.</summary>
    public required Interval? ControlledAccuracyCi95ByPrompt { get; init; }

    /// <summary>That fit's weights of length; null, as below, where no pair differs in it.</summary>
    public required TraitCoefficients? LengthCoefficients { get; init; }

    /// <summary>Of headers.</summary>
    public required TraitCoefficients? HeadersCoefficients { get; init; }

    /// <summary>Of list items.</summary>
    public required TraitCoefficients? ListItemsCoefficients { get; init; }

    /// <summary>Of bold runs.</summary>
    public required TraitCoefficients? BoldsCoefficients { get; init; }

    /// <summary>All figures of style.</summary>
    /// <param name="pairs">Ties are left out.</param>
    /// <param name="equal">What equal rewards are worth in accuracy.</param>
    public static StyleMetrics Of(IReadOnlyList<ScoredPair> pairs, double equal)
    {
        ScoredPair[] counted = [.. pairs.Where(pair => !pair.IsTie)];
        var joint = Evaluation.ControlledAccuracy.Of(counted, [.. counted.Select(pair => pair.Credit(equal))], Trait.Length, Trait.Headers, Trait.ListItems, Trait.Bolds);
        return new StyleMetrics
        {
            Headers = TraitMetrics.Of(counted, equal, Trait.Headers),
            ListItems = TraitMetrics.Of(counted, equal, Trait.ListItems),
            Bolds = TraitMetrics.Of(counted, equal, Trait.Bolds),
            ControlledAccuracy = joint?.Accuracy,
            ControlledAccuracyCi95ByPrompt = joint?.Ci95ByPrompt,
            LengthCoefficients = joint?.Coefficients[0],
            HeadersCoefficients = joint?.Coefficients[1],
            ListItemsCoefficients = joint?.Coefficients[2],
            BoldsCoefficients = joint?.Coefficients[3],
        };
    }
}
