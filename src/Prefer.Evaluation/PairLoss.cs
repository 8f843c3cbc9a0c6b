using Prefer.Statistics;

namespace Prefer.Evaluation;

/// <summary>What a reward difference costs.</summary>
public static class PairLoss
{
    /// <summary>−p · log σ(d) − (1 − p) · log σ(−d), without margin, smoothing or weight.</summary>
    /// <param name="difference">d, the chosen reward minus the rejected one.</param>
    /// <param name="label">p, how probably the chosen response is preferred.</param>
    public static double Of(double difference, double label) =>
        // At p = 1 the second term is 0, even where its logarithm is not finite.
        label == 1 ? -Logistic.LogSigmoid(difference) : -label * Logistic.LogSigmoid(difference) - (1 - label) * Logistic.LogSigmoid(-difference);
}
