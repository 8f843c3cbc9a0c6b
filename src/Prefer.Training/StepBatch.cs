using Prefer.Models;
using Prefer.Models.Forest;

namespace Prefer.Training;

/// <summary>A part of an optimizer step that is computed in one pass.</summary>
/// <param name="Items">Its comparisons.</param>
/// <param name="Forest">Their sequences, in order.</param>
/// <param name="Pooled">Where each sequence's pooled token lies in the forest.</param>
internal sealed record MicroBatch(IReadOnlyList<TrainingItem> Items, TokenForest Forest, long[] Pooled);

/// <summary>
/// The comparisons of an optimizer step, split into micro-batches and packed, ready to be computed. Knows nothing of tensors, so that
/// it can be made while the step before is being computed.
/// </summary>
/// <param name="Items">The comparisons, in the order of the data.</param>
/// <param name="Parts">The micro-batches; in which order they are computed is free.</param>
internal sealed record StepBatch(TrainingItem[] Items, IReadOnlyList<MicroBatch> Parts)
{
    /// <summary>Fewer tokens than these may be computed twice for the sake of an even filling.</summary>
    private const int NegligiblePrefix = 8;

    /// <param name="items">The comparisons of the step, none of which is divided.</param>
    /// <param name="model">Says what is shared and pooled.</param>
    /// <param name="tokenBudget">Packed tokens of a micro-batch; a comparison that alone exceeds it is one by itself.</param>
    internal static StepBatch Of(TrainingItem[] items, RewardModel model, int tokenBudget)
    {
        // Those of one prompt stand together by their ids. Where nothing is shared, attention wants like lengths together.
        TrainingItem[] ordered = model.SharesPrefixes
            ? [.. items.OrderBy(item => item, ByIds.Instance)]
            : [.. items.OrderBy(item => item.Sequences.Max(sequence => sequence.Ids.Length))];
        return new StepBatch(items, [.. Split(ordered, model, tokenBudget).Select(part => Pack(ordered[part], model))]);
    }

    /// <summary>
    /// Runs of the ordered items that fit the budget: those that compute the fewest tokens twice, so that a prompt is divided only where it must be, and of these
    /// the ones with the smallest sum of squared free room, which is the fewest parts, filled evenly. As Knuth and Plass (1981) break paragraphs into lines.
    /// </summary>
    private static List<Range> Split(TrainingItem[] ordered, RewardModel model, int tokenBudget)
    {
        var best = new ((int Repeated, double Room) Cost, int Start)?[ordered.Length + 1];
        best[0] = ((0, 0), 0);
        // Tokens that the item at the start adds to the one before it.
        var beside = 0;
        for (var start = 0; start < ordered.Length; start++)
        {
            var (run, cost) = (model.NewBatch(), best[start]!.Value.Cost);
            for (var end = start; end < ordered.Length; end++)
            {
                var added = run.CountNew(ordered[end].Sequences);
                if (end == start && start > 0)
                {
                    cost.Repeated += (added - beside) / NegligiblePrefix;
                }
                else if (end == start + 1)
                {
                    beside = added;
                }
                if (end > start && run.TokenCount + added > tokenBudget)
                {
                    break;
                }
                foreach (var sequence in ordered[end].Sequences)
                {
                    run.Add(sequence, 0);
                }
                var room = (double)tokenBudget - run.TokenCount;
                var found = (cost.Repeated, cost.Room + (room * room));
                if (best[end + 1] is not { } before || found.CompareTo(before.Cost) < 0)
                {
                    best[end + 1] = (found, start);
                }
            }
            if (start == 0 && best[^1] is not null)
            {
                // One part repeats nothing, and more would have more room.
                break;
            }
        }
        var parts = new List<Range>();
        for (var end = ordered.Length; end > 0; end = best[end]!.Value.Start)
        {
            parts.Insert(0, best[end]!.Value.Start..end);
        }
        return parts;
    }

    private static MicroBatch Pack(TrainingItem[] items, RewardModel model)
    {
        var batch = model.NewBatch();
        foreach (var sequence in items.SelectMany(item => item.Sequences))
        {
            batch.Add(sequence, model.PooledPosition(sequence.Ids.AsSpan()));
        }
        var (forest, pooled) = batch.Build();
        return new MicroBatch(items, forest, pooled);
    }

    private sealed class ByIds : IComparer<TrainingItem>
    {
        internal static readonly ByIds Instance = new();

        public int Compare(TrainingItem? first, TrainingItem? second) =>
            first!.Sequences[0].Ids.AsSpan().SequenceCompareTo(second!.Sequences[0].Ids.AsSpan());
    }
}
