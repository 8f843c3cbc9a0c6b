namespace Prefer.Statistics;

/// <summary>What every correlation asks of its pairs.</summary>
internal static class FinitePairs
{
    /// <exception cref="ArgumentException">The lengths differ, or a number is not finite.</exception>
    public static void Require(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        if (x.Length != y.Length)
        {
            throw new ArgumentException($"Found {x.Length} and {y.Length} numbers, expected as many of each.");
        }
        for (var index = 0; index < x.Length; index++)
        {
            if (!double.IsFinite(x[index]) || !double.IsFinite(y[index]))
            {
                throw new ArgumentException($"Pair {index} is ({x[index]}, {y[index]}), expected finite numbers.");
            }
        }
    }
}
