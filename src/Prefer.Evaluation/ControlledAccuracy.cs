using Prefer.Statistics;

namespace Prefer.Evaluation;

/// <summary>A weight of a logistic fit.</summary>
/// <param name="Value">Log-odds for a unit of the trait's term.</param>
/// <param name="Ci95ByPrompt">Its interval, clustered by prompt; null with a single prompt.</param>
public sealed record TraitCoefficient(double Value, Interval? Ci95ByPrompt);

/// <summary>The accuracy that a scorer would have if both responses had the same of some traits.</summary>
/// <remarks>
/// A logistic fit P(the scorer prefers the chosen response) = σ(β + Σ γ·term), with a term for each trait that changes sign with the sides, and the accuracy σ(β). The form is that of Y. Dubois, B.
/// Galambosi, P. Liang, T. Hashimoto, "Length-Controlled AlpacaEval" (2024), with right and wrong in the place of two models.
/// </remarks>
internal sealed record ControlledAccuracy(double Accuracy, Interval? Ci95ByPrompt, IReadOnlyList<TraitCoefficient?> Coefficients)
{
    /// <summary>Null of no pairs; a coefficient is null where no pair differs in its trait.</summary>
    /// <param name="pairs">Without ties.</param>
    /// <param name="credits">What each is worth in accuracy.</param>
    /// <param name="traits">What is held equal.</param>
    public static ControlledAccuracy? Of(IReadOnlyList<ScoredPair> pairs, double[] credits, params ReadOnlySpan<Trait> traits)
    {
        if (pairs.Count == 0)
        {
            return null;
        }
        var terms = new double[]?[traits.Length];
        for (var trait = 0; trait < terms.Length; trait++)
        {
            terms[trait] = traits[trait].Terms(pairs);
        }
        double[][] columns = [Enumerable.Repeat(1.0, pairs.Count).ToArray(), .. terms.OfType<double[]>()];
        var fit = LogisticEstimate.Of([.. pairs.Select((_, row) => columns.Select(column => column[row]).ToArray())], credits, [.. pairs.Select(pair => pair.Prompt)]);
        var column = 0;
        return new ControlledAccuracy(
            Logistic.Sigmoid(fit.Weights[0]),
            fit.Interval(0) is { } interval ? new Interval(Logistic.Sigmoid(interval.Low), Logistic.Sigmoid(interval.High)) : null,
            [.. terms.Select(term => term is null ? null : new TraitCoefficient(fit.Weights[++column], fit.Interval(column)))]);
    }
}
