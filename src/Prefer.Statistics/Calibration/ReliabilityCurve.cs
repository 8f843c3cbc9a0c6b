using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Prefer.Statistics;

/// <summary>Forecasts of like probability, and what came of them.</summary>
/// <param name="Low">Lower edge; of bins of equal mass the smallest probability in it.</param>
/// <param name="High">Upper edge, outside but for the last bin; of bins of equal mass the largest probability in it.</param>
/// <param name="Count">Forecasts, at least one.</param>
/// <param name="MeanProbability">Their mean.</param>
/// <param name="Outcome">The share of them that came true.</param>
/// <param name="OutcomeCi95">Wilson's interval of that share, which takes forecasts as independent.</param>
public sealed record ReliabilityBin(double Low, double High, int Count, double MeanProbability, double Outcome, Interval OutcomeCi95);

/// <summary>What came of forecasts, in bins by their probability. Bins without a forecast are left out.</summary>
/// <param name="Bins">From the lowest probability upwards.</param>
public sealed record ReliabilityCurve(ImmutableArray<ReliabilityBin> Bins)
{
    /// <summary>
    /// The expected calibration error, in [0, 1]: Σ of bin count / all · |outcome − mean probability|. It grows with the number of bins and shrinks with that of forecasts, also for
    /// forecasts that are right, so that it compares only forecasts of the same items in the same bins.
    /// </summary>
    /// <remarks>M. P. Naeini, G. F. Cooper, M. Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning", AAAI (2015).</remarks>
    public double CalibrationError
    {
        get
        {
            var sum = new CompensatedSum();
            foreach (var bin in Bins)
            {
                sum.Add(bin.Count * Math.Abs(bin.Outcome - bin.MeanProbability));
            }

            return sum.Value / Bins.Sum(bin => (long)bin.Count);
        }
    }

    /// <summary>Bins of equal width.</summary>
    /// <param name="probabilities">From <paramref name="low"/> to 1, at least one.</param>
    /// <param name="outcomes">One a forecast, in [0, 1]: 1 came true, 0 did not, between them how probably it did.</param>
    /// <param name="binCount">Bins from <paramref name="low"/> to 1; a probability on an edge belongs to the upper bin.</param>
    /// <param name="low">The lowest probability there can be.</param>
    public static ReliabilityCurve EqualWidth(ReadOnlySpan<double> probabilities, ReadOnlySpan<double> outcomes, int binCount, double low = 0)
    {
        Check(probabilities, outcomes, binCount, low);
        var members = new List<int>[binCount];
        for (var index = 0; index < probabilities.Length; index++)
        {
            var bin = Math.Clamp((int)((probabilities[index] - low) / (1 - low) * binCount), 0, binCount - 1);
            bin -= bin > 0 && probabilities[index] < Edge(bin) ? 1 : 0;
            bin += bin < binCount - 1 && probabilities[index] >= Edge(bin + 1) ? 1 : 0;
            (members[bin] ??= []).Add(index);
        }

        var bins = ImmutableArray.CreateBuilder<ReliabilityBin>();
        for (var bin = 0; bin < binCount; bin++)
        {
            if (members[bin] is { } inside)
            {
                bins.Add(Bin(Edge(bin), Edge(bin + 1), CollectionsMarshal.AsSpan(inside), probabilities, outcomes));
            }
        }

        return new ReliabilityCurve(bins.ToImmutable());

        double Edge(int bin) => bin == binCount ? 1 : low + ((1 - low) * bin / binCount);
    }

    /// <summary>Bins of equal mass, as nearly as equal probabilities allow, which stay together: where n forecasts are put in order, the one before which m are lower goes into bin ⌊m · bins / n⌋.</summary>
    /// <param name="probabilities">From 0 to 1, at least one.</param>
    /// <param name="outcomes">One a forecast, in [0, 1], as for <see cref="EqualWidth"/>.</param>
    /// <param name="binCount">Bins, fewer where there are fewer forecasts or many equal ones.</param>
    public static ReliabilityCurve EqualMass(ReadOnlySpan<double> probabilities, ReadOnlySpan<double> outcomes, int binCount)
    {
        Check(probabilities, outcomes, binCount, 0);
        var sorted = probabilities.ToArray();
        int[] order = [.. Enumerable.Range(0, sorted.Length)];
        Array.Sort(sorted, order);
        var bins = ImmutableArray.CreateBuilder<ReliabilityBin>();
        var (start, lower) = (0, 0);
        for (var place = 1; place <= sorted.Length; place++)
        {
            var before = (long)lower * binCount / sorted.Length;
            lower = place < sorted.Length && sorted[place] == sorted[place - 1] ? lower : place;
            if ((long)lower * binCount / sorted.Length != before)
            {
                bins.Add(Bin(sorted[start], sorted[place - 1], order.AsSpan(start, place - start), probabilities, outcomes));
                start = place;
            }
        }

        return new ReliabilityCurve(bins.ToImmutable());
    }

    /// <summary>Which bin a probability of the curve's forecasts is in.</summary>
    internal int BinOf(double probability)
    {
        var (low, high) = (0, Bins.Length - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = Bins[middle].Low <= probability ? (middle, high) : (low, middle - 1);
        }

        return low;
    }

    private static ReliabilityBin Bin(double low, double high, ReadOnlySpan<int> inside, ReadOnlySpan<double> probabilities, ReadOnlySpan<double> outcomes)
    {
        var (probability, outcome) = (new CompensatedSum(), new CompensatedSum());
        foreach (var index in inside)
        {
            probability.Add(probabilities[index]);
            outcome.Add(outcomes[index]);
        }

        var count = inside.Length;
        return new ReliabilityBin(low, high, count, probability.Value / count, outcome.Value / count, Proportion.Wilson(Math.Clamp(outcome.Value, 0, count), count));
    }

    private static void Check(ReadOnlySpan<double> probabilities, ReadOnlySpan<double> outcomes, int binCount, double low)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(binCount);
        if (probabilities.Length == 0 || probabilities.Length != outcomes.Length)
        {
            throw new ArgumentException($"Found {probabilities.Length} probabilities and {outcomes.Length} outcomes, expected as many of each, and one at least.");
        }

        for (var index = 0; index < probabilities.Length; index++)
        {
            // Written so that NaN is refused.
            if (!(probabilities[index] >= low && probabilities[index] <= 1 && outcomes[index] >= 0 && outcomes[index] <= 1))
            {
                throw new ArgumentException($"Forecast {index} is {probabilities[index]} with the outcome {outcomes[index]}, expected a probability from {low} to 1 and an outcome from 0 to 1.");
            }
        }
    }
}
