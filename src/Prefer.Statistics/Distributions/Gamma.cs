namespace Prefer.Statistics;

/// <summary>The gamma function.</summary>
public static class Gamma
{
    /// <summary>log Γ(x) for x &gt; 0; absolute error below 1e-14 near the zeros at 1 and 2, relative elsewhere.</summary>
    /// <remarks>Stirling's series (Abramowitz &amp; Stegun 6.1.40) at an argument moved above 15 by Γ(x + 1) = x Γ(x).</remarks>
    public static double Log(double x)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(x);
        var product = 1.0;
        while (x < 15)
        {
            product *= x++;
        }

        // Bernoulli numbers B₂ₖ / (2k (2k − 1)) for k = 1 … 6: the first term left out is 6e-18 at x = 15.
        var inverse = 1 / (x * x);
        var series = (((((-691.0 / 360360 * inverse + 1.0 / 1188) * inverse - 1.0 / 1680) * inverse + 1.0 / 1260) * inverse - 1.0 / 360) * inverse + 1.0 / 12) / x;
        return (x - 0.5) * Math.Log(x) - x + 0.5 * Math.Log(2 * Math.PI) + series - Math.Log(product);
    }
}
