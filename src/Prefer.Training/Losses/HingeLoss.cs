using Prefer.Torch;

namespace Prefer.Training;

/// <summary>
/// The hinge loss of comparisons, as a pure function, for tensors (with gradients) and for numbers. With d = r_c − r_r less the row's
/// margin, width m and P(chosen preferred) = p: ℓ = p·max(0, m − d) + (1−p)·max(0, m + d). Nothing is left to learn once the
/// preferred response leads by m (Herbrich, Graepel, Obermayer, "Large margin rank boundaries for ordinal regression", 2000, has m = 1).
/// At the corner the derivative is 0.
/// </summary>
public static class HingeLoss
{
    /// <summary>One loss a comparison, [N].</summary>
    /// <param name="chosen">r_c, [N]</param>
    /// <param name="rejected">r_r, [N]</param>
    /// <param name="preference">p, [N]; see <see cref="RewardLoss.Smoothed"/>.</param>
    /// <param name="margin">The rows' margins, [N]</param>
    /// <param name="width">m</param>
    public static Tensor PerComparison(Tensor chosen, Tensor rejected, Tensor preference, Tensor margin, double width)
    {
        var difference = chosen - rejected - margin;
        return (preference * (-difference + width).Relu()) + ((-preference + 1) * (difference + width).Relu());
    }

    /// <summary>The loss of one comparison.</summary>
    /// <param name="chosen">r_c</param>
    /// <param name="rejected">r_r</param>
    /// <param name="width">m</param>
    /// <param name="preference">p; see <see cref="RewardLoss.Smoothed"/>.</param>
    /// <param name="margin">The row's margin.</param>
    public static double Of(double chosen, double rejected, double width, double preference = 1, double margin = 0)
    {
        var difference = chosen - rejected - margin;
        return (preference * Math.Max(0, width - difference)) + ((1 - preference) * Math.Max(0, width + difference));
    }
}
