using Prefer.Data;
using Prefer.Models;

namespace Prefer.Evaluation;

/// <summary>A reward model as a scorer. It packs the rows that come in into passes and never holds more than one pass of them.</summary>
/// <param name="model">Stays the caller's to dispose of.</param>
public sealed class ModelScorer(RewardModel model) : IScorer
{
    /// <inheritdoc/>
    public double EqualRewardsCredit => 0;

    /// <inheritdoc/>
    public IEnumerable<ScoredRow<T>> Score<T>(IEnumerable<T> rows, Func<T, IReadOnlyList<Candidate>> responses, ICollection<BadRow>? skipped)
    {
        // The model reads ahead until a pass is full; what it has read and not yet rewarded waits here.
        var waiting = new Queue<(T Row, IReadOnlyList<Candidate> Candidates, EncodedSequence[] Sequences)>();

        IEnumerable<EncodedSequence> Sequences()
        {
            foreach (var row in rows)
            {
                var candidates = responses(row);
                if (Encode(candidates, skipped) is not { } sequences)
                {
                    continue;
                }
                waiting.Enqueue((row, candidates, sequences));
                foreach (var sequence in sequences)
                {
                    yield return sequence;
                }
            }
        }

        var scored = new List<ScoredResponse>();
        foreach (var reward in model.Score(Sequences()))
        {
            var (row, candidates, sequences) = waiting.Peek();
            if (!double.IsFinite(reward))
            {
                throw new ModelException($"{Place(candidates[scored.Count])}the reward of response {scored.Count + 1} of {candidates.Count} is {reward}, not a finite number. The model's weights are damaged, or they overflow in this precision.");
            }
            scored.Add(new ScoredResponse(reward, sequences[scored.Count]));
            if (scored.Count == sequences.Length)
            {
                waiting.Dequeue();
                yield return new ScoredRow<T>(row, [.. scored]);
                scored.Clear();
            }
        }
    }

    private EncodedSequence[]? Encode(IReadOnlyList<Candidate> candidates, ICollection<BadRow>? skipped)
    {
        try
        {
            return [.. candidates.Select(candidate => model.Encode(candidate.Prompt, candidate.Response, candidate.Origin))];
        }
        catch (DataException unreadable) when (skipped is not null && candidates[0].Origin is { } origin)
        {
            // The message begins with the place, which a bad row states itself.
            var place = $"{origin}: ";
            skipped.Add(new BadRow(origin, unreadable.Message.StartsWith(place, StringComparison.Ordinal) ? unreadable.Message[place.Length..] : unreadable.Message));
            return null;
        }
    }

    private static string Place(Candidate candidate) => candidate.Origin is null ? "" : $"{candidate.Origin}: ";
}
