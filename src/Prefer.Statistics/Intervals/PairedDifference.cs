namespace Prefer.Statistics;

/// <summary>Whether one scorer is better than another on the same items.</summary>
/// <param name="Difference">Mean of first − second with its clustered interval; for accuracies, the difference of the two.</param>
/// <param name="FirstBetterCount">Items on which the first is better.</param>
/// <param name="SecondBetterCount">Items on which the second is better.</param>
/// <param name="SignTestP">Two-sided p of <see cref="SignTest"/>, which takes items as independent.</param>
public sealed record PairedDifference(ClusteredMean Difference, int FirstBetterCount, int SecondBetterCount, double SignTestP)
{
    /// <summary>Compares two scorers item by item, which takes out what makes an item hard for both.</summary>
    /// <param name="first">One value an item: 1 right, 0 wrong, ½ where a tie counts half.</param>
    /// <param name="second">The other scorer's values of the same items in the same order.</param>
    /// <param name="clusters">One label an item: its prompt.</param>
    /// <param name="confidence">Coverage of the interval, between 0 and 1.</param>
    public static PairedDifference Of(ReadOnlySpan<double> first, ReadOnlySpan<double> second, ReadOnlySpan<int> clusters, double confidence = 0.95)
    {
        if (first.Length != second.Length)
        {
            throw new ArgumentException($"Found {first.Length} and {second.Length} values, expected two for each item.");
        }

        var differences = new double[first.Length];
        var (firstBetter, secondBetter) = (0, 0);
        for (var index = 0; index < differences.Length; index++)
        {
            differences[index] = first[index] - second[index];
            firstBetter += differences[index] > 0 ? 1 : 0;
            secondBetter += differences[index] < 0 ? 1 : 0;
        }

        return new PairedDifference(ClusteredMean.Of(differences, clusters, confidence), firstBetter, secondBetter, SignTest(firstBetter, secondBetter));
    }

    /// <summary>
    /// Two-sided p of the exact sign test on the items that differ; for right and wrong this is McNemar's exact test (Q. McNemar,
    /// Psychometrika 12, 1947): twice the smaller tail of a binomial distribution with probability one half, at most 1.
    /// </summary>
    public static double SignTest(int firstBetter, int secondBetter) => Math.Min(1, 2 * SmallerTail(firstBetter, secondBetter).Tail);

    /// <summary>
    /// The same with half of the probability of what was found left out of the tail (mid-p), and so at most 1 by itself: less cautious than the exact test, whose error rate lies well below its level where few items differ.
    /// </summary>
    /// <remarks>M. W. Fagerland, S. Lydersen, P. Laake, BMC Medical Research Methodology 13:91 (2013), who recommend it for McNemar's test.</remarks>
    public static double SignTestMidP(int firstBetter, int secondBetter)
    {
        var (tail, last) = SmallerTail(firstBetter, secondBetter);
        return firstBetter == secondBetter ? 1 : (2 * tail) - last;
    }

    /// <summary>P(X ≤ the smaller count) for X binomial with probability one half, and P(X = it).</summary>
    private static (double Tail, double Last) SmallerTail(int firstBetter, int secondBetter)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstBetter);
        ArgumentOutOfRangeException.ThrowIfNegative(secondBetter);
        var (fewer, all) = (Math.Min(firstBetter, secondBetter), firstBetter + secondBetter);

        // From the largest term down: each is k / (n − k + 1) of the one before.
        var last = Math.Exp(Gamma.Log(all + 1.0) - Gamma.Log(fewer + 1.0) - Gamma.Log(all - fewer + 1.0) - all * Math.Log(2));
        var (term, tail) = (last, 0.0);
        for (var k = fewer; k >= 0; k--)
        {
            tail += term;
            term *= k / (all - k + 1.0);
        }

        return (tail, last);
    }
}
