namespace Prefer.Statistics;

/// <summary>Student's t distribution.</summary>
public static class StudentT
{
    /// <summary>P(T ≤ t).</summary>
    /// <param name="t">Any number.</param>
    /// <param name="freedom">Degrees of freedom, positive.</param>
    public static double Cdf(double t, double freedom)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(freedom);
        var tail = 0.5 * IncompleteBeta(freedom / (freedom + t * t), t * t / (freedom + t * t), freedom / 2, 0.5);
        return t < 0 ? tail : 1 - tail;
    }

    /// <summary>The t with <see cref="Cdf"/>(t) = <paramref name="p"/>, for p strictly between 0 and 1.</summary>
    /// <remarks>Found by bisection to the last bit: it is asked for once an interval, and needs no starting approximation.</remarks>
    public static double Quantile(double p, double freedom)
    {
        if (!(p > 0 && p < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(p), p, "A probability is between 0 and 1.");
        }

        if (p == 0.5)
        {
            return 0;
        }

        // By symmetry in the lower tail, where the function value has full relative precision.
        var tail = Math.Min(p, 1 - p);
        var (low, high) = (-1.0, 0.0);
        while (Cdf(low, freedom) > tail)
        {
            (low, high) = (low * 2, low);
        }

        while (true)
        {
            var middle = low + (high - low) / 2;
            if (middle == low || middle == high)
            {
                return p < 0.5 ? middle : -middle;
            }

            (low, high) = Cdf(middle, freedom) > tail ? (low, middle) : (middle, high);
        }
    }

    // The regularised incomplete beta function I_x(a, b), given x and 1 − x, so that neither is lost near 1. Continued fraction
    // 26.5.8 of Abramowitz & Stegun, evaluated by Lentz's method as modified by Thompson and Barnett (1986).
    private static double IncompleteBeta(double x, double complement, double a, double b)
    {
        if (x <= 0 || complement <= 0)
        {
            return x <= 0 ? 0 : 1;
        }

        // The fraction converges fast below the mean; above it, I_x(a, b) = 1 − I_(1−x)(b, a).
        if (x > (a + 1) / (a + b + 2))
        {
            return 1 - IncompleteBeta(complement, x, b, a);
        }

        const double tiny = 1e-300;
        var front = Math.Exp(Gamma.Log(a + b) - Gamma.Log(a) - Gamma.Log(b) + a * Math.Log(x) + b * Math.Log(complement)) / a;
        var (c, d) = (1.0, 1 / NotZero(1 - (a + b) * x / (a + 1)));
        var fraction = d;
        for (var m = 1; ; m++)
        {
            var even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
            d = 1 / NotZero(1 + even * d);
            c = NotZero(1 + even / c);
            fraction *= c * d;
            var odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
            d = 1 / NotZero(1 + odd * d);
            c = NotZero(1 + odd / c);
            fraction *= c * d;
            if (Math.Abs(c * d - 1) < 1e-15)
            {
                return front * fraction;
            }
        }

        static double NotZero(double value) => Math.Abs(value) < tiny ? tiny : value;
    }
}
