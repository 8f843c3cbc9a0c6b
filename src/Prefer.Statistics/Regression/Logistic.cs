namespace Prefer.Statistics;

/// <summary>The logistic function and its logarithms, correct to a few units in the last place over the whole range of double.</summary>
public static class Logistic
{
    /// <summary>σ(x) = 1 / (1 + e⁻ˣ).</summary>
    public static double Sigmoid(double x)
    {
        if (x >= 0)
        {
            return 1 / (1 + Math.Exp(-x));
        }

        var e = Math.Exp(x);
        return e / (1 + e);
    }

    /// <summary>log(1 + eˣ): about eˣ far below zero, about x far above. −log σ(m) is <c>Softplus(-m)</c>.</summary>
    public static double Softplus(double x) => Math.Max(x, 0) + Log1p(Math.Exp(-Math.Abs(x)));

    /// <summary>log σ(x), never positive.</summary>
    public static double LogSigmoid(double x) => -Softplus(-x);

    /// <summary>log(p / (1 − p)), the inverse of <see cref="Sigmoid"/>; infinite at 0 and 1.</summary>
    public static double Logit(double p) => Math.Log(p) - Log1p(-p);

    /// <summary>log(1 + x) without losing a small x, for which <see cref="double.LogP1"/> returns 0.</summary>
    /// <remarks>Kahan's correction: the rounding error of 1 + x is the same in the logarithm and in its argument, and cancels in
    /// their ratio. D. Goldberg, "What every computer scientist should know about floating-point arithmetic" (1991), theorem 4.</remarks>
    public static double Log1p(double x)
    {
        var sum = 1 + x;
        if (sum == 1 || double.IsPositiveInfinity(sum))
        {
            return x;
        }

        return sum <= 0 ? Math.Log(sum) : Math.Log(sum) * (x / (sum - 1));
    }
}
