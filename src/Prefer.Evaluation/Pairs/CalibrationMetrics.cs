using System.Collections.Immutable;
using Prefer.Statistics;

namespace Prefer.Evaluation;

/// <summary>A temperature fitted on the pairs of one half of the prompts, and what it does to the other half.</summary>
public sealed record TemperatureMetrics
{
    /// <summary>The temperature of least loss on the first half; null where there is none.</summary>
    public required double? Temperature { get; init; }

    /// <summary>Where the first half's loss is least, which says why there is no temperature.</summary>
    public required TemperatureMinimum Minimum { get; init; }

    /// <summary>Pairs of the first half.</summary>
    public required int FittedPairs { get; init; }

    /// <summary>Pairs of the other half.</summary>
    public required int HeldOutPairs { get; init; }

    /// <summary>Mean loss of the other half, rewards as they are; null without pairs in it.</summary>
    public required double? LossBefore { get; init; }

    /// <summary>Its mean loss with rewards divided by the temperature.</summary>
    public required double? LossAfter { get; init; }

    /// <summary>Its calibration error in bins of equal width, rewards as they are.</summary>
    public required double? EceBefore { get; init; }

    /// <summary>The same with rewards divided by the temperature.</summary>
    public required double? EceAfter { get; init; }

    /// <summary>The temperature of least loss on all pairs, for use on other data; null where there is none.</summary>
    public required double? TemperatureOfAll { get; init; }
}

/// <summary>
/// Whether σ of a reward difference is the probability that it claims to be. The chosen response wins by definition, so a pair is read as the forecast that the response with the higher reward is
/// preferred, which comes to the same as reading it in both orders: docs/metrics.md says why.
/// </summary>
public sealed record CalibrationMetrics
{
    private const int BinCount = 10;

    /// <summary>The lowest probability of a forecast that names the likelier one of two.</summary>
    private const double Low = 0.5;

    /// <summary>Pairs, ties included.</summary>
    public required int Pairs { get; init; }

    /// <summary>Expected calibration error in ten bins of equal width.</summary>
    public required double Ece { get; init; }

    /// <summary>The same in ten bins of equal mass.</summary>
    public required double EceEqualMass { get; init; }

    /// <summary>Brier's score, with the terms of the bins of equal width.</summary>
    public required BrierScore Brier { get; init; }

    /// <summary>Bins of equal width from 0.5 to 1; those without a pair are left out.</summary>
    public required ImmutableArray<ReliabilityBin> Curve { get; init; }

    /// <summary>Bins of equal mass.</summary>
    public required ImmutableArray<ReliabilityBin> EqualMassCurve { get; init; }

    /// <summary>Temperature scaling.</summary>
    public required TemperatureMetrics Temperature { get; init; }

    /// <summary>The calibration of a scorer whose rewards are log-odds.</summary>
    /// <param name="pairs">Scored pairs.</param>
    /// <param name="seed">Deals the prompts into halves.</param>
    /// <returns>Null of no pairs.</returns>
    public static CalibrationMetrics? Of(IReadOnlyList<ScoredPair> pairs, int seed)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        if (pairs.Count == 0)
        {
            return null;
        }

        var (probabilities, outcomes) = Forecasts(pairs, 1);
        var curve = ReliabilityCurve.EqualWidth(probabilities, outcomes, BinCount, Low);
        var equalMass = ReliabilityCurve.EqualMass(probabilities, outcomes, BinCount);
        return new CalibrationMetrics
        {
            Pairs = pairs.Count,
            Ece = curve.CalibrationError,
            EceEqualMass = equalMass.CalibrationError,
            Brier = BrierScore.OfChoices(probabilities, outcomes, curve),
            Curve = curve.Bins,
            EqualMassCurve = equalMass.Bins,
            Temperature = OfHalves(pairs, seed),
        };
    }

    private static TemperatureMetrics OfHalves(IReadOnlyList<ScoredPair> pairs, int seed)
    {
        var isFitted = ClusterHalves.Of([.. pairs.Select(pair => pair.Prompt)], seed);
        ScoredPair[] fitted = [.. pairs.Where((_, index) => isFitted[index])], heldOut = [.. pairs.Where((_, index) => !isFitted[index])];
        var fit = Fit(fitted);
        var isKnown = fit.Temperature is not null && heldOut.Length > 0;
        return new TemperatureMetrics
        {
            Temperature = fit.Temperature,
            Minimum = fit.Minimum,
            FittedPairs = fitted.Length,
            HeldOutPairs = heldOut.Length,
            LossBefore = heldOut.Length == 0 ? null : Loss(heldOut, 1),
            LossAfter = isKnown ? Loss(heldOut, fit.Temperature!.Value) : null,
            EceBefore = heldOut.Length == 0 ? null : Error(heldOut, 1),
            EceAfter = isKnown ? Error(heldOut, fit.Temperature!.Value) : null,
            TemperatureOfAll = Fit(pairs).Temperature,
        };
    }

    /// <summary>The temperature of least loss on pairs.</summary>
    internal static TemperatureFit Fit(IReadOnlyList<ScoredPair> pairs) => TemperatureScaling.Fit(Differences(pairs), Labels(pairs));

    private static double Loss(IReadOnlyList<ScoredPair> pairs, double temperature) => TemperatureScaling.Loss(Differences(pairs), Labels(pairs), temperature);

    private static double Error(IReadOnlyList<ScoredPair> pairs, double temperature)
    {
        var (probabilities, outcomes) = Forecasts(pairs, temperature);
        return ReliabilityCurve.EqualWidth(probabilities, outcomes, BinCount, Low).CalibrationError;
    }

    /// <summary>How probably the response with the higher reward is preferred, and whether it was. Of equal rewards either is named half of the time.</summary>
    private static (double[] Probabilities, double[] Outcomes) Forecasts(IReadOnlyList<ScoredPair> pairs, double temperature) => (
        [.. pairs.Select(pair => Logistic.Sigmoid(Math.Abs(pair.Difference) / temperature))],
        [.. pairs.Select(pair => pair.Difference > 0 ? pair.Label : pair.Difference < 0 ? 1 - pair.Label : 0.5)]);

    private static double[] Differences(IReadOnlyList<ScoredPair> pairs) => [.. pairs.Select(pair => pair.Difference)];

    private static double[] Labels(IReadOnlyList<ScoredPair> pairs) => [.. pairs.Select(pair => pair.Label)];
}
