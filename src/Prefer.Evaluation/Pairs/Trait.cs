using Prefer.Statistics;

namespace Prefer.Evaluation;

/// <summary>One of the <see cref="ResponseTraits"/>, and how a difference in it enters a fit.</summary>
internal sealed class Trait
{
    private readonly Func<ResponseTraits, int> count;
    private readonly bool isLength;

    private Trait(Func<ResponseTraits, int> count, bool isLength = false) => (this.count, this.isLength) = (count, isLength);

    public static Trait Length { get; } = new(traits => traits.Length, isLength: true);

    public static Trait Headers { get; } = new(traits => traits.Headers);

    public static Trait ListItems { get; } = new(traits => traits.ListItems);

    public static Trait Bolds { get; } = new(traits => traits.Bolds);

    /// <summary>How much more of it the chosen response has.</summary>
    public int Difference(ScoredPair pair) => count(pair.Chosen) - count(pair.Rejected);

    /// <summary>
    /// How much more, one term a pair, which changes sign with the sides: of length tanh(Δ/s), s the root of the mean squared Δ; of a mark (a − b)/(a + b + 1) over the root of its mean
    /// square. Null where no pair differs.
    /// </summary>
    public double[]? Amounts(IReadOnlyList<ScoredPair> pairs)
    {
        double[] differences = [.. pairs.Select(pair => isLength ? Difference(pair) : Difference(pair) / (count(pair.Chosen) + count(pair.Rejected) + 1.0))];
        var scale = Math.Sqrt(CompensatedSum.Mean([.. differences.Select(difference => difference * difference)]));
        return scale > 0 ? [.. differences.Select(difference => isLength ? Math.Tanh(difference / scale) : difference / scale)] : null;
    }
}
