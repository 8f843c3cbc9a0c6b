namespace Prefer.Statistics;

/// <summary>A running sum whose error does not grow with the number of terms.</summary>
/// <remarks>A. Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", ZAMM 54 (1974): Kahan's
/// method, also right when a term is larger than the sum so far.</remarks>
public struct CompensatedSum
{
    private double sum;
    private double lost;

    /// <summary>The sum of what was added.</summary>
    public readonly double Value => double.IsFinite(sum) ? sum + lost : sum;

    /// <summary>Adds a term.</summary>
    public void Add(double term)
    {
        var next = sum + term;
        lost += Math.Abs(sum) >= Math.Abs(term) ? sum - next + term : term - next + sum;
        sum = next;
    }

    /// <summary>The sum of all terms.</summary>
    public static double Of(ReadOnlySpan<double> terms)
    {
        var total = new CompensatedSum();
        foreach (var term in terms)
        {
            total.Add(term);
        }

        return total.Value;
    }

    /// <summary>The standard deviation, with n − 1 in the denominator; null below two terms.</summary>
    public static double? Deviation(ReadOnlySpan<double> terms)
    {
        if (terms.Length < 2)
        {
            return null;
        }

        var (mean, squares) = (Mean(terms), new CompensatedSum());
        foreach (var term in terms)
        {
            squares.Add((term - mean) * (term - mean));
        }

        return Math.Sqrt(squares.Value / (terms.Length - 1));
    }

    /// <summary>The mean; NaN of nothing.</summary>
    public static double Mean(ReadOnlySpan<double> terms) => Of(terms) / terms.Length;
}
