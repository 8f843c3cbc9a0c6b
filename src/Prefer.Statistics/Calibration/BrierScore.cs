namespace Prefer.Statistics;

/// <summary>
/// Brier's score of forecasts, and what it is made of: Score = Reliability − Resolution + Uncertainty + WithinBinVariance − WithinBinCovariance, exactly.
/// </summary>
/// <param name="Score">Mean of (probability − outcome)², in [0, 1], 0 the best; an outcome between 0 and 1 counts as both, in its shares.</param>
/// <param name="Reliability">Mean over forecasts of (mean probability of their bin − outcome of their bin)²: how far the probabilities are off; 0 the best.</param>
/// <param name="Resolution">Mean over forecasts of (outcome of their bin − outcome of all)²: how much the bins differ; the more the better.</param>
/// <param name="Uncertainty">o(1 − o), with o the outcome of all: the score of a forecaster that always says o.</param>
/// <param name="WithinBinVariance">Mean of (probability − mean probability of its bin)².</param>
/// <param name="WithinBinCovariance">Twice the mean of (probability − mean probability of its bin)(outcome − outcome of its bin).</param>
/// <remarks>
/// G. W. Brier, Monthly Weather Review 78 (1950), for one of two outcomes; A. H. Murphy, Journal of Applied Meteorology 12 (1973); the two terms that vary within bins, by
/// which Murphy's three add up for forecasts that do too: D. B. Stephenson, C. A. S. Coelho, I. T. Jolliffe, Weather and Forecasting 23 (2008).
/// </remarks>
public sealed record BrierScore(double Score, double Reliability, double Resolution, double Uncertainty, double WithinBinVariance, double WithinBinCovariance)
{
    /// <summary>Scores forecasts.</summary>
    /// <param name="probabilities">One a forecast.</param>
    /// <param name="outcomes">One a forecast, in [0, 1].</param>
    /// <param name="curve">The bins, made of the same forecasts.</param>
    public static BrierScore Of(ReadOnlySpan<double> probabilities, ReadOnlySpan<double> outcomes, ReliabilityCurve curve) =>
        Of(probabilities, outcomes, curve, CompensatedSum.Mean(outcomes));

    /// <summary>
    /// Scores choices between two, where naming the other one with 1 − probability is the same forecast: each is read in both orders, so that one half of all come true, and
    /// the uncertainty is ¼.
    /// </summary>
    /// <param name="probabilities">One a choice.</param>
    /// <param name="outcomes">One a choice, in [0, 1].</param>
    /// <param name="curve">The bins of one order, made of the same choices. Those of the other are their mirror images.</param>
    public static BrierScore OfChoices(ReadOnlySpan<double> probabilities, ReadOnlySpan<double> outcomes, ReliabilityCurve curve) => Of(probabilities, outcomes, curve, 0.5);

    private static BrierScore Of(ReadOnlySpan<double> probabilities, ReadOnlySpan<double> outcomes, ReliabilityCurve curve, double all)
    {
        ArgumentNullException.ThrowIfNull(curve);
        if (probabilities.Length != outcomes.Length || probabilities.Length != curve.Bins.Sum(bin => (long)bin.Count))
        {
            throw new ArgumentException($"Found {probabilities.Length} probabilities, {outcomes.Length} outcomes and a curve of {curve.Bins.Sum(bin => (long)bin.Count)} forecasts, expected as many of each.");
        }

        CompensatedSum score = new(), reliability = new(), resolution = new(), variance = new(), covariance = new();
        for (var index = 0; index < probabilities.Length; index++)
        {
            var (probability, outcome) = (probabilities[index], outcomes[index]);
            var bin = curve.Bins[curve.BinOf(probability)];
            score.Add((outcome * (1 - probability) * (1 - probability)) + ((1 - outcome) * probability * probability));
            reliability.Add((bin.MeanProbability - bin.Outcome) * (bin.MeanProbability - bin.Outcome));
            resolution.Add((bin.Outcome - all) * (bin.Outcome - all));
            variance.Add((probability - bin.MeanProbability) * (probability - bin.MeanProbability));
            covariance.Add(2 * (probability - bin.MeanProbability) * (outcome - bin.Outcome));
        }

        double count = probabilities.Length;
        return new BrierScore(score.Value / count, reliability.Value / count, resolution.Value / count, all * (1 - all), variance.Value / count, covariance.Value / count);
    }
}
