using System.Collections.Immutable;
using Prefer.Statistics;

namespace Prefer.Evaluation;

/// <summary>Pairs whose responses differ in length by about as much, and how their rewards differ.</summary>
public sealed record RewardByLengthBin
{
    /// <summary>How many they are.</summary>
    public required int Pairs { get; init; }

    /// <summary>The smallest difference of lengths, chosen − rejected, in characters.</summary>
    public required int Low { get; init; }

    /// <summary>The largest.</summary>
    public required int High { get; init; }

    /// <summary>Their mean difference of lengths.</summary>
    public required double MeanLengthDifference { get; init; }

    /// <summary>Their mean difference of rewards, chosen − rejected.</summary>
    public required double Margin { get; init; }

    /// <summary>Its interval, clustered by prompt; null with a single prompt.</summary>
    public required Interval? MarginCi95ByPrompt { get; init; }
}

/// <summary>How the difference of rewards goes with the difference of lengths: flat for a scorer that does not look at length, rising for one that likes long responses.</summary>
public static class RewardByLength
{
    private const int BinCount = 10;

    /// <summary>
    /// Bins of equal mass, as nearly as equal differences allow, which stay together: of n pairs one before which m are lower goes into bin ⌊10 m / n⌋. Ties are left out; none of no pairs.
    /// </summary>
    public static ImmutableArray<RewardByLengthBin> Of(IReadOnlyList<ScoredPair> pairs)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        (int Length, ScoredPair Pair)[] sorted = [.. pairs.Where(pair => !pair.IsTie).Select(pair => (Length: pair.Chosen.Length - pair.Rejected.Length, pair)).OrderBy(entry => entry.Length)];
        var lower = 0L;
        var bins = new SortedDictionary<long, List<(int Length, ScoredPair Pair)>>();
        for (var place = 0; place < sorted.Length; place++)
        {
            lower = place > 0 && sorted[place].Length == sorted[place - 1].Length ? lower : place;
            var bin = lower * BinCount / sorted.Length;
            if (!bins.TryGetValue(bin, out var members))
            {
                bins[bin] = members = [];
            }
            members.Add(sorted[place]);
        }
        return [.. bins.Values.Select(Bin)];
    }

    private static RewardByLengthBin Bin(List<(int Length, ScoredPair Pair)> members)
    {
        var margin = ClusteredMean.Of([.. members.Select(member => member.Pair.Difference)], [.. members.Select(member => member.Pair.Prompt)]);
        return new RewardByLengthBin
        {
            Pairs = members.Count,
            Low = members[0].Length,
            High = members[^1].Length,
            MeanLengthDifference = CompensatedSum.Mean([.. members.Select(member => (double)member.Length)]),
            Margin = margin.Mean,
            MarginCi95ByPrompt = margin.ClusterCount > 1 ? margin.Interval : null,
        };
    }
}
