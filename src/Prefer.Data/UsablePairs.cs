using System.Collections.Immutable;

namespace Prefer.Data;

/// <summary>The comparisons that teach something, and how many did not.</summary>
/// <param name="Pairs">The usable ones, in order.</param>
/// <param name="EmptySideCount">Left out because a response is empty.</param>
/// <param name="IdenticalCount">Left out because both responses are the same; pairs of two empty sides are counted as empty.</param>
public sealed record UsablePairs(ImmutableArray<Comparison> Pairs, int EmptySideCount, int IdenticalCount)
{
    /// <summary>Sorts all comparisons; ties stay, since they train as soft labels.</summary>
    public static UsablePairs Of(IEnumerable<Comparison> comparisons)
    {
        var pairs = ImmutableArray.CreateBuilder<Comparison>();
        int empty = 0;
        int identical = 0;
        foreach (Comparison comparison in comparisons)
        {
            if (comparison.HasEmptySide)
            {
                empty++;
            }
            else if (comparison.IsIdentical)
            {
                identical++;
            }
            else
            {
                pairs.Add(comparison);
            }
        }

        return new UsablePairs(pairs.DrainToImmutable(), empty, identical);
    }
}
