using System.Collections.Immutable;
using Prefer.Data;
using Prefer.Torch;

namespace Prefer.Models;

/// <summary>How scoring treats its source.</summary>
public sealed record ScoringOptions
{
    /// <summary>
    /// How long the first item of a window waits for others, where the source may be slow: a pipe that a person or a program writes to now and then. Null waits until a
    /// window is full or the source ends, so that the same source always gives the same windows, and rewards that are the same to the last bit.
    /// </summary>
    public TimeSpan? Patience { get; init; }

    /// <summary>Ends the scoring before the next pass, with an <see cref="OperationCanceledException"/>.</summary>
    public CancellationToken Stop { get; init; }
}

/// <summary>An item and the rewards of its sequences, in their order.</summary>
/// <param name="Item">As the source gave it.</param>
/// <param name="Rewards">One a sequence.</param>
/// <param name="EndsWindow">
/// True when nothing that was read before it is still to come: scoring that begins behind it gives the items after it the same rewards.
/// </param>
public sealed record Rewarded<T>(T Item, ImmutableArray<double> Rewards, bool EndsWindow);

public sealed partial class RewardModel
{
    /// <summary>Packed tokens of one scoring pass.</summary>
    private const int ScoringTokenBudget = 4096;

    /// <summary>Tokens that are read before the first of them is scored, so that sequences that begin alike meet in one pass.</summary>
    private const int WindowTokens = 4 * ScoringTokenBudget;

    /// <summary>Rewards of rows, in their order. Rows are read and encoded ahead, by another thread.</summary>
    /// <exception cref="DataException">A row cannot be encoded, or its ids do not fit the model.</exception>
    public IEnumerable<double> Score(IEnumerable<Candidate> candidates) =>
        Score(candidates.Select(candidate => Encode(candidate.Prompt, candidate.Response, candidate.Origin)));

    /// <summary>The reward of one text answer to a one-turn prompt.</summary>
    public double Score(string prompt, string response) => Rewards([Encode([new Message("user", prompt)], Response.FromText(response))]).Single();

    /// <summary>Rewards of encoded sequences, in their order. They are read ahead, by another thread.</summary>
    public IEnumerable<double> Score(IEnumerable<EncodedSequence> sequences) => Score(sequences, sequence => [sequence]).Select(rewarded => rewarded.Rewards[0]);

    /// <summary>
    /// Rewards of items of any number of sequences, in their order; an item of none comes back in its place. Items are read ahead, by another thread:
    /// a window of some thousand tokens is sorted, so that sequences that begin alike are computed together, and given back in order.
    /// </summary>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public IEnumerable<Rewarded<T>> Score<T>(IEnumerable<T> items, Func<T, IReadOnlyList<EncodedSequence>> sequencesOf, ScoringOptions? options = null)
    {
        var encoded = items.Select(item => (Item: item, Sequences: sequencesOf(item)));
        using var ahead = new LookAhead<(T Item, IReadOnlyList<EncodedSequence> Sequences)>(
            encoded, entry => Math.Max(1, entry.Sequences.Sum(sequence => sequence.Ids.Length)), WindowTokens, options?.Patience, options?.Stop ?? default);
        while (ahead.TakeWindow() is { Count: > 0 } window)
        {
            var rewards = Rewards([.. window.SelectMany(entry => entry.Sequences)], options?.Stop ?? default);
            var next = 0;
            foreach (var (index, (item, sequences)) in window.Index())
            {
                yield return new Rewarded<T>(item, ImmutableArray.Create(rewards, next, sequences.Count), index == window.Count - 1);
                next += sequences.Count;
            }
        }
    }

    /// <summary>The best of several text answers to a one-turn prompt, which is computed once for all of them.</summary>
    /// <exception cref="DataException">One cannot be encoded.</exception>
    public BestResponse BestOf(string prompt, IReadOnlyList<string> responses) =>
        BestOf([new Message("user", prompt)], [.. responses.Select(Response.FromText)]);

    /// <summary>The best of several responses to a conversation, which is computed once for all of them.</summary>
    /// <exception cref="DataException">One cannot be encoded.</exception>
    public BestResponse BestOf(ImmutableArray<Message> prompt, IReadOnlyList<Response> responses) =>
        BestResponse.Of([.. Rewards([.. responses.Select(response => Encode(prompt, response))])]);

    /// <summary>
    /// The passes in which sequences are computed: a causal model's in the order of their ids, so that equal beginnings meet; an encoder's, which shares
    /// nothing, by length, so that spans of like length do. A pass is filled up to the token budget, and on to twice of it by sequences that share most of their
    /// tokens with it, which a new pass would compute again.
    /// </summary>
    /// <returns>Each with the indices of its sequences; of equal sequences only the first stands in a pass.</returns>
    internal IEnumerable<(RewardBatch Batch, List<int> Indices)> Passes(EncodedSequence[] sequences) => Passes(sequences, Order(sequences));

    private IEnumerable<(RewardBatch Batch, List<int> Indices)> Passes(EncodedSequence[] sequences, int[] order)
    {
        var batch = NewBatch();
        var indices = new List<int>();
        for (var place = 0; place < order.Length; place++)
        {
            if (IsRepeated(sequences, order, place))
            {
                continue;
            }
            var sequence = sequences[order[place]];
            var added = batch.CountNew(sequence);
            var limit = 2 * added < sequence.Ids.Length ? 2 * ScoringTokenBudget : ScoringTokenBudget;
            if (indices.Count > 0 && batch.TokenCount + added > limit)
            {
                yield return (batch, indices);
                (batch, indices) = (NewBatch(), []);
            }
            batch.Add(sequence, PooledPosition(sequence.Ids.AsSpan()));
            indices.Add(order[place]);
        }
        if (indices.Count > 0)
        {
            yield return (batch, indices);
        }
    }

    /// <summary>Whether a sequence is the same as the one before it in the order. It gets that one's reward, which another place in a pass would round differently.</summary>
    private static bool IsRepeated(EncodedSequence[] sequences, int[] order, int place) => place > 0 && sequences[order[place]].SameAs(sequences[order[place - 1]]);

    private int[] Order(EncodedSequence[] sequences)
    {
        int[] order = [.. Enumerable.Range(0, sequences.Length)];
        int[] groups = [.. sequences.Select(sequence => family.IsCausal ? Network.FrequencyGroup(sequence.Ids.Length) : sequence.Ids.Length)];
        Array.Sort(order, (first, second) =>
        {
            var (one, other) = (sequences[first], sequences[second]);
            var compared = groups[first].CompareTo(groups[second]);
            compared = compared != 0 ? compared : one.Ids.AsSpan().SequenceCompareTo(other.Ids.AsSpan());
            compared = compared != 0 ? compared : one.TokenTypes.AsSpan().SequenceCompareTo(other.TokenTypes.AsSpan());
            return compared != 0 ? compared : first.CompareTo(second);
        });
        return order;
    }

    private double[] Rewards(EncodedSequence[] sequences, CancellationToken stop = default)
    {
        var rewards = new double[sequences.Length];
        var order = Order(sequences);
        foreach (var (batch, indices) in Passes(sequences, order))
        {
            stop.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            using var noGrad = TorchRuntime.NoGrad();
            var values = Forward(batch).To(DType.Float64).ToArray<double>();
            foreach (var (place, index) in indices.Index())
            {
                rewards[index] = values[place];
            }
        }
        for (var place = 1; place < order.Length; place++)
        {
            if (IsRepeated(sequences, order, place))
            {
                rewards[order[place]] = rewards[order[place - 1]];
            }
        }
        return rewards;
    }
}
