using System.Collections.Immutable;

namespace Prefer.Data;

/// <summary>Which repeats are left out.</summary>
public enum DuplicateMatch
{
    /// <summary>Those that repeat an earlier comparison but for case, white space and punctuation.</summary>
    Normalised,

    /// <summary>Those that repeat it to the letter.</summary>
    Exact,
}

/// <summary>What becomes of comparisons that contradict each other.</summary>
public enum OnContradiction
{
    /// <summary>One of each label stays: people disagree, and a model may learn how much.</summary>
    Keep,

    /// <summary>All of them are left out.</summary>
    Drop,
}

/// <summary>What is left out.</summary>
public sealed record DeduplicationOptions
{
    /// <summary>Which repeats go; the first of them always stays.</summary>
    public DuplicateMatch Match { get; init; } = DuplicateMatch.Normalised;

    /// <summary>Whether comparisons that contradict each other stay.</summary>
    public OnContradiction OnContradiction { get; init; } = OnContradiction.Keep;

    /// <summary>Whether comparisons with an empty side or two identical ones stay, which training leaves out anyway.</summary>
    public bool KeepUnusable { get; init; }
}

/// <summary>A comparison that has come before.</summary>
/// <param name="First">The earlier one.</param>
/// <param name="Again">The repeat.</param>
public sealed record Repeat(Comparison First, Comparison Again);

/// <summary>The same pair with differing labels.</summary>
/// <param name="Comparisons">All of them, in order.</param>
/// <param name="IsBothWays">True when each response was preferred once; false when a tie or another probability stands beside a preference.</param>
public sealed record Contradiction(ImmutableArray<Comparison> Comparisons, bool IsBothWays);

/// <summary>
/// What repeats and what contradicts in a list of comparisons. A pair is its prompt and its two responses in either order; labels are P(one of them is preferred).
/// Margins, weights, subsets, ids and unused fields are not compared. Each figure counts by itself: a repeat with an empty side is in both.
/// </summary>
public sealed record Deduplication
{
    // Labels of rows that were turned round are 1 − (1 − y), which differs from y in the last bit.
    private const int LabelDigits = 9;

    /// <summary>What is left, in order.</summary>
    public required ImmutableArray<Comparison> Kept { get; init; }

    /// <summary>How many are not.</summary>
    public required int LeftOutCount { get; init; }

    /// <summary>Same pair to the letter, same label, as an earlier one.</summary>
    public required ImmutableArray<Repeat> ExactDuplicates { get; init; }

    /// <summary>Same pair and label as an earlier one but for case, white space and punctuation.</summary>
    public required ImmutableArray<Repeat> NormalisedDuplicates { get; init; }

    /// <summary>Pairs, normalised, with more than one label; those that teach nothing are in none.</summary>
    public required ImmutableArray<Contradiction> Contradictions { get; init; }

    /// <summary>Comparisons of two equal responses that are not empty.</summary>
    public required ImmutableArray<Comparison> Identical { get; init; }

    /// <summary>Comparisons with an empty response.</summary>
    public required ImmutableArray<Comparison> EmptySides { get; init; }

    /// <summary>Looks at all comparisons.</summary>
    public static Deduplication Of(IEnumerable<Comparison> comparisons, DeduplicationOptions? options = null)
    {
        options ??= new DeduplicationOptions();
        var entries = new List<Entry>();
        var groups = new Dictionary<UInt128, List<Entry>>();
        var order = new List<List<Entry>>();
        var exact = ImmutableArray.CreateBuilder<Repeat>();
        var normalised = ImmutableArray.CreateBuilder<Repeat>();
        foreach (Comparison comparison in comparisons)
        {
            PairKey folded = PairKey.Folded(comparison);
            double label = Math.Round(folded.IsTurned ? 1 - comparison.Label : comparison.Label, LabelDigits);
            var entry = new Entry(comparison, PairKey.Exact(comparison).Value, label);
            if (!groups.TryGetValue(folded.Value, out List<Entry>? group))
            {
                groups[folded.Value] = group = [];
                order.Add(group);
            }

            Entry? same = group.Find(earlier => earlier.Label == label && earlier.Exact == entry.Exact);
            Entry? like = same ?? group.Find(earlier => earlier.Label == label);
            if (like is not null)
            {
                (same is not null ? exact : normalised).Add(new Repeat(like.Comparison, comparison));
            }

            entry.IsLeftOut = options.Match == DuplicateMatch.Exact ? same is not null : like is not null;
            group.Add(entry);
            entries.Add(entry);
        }

        ImmutableArray<Contradiction> contradictions = [.. order.Select(Contradiction).OfType<Contradiction>()];
        if (options.OnContradiction == OnContradiction.Drop)
        {
            var contradicting = new HashSet<Comparison>(contradictions.SelectMany(found => found.Comparisons), ReferenceEqualityComparer.Instance);
            entries.ForEach(entry => entry.IsLeftOut |= contradicting.Contains(entry.Comparison));
        }

        ImmutableArray<Comparison> kept = [.. entries.Where(entry => !entry.IsLeftOut && (options.KeepUnusable || !entry.Comparison.TeachesNothing)).Select(entry => entry.Comparison)];
        return new Deduplication
        {
            Kept = kept,
            LeftOutCount = entries.Count - kept.Length,
            ExactDuplicates = exact.DrainToImmutable(),
            NormalisedDuplicates = normalised.DrainToImmutable(),
            Contradictions = contradictions,
            Identical = [.. entries.Select(entry => entry.Comparison).Where(comparison => comparison.IsIdentical && !comparison.HasEmptySide)],
            EmptySides = [.. entries.Select(entry => entry.Comparison).Where(comparison => comparison.HasEmptySide)],
        };
    }

    private static Contradiction? Contradiction(List<Entry> group)
    {
        // Of two equal responses neither can be preferred, whatever the label says.
        Entry[] usable = [.. group.Where(entry => !entry.Comparison.TeachesNothing)];
        return usable.Select(entry => entry.Label).Distinct().Count() < 2 ? null : new Contradiction(
            [.. usable.Select(entry => entry.Comparison)],
            usable.Any(entry => entry.Label > 0.5) && usable.Any(entry => entry.Label < 0.5));
    }

    private sealed record Entry(Comparison Comparison, UInt128 Exact, double Label)
    {
        public bool IsLeftOut { get; set; }
    }
}
