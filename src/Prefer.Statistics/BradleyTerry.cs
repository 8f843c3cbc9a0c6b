namespace Prefer.Statistics;

/// <summary>The Bradley–Terry model of a comparison: P(first preferred) = σ(r_first − r_second).</summary>
public static class BradleyTerry
{
    /// <summary>−p·log σ(d) − (1−p)·log σ(−d): what a reward difference costs, exact in both tails.</summary>
    /// <param name="difference">d, the chosen reward minus the rejected one, less a margin where there is one.</param>
    /// <param name="preference">p, how probably the chosen response is preferred.</param>
    public static double Loss(double difference, double preference)
    {
        // A factor of zero must silence an infinite logarithm.
        var first = preference == 0 ? 0 : -preference * Logistic.LogSigmoid(difference);
        var second = preference == 1 ? 0 : -(1 - preference) * Logistic.LogSigmoid(-difference);
        return first + second;
    }
}
