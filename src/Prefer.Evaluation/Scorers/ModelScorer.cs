using Prefer.Data;
using Prefer.Models;

namespace Prefer.Evaluation;

/// <summary>
/// A reward model as a scorer. Rows are read and encoded by another thread, ahead of the model, which holds a window of some thousand tokens of them.
/// </summary>
/// <param name="model">Stays the caller's to dispose of.</param>
/// <param name="options">How the source is treated; as a file when null.</param>
public sealed class ModelScorer(RewardModel model, ScoringOptions? options = null) : IScorer
{
    /// <inheritdoc/>
    public double EqualRewardsCredit => 0;

    /// <inheritdoc/>
    public bool IsLogOdds => true;

    /// <inheritdoc/>
    public IEnumerable<ScoredRow<T>> Score<T>(IEnumerable<T> rows, Func<T, IReadOnlyList<Candidate>> responses, ICollection<BadRow>? skipped)
    {
        var encoded = rows.Select(row => Encode(row, responses(row), isSkipping: skipped is not null));
        foreach (var (row, rewards, endsWindow) in model.Score(encoded, row => row.Sequences, options))
        {
            if (row.Unreadable is { } unreadable)
            {
                skipped!.Add(unreadable);
                continue;
            }
            for (var index = 0; index < rewards.Length; index++)
            {
                if (!double.IsFinite(rewards[index]))
                {
                    throw new ModelException($"{Place(row.Candidates[index])}the reward of response {index + 1} of {rewards.Length} is {rewards[index]}, not a finite number. The model's weights are damaged, or they overflow in this precision.");
                }
            }
            yield return new ScoredRow<T>(row.Row, [.. rewards.Zip(row.Sequences, (reward, sequence) => new ScoredResponse(reward, sequence))]) { EndsWindow = endsWindow };
        }
    }

    private EncodedRow<T> Encode<T>(T row, IReadOnlyList<Candidate> candidates, bool isSkipping)
    {
        try
        {
            return new EncodedRow<T>(row, candidates, [.. candidates.Select(candidate => model.Encode(candidate.Prompt, candidate.Response, candidate.Origin))], null);
        }
        catch (DataException unreadable) when (isSkipping && candidates[0].Origin is { } origin)
        {
            // The message begins with the place, which a bad row states itself.
            var place = $"{origin}: ";
            return new EncodedRow<T>(row, candidates, [], new BadRow(origin, unreadable.Message.StartsWith(place, StringComparison.Ordinal) ? unreadable.Message[place.Length..] : unreadable.Message));
        }
    }

    private static string Place(Candidate candidate) => candidate.Origin is null ? "" : $"{candidate.Origin}: ";

    private sealed record EncodedRow<T>(T Row, IReadOnlyList<Candidate> Candidates, EncodedSequence[] Sequences, BadRow? Unreadable);
}
