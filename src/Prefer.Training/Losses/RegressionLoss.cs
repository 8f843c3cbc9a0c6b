using Prefer.Torch;

namespace Prefer.Training;

/// <summary>
/// Least squares on scores, as a pure function, for tensors (with gradients) and for numbers: ℓ = (r − s)², the score as the row has it.
/// Reward models of rated responses are trained so (Wang et al., "HelpSteer2", 2024).
/// </summary>
public static class RegressionLoss
{
    /// <summary>One loss a rating, [N].</summary>
    /// <param name="rewards">r, [N]</param>
    /// <param name="scores">s, [N]</param>
    public static Tensor PerRating(Tensor rewards, Tensor scores)
    {
        var difference = rewards - scores;
        return difference * difference;
    }

    /// <summary>The loss of one rating.</summary>
    /// <param name="reward">r</param>
    /// <param name="score">s</param>
    public static double Of(double reward, double score) => (reward - score) * (reward - score);
}
