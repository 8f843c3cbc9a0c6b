namespace Prefer.Statistics;

/// <summary>The standard normal distribution.</summary>
public static class Normal
{
    /// <summary>P(Z ≤ z), relative error about 1e-15 in both tails until it underflows near −38.</summary>
    public static double Cdf(double z) => 0.5 * Erfc(-z / Math.Sqrt(2));

    /// <summary>The z with <see cref="Cdf"/>(z) = <paramref name="p"/>; infinite at 0 and 1.</summary>
    /// <remarks>M. J. Wichura, algorithm AS 241 (PPND16), Applied Statistics 37 (1988), 477–484; relative error about 1e-16.</remarks>
    public static double Quantile(double p)
    {
        if (double.IsNaN(p) || p < 0 || p > 1)
        {
            throw new ArgumentOutOfRangeException(nameof(p), p, "A probability is between 0 and 1.");
        }

        if (p is 0 or 1)
        {
            return p == 0 ? double.NegativeInfinity : double.PositiveInfinity;
        }

        var q = p - 0.5;
        if (Math.Abs(q) <= 0.425)
        {
            return q * Ratio(0.180625 - q * q, CentralOver, CentralUnder);
        }

        var r = Math.Sqrt(-Math.Log(q < 0 ? p : 1 - p));
        var z = r <= 5 ? Ratio(r - 1.6, MiddleOver, MiddleUnder) : Ratio(r - 5, FarOver, FarUnder);
        return q < 0 ? -z : z;
    }

    /// <summary>The complementary error function 2/√π ∫ₓ^∞ e^(−t²) dt.</summary>
    /// <remarks>W. J. Cody, "Rational Chebyshev approximations for the error function", Mathematics of Computation 23 (1969),
    /// 631–637, with the coefficients of the CALERF program.</remarks>
    public static double Erfc(double x)
    {
        var y = Math.Abs(x);
        if (y <= 0.46875)
        {
            return 1 - x * Ratio(y * y, SmallOver, SmallUnder);
        }

        double tail;
        if (y <= 4)
        {
            tail = Ratio(y, MediumOver, MediumUnder);
        }
        else
        {
            var inverse = 1 / (y * y);
            tail = (1 / Math.Sqrt(Math.PI) - inverse * Ratio(inverse, LargeOver, LargeUnder)) / y;
        }

        // e^(−y²) in two factors: squaring y whole would lose digits of a large exponent.
        var coarse = Math.Truncate(y * 16) / 16;
        tail *= Math.Exp(-coarse * coarse) * Math.Exp(-(y - coarse) * (y + coarse));
        return x < 0 ? 2 - tail : tail;
    }

    // Two polynomials in x, coefficients from the constant upwards.
    private static double Ratio(double x, ReadOnlySpan<double> over, ReadOnlySpan<double> under)
    {
        var (top, bottom) = (0.0, 0.0);
        for (var index = over.Length - 1; index >= 0; index--)
        {
            top = top * x + over[index];
        }

        for (var index = under.Length - 1; index >= 0; index--)
        {
            bottom = bottom * x + under[index];
        }

        return top / bottom;
    }

    private static ReadOnlySpan<double> CentralOver =>
    [
        3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
        4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3,
    ];

    private static ReadOnlySpan<double> CentralUnder =>
    [
        1, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
        2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3,
    ];

    private static ReadOnlySpan<double> MiddleOver =>
    [
        1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
        1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4,
    ];

    private static ReadOnlySpan<double> MiddleUnder =>
    [
        1, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
        1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9,
    ];

    private static ReadOnlySpan<double> FarOver =>
    [
        6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
        2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
    ];

    private static ReadOnlySpan<double> FarUnder =>
    [
        1, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
        7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15,
    ];

    private static ReadOnlySpan<double> SmallOver =>
        [3.20937758913846947e3, 3.77485237685302021e2, 1.13864154151050156e2, 3.16112374387056560e0, 1.85777706184603153e-1];

    private static ReadOnlySpan<double> SmallUnder =>
        [2.84423683343917062e3, 1.28261652607737228e3, 2.44024637934444173e2, 2.36012909523441209e1, 1];

    private static ReadOnlySpan<double> MediumOver =>
    [
        1.23033935479799725e3, 2.05107837782607147e3, 1.71204761263407058e3, 8.81952221241769090e2, 2.98635138197400131e2,
        6.61191906371416295e1, 8.88314979438837594e0, 5.64188496988670089e-1, 2.15311535474403846e-8,
    ];

    private static ReadOnlySpan<double> MediumUnder =>
    [
        1.23033935480374942e3, 3.43936767414372164e3, 4.36261909014324716e3, 3.29079923573345963e3, 1.62138957456669019e3,
        5.37181101862009858e2, 1.17693950891312499e2, 1.57449261107098347e1, 1,
    ];

    private static ReadOnlySpan<double> LargeOver =>
    [
        6.58749161529837803e-4, 1.60837851487422766e-2, 1.25781726111229246e-1, 3.60344899949804439e-1, 3.05326634961232344e-1,
        1.63153871373020978e-2,
    ];

    private static ReadOnlySpan<double> LargeUnder =>
    [
        2.33520497626869185e-3, 6.05183413124413191e-2, 5.27905102951428412e-1, 1.87295284992346725e0, 2.56852019228982242e0, 1,
    ];
}
