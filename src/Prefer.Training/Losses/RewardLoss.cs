using Prefer.Statistics;
using Prefer.Torch;

namespace Prefer.Training;

/// <summary>
/// The Bradley–Terry loss of comparisons, as a pure function, for tensors (with gradients) and for numbers. For rewards r_c
/// and r_r with d = r_c − r_r, margin m, P(chosen preferred) = y and smoothing ε, with p = y(1−ε) + (1−y)ε:
/// ℓ = −p·log σ(d − m) − (1−p)·log σ(m − d) + c·(r_c + r_r)², each logarithm exact in both tails.
/// </summary>
public static class RewardLoss
{
    /// <summary>One loss a comparison, [N].</summary>
    /// <param name="chosen">r_c, [N]</param>
    /// <param name="rejected">r_r, [N]</param>
    /// <param name="preference">p, [N]; see <see cref="Smoothed"/>.</param>
    /// <param name="margin">m, [N]</param>
    /// <param name="centering">c</param>
    public static Tensor PerComparison(Tensor chosen, Tensor rejected, Tensor preference, Tensor margin, double centering)
    {
        var difference = chosen - rejected - margin;
        var loss = -(preference * difference.LogSigmoid()) - ((-preference + 1) * (-difference).LogSigmoid());
        if (centering == 0)
        {
            return loss;
        }
        var sum = chosen + rejected;
        return loss + (sum * sum * centering);
    }

    /// <summary>The loss of one comparison.</summary>
    /// <param name="chosen">r_c</param>
    /// <param name="rejected">r_r</param>
    /// <param name="preference">p; see <see cref="Smoothed"/>.</param>
    /// <param name="margin">m</param>
    /// <param name="centering">c</param>
    public static double Of(double chosen, double rejected, double preference = 1, double margin = 0, double centering = 0)
    {
        var sum = chosen + rejected;
        return BradleyTerry.Loss(chosen - rejected - margin, preference) + (centering == 0 ? 0 : centering * sum * sum);
    }

    /// <summary>p = y(1−ε) + (1−y)ε.</summary>
    public static double Smoothed(double label, double smoothing) => (label * (1 - smoothing)) + ((1 - label) * smoothing);
}
