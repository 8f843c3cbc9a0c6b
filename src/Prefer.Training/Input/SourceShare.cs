using System.Collections.Immutable;
using Prefer.Data;

namespace Prefer.Training;

/// <summary>A source of a mixture and its part in an epoch.</summary>
/// <param name="Data">The path or glob.</param>
/// <param name="Weight">Its weight, above 0.</param>
/// <param name="Comparisons">Comparisons it has.</param>
/// <param name="PerEpoch">Comparisons that an epoch draws from it.</param>
public sealed record SourceShare(string Data, double Weight, int Comparisons, int PerEpoch)
{
    /// <summary>
    /// Shares of an epoch as long as all sources together, N comparisons: N·w/Σw of each, rounded down, and what is left one by one
    /// to the largest remainders (Hamilton's method), the earlier source first.
    /// </summary>
    /// <param name="sources">Path and weight of each; empty for none.</param>
    /// <param name="sizes">Comparisons of each.</param>
    /// <exception cref="DataException">A source is empty, or its weight is too small for a single comparison.</exception>
    internal static ImmutableArray<SourceShare> Of(ImmutableArray<WeightedFiles> sources, IReadOnlyList<int> sizes)
    {
        if (sources.IsEmpty)
        {
            return [];
        }
        var total = sizes.Sum();
        var weightSum = sources.Sum(source => source.Weight!.Value);
        double[] exact = [.. sources.Select(source => total * (source.Weight!.Value / weightSum))];
        int[] counts = [.. exact.Select(share => (int)Math.Floor(share))];
        foreach (var index in Enumerable.Range(0, counts.Length).OrderByDescending(index => exact[index] - counts[index]).ThenBy(index => index).Take(total - counts.Sum()))
        {
            counts[index]++;
        }
        for (var index = 0; index < counts.Length; index++)
        {
            if (sizes[index] == 0)
            {
                throw new DataException($"{sources[index].Pattern}: no comparison in it teaches anything; every source of a mixture needs one. Leave the source out.");
            }
            if (counts[index] == 0)
            {
                throw new DataException(string.Create(System.Globalization.CultureInfo.InvariantCulture,
                    $"{sources[index].Pattern}: its weight {sources[index].Weight} gives it none of the {total} comparisons of an epoch. Give it more weight, or leave the source out."));
            }
        }
        return [.. sources.Select((source, index) => new SourceShare(source.Pattern, source.Weight!.Value, sizes[index], counts[index]))];
    }
}
