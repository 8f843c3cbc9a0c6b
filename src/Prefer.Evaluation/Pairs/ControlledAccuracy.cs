using Prefer.Statistics;

namespace Prefer.Evaluation;

/// <summary>A weight of a logistic fit.</summary>
/// <param name="Value">Log-odds for a unit of its term.</param>
/// <param name="Ci95ByPrompt">Its interval, clustered by prompt; null with a single prompt.</param>
public sealed record Coefficient(double Value, Interval? Ci95ByPrompt);

/// <summary>What a trait adds to the log-odds that a scorer prefers a response.</summary>
/// <param name="Side">For having more of it, however little.</param>
/// <param name="Amount">For a unit of how much more, as docs/metrics.md measures it.</param>
public sealed record TraitCoefficients(Coefficient Side, Coefficient Amount);

/// <summary>The accuracy that a scorer would have if both responses had as much of some traits.</summary>
/// <remarks>
/// A logistic fit P(the scorer prefers the chosen response) = σ(β + Σ γ·sign Δ + δ·amount), whose terms change sign with the sides, and the accuracy σ(β) where they are 0. The form is that of
/// Y. Dubois, B. Galambosi, P. Liang, T. Hashimoto, "Length-Controlled AlpacaEval" (2024), with chosen and rejected in the place of two models, and sign Δ added: a scorer of length alone
/// is a step, which a smooth term cannot follow; what it misses would go into β wherever the longer response is chosen more often.
/// </remarks>
internal sealed record ControlledAccuracy(double Accuracy, Interval? Ci95ByPrompt, IReadOnlyList<TraitCoefficients?> Coefficients)
{
    /// <summary>Null of no pairs; coefficients are null where no pair differs in the trait.</summary>
    /// <param name="pairs">Without ties.</param>
    /// <param name="credits">What each is worth in accuracy.</param>
    /// <param name="traits">What is held equal.</param>
    public static ControlledAccuracy? Of(IReadOnlyList<ScoredPair> pairs, double[] credits, params Trait[] traits)
    {
        if (pairs.Count == 0)
        {
            return null;
        }
        var amounts = Array.ConvertAll(traits, trait => trait.Amounts(pairs));
        double[][] columns = [.. amounts.OfType<double[]>().SelectMany(amount => new[] { Array.ConvertAll(amount, value => (double)Math.Sign(value)), amount })];
        var fit = LogisticEstimate.Of([.. Enumerable.Range(0, pairs.Count).Select(row => Array.ConvertAll(columns, column => column[row]))], credits, [.. pairs.Select(pair => pair.Prompt)]);
        var weight = 0;
        Coefficient Next() => new(fit.Weights[++weight], fit.Interval(weight));
        return new ControlledAccuracy(
            Logistic.Sigmoid(fit.Weights[0]),
            fit.Interval(0) is { } interval ? new Interval(Logistic.Sigmoid(interval.Low), Logistic.Sigmoid(interval.High)) : null,
            [.. amounts.Select(amount => amount is null ? null : new TraitCoefficients(Next(), Next()))]);
    }
}
