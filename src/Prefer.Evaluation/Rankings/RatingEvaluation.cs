using Prefer.Data;

namespace Prefer.Evaluation;

/// <summary>How well a scorer's rewards agree with ratings, and what it took.</summary>
public sealed record RatingResult
{
    /// <summary>By the name of the dimension, in ordinal order; <c>score</c> is that of rows that name none.</summary>
    public required IReadOnlyDictionary<string, DimensionMetrics> Dimensions { get; init; }

    /// <summary>Ratings of a response without a character that is not white space; not scored.</summary>
    public required long Empty { get; init; }

    /// <summary>Rows left out because they could not be read.</summary>
    public required long BadRows { get; init; }

    /// <summary>Time of reading, encoding and scoring; the model was loaded before.</summary>
    public required double Seconds { get; init; }
}

/// <summary>Measures a scorer on ratings.</summary>
public static class RatingEvaluation
{
    private const string Unnamed = "score";

    /// <summary>Scores every response once and computes what docs/metrics.md defines.</summary>
    /// <param name="ratings">Read as they are needed. Those of one response in several dimensions follow one another, as <see cref="DataSource.RatingsByDimension"/> gives them.</param>
    /// <param name="scorer">What is measured.</param>
    /// <param name="skipped">Takes rows that the scorer cannot read, and may hold rows that were left out already; null to stop at the first.</param>
    /// <param name="clock">Time, for the rate.</param>
    /// <param name="onScored">Called with the number of responses behind us.</param>
    /// <exception cref="DataException">Nothing can be scored, or a row cannot be read.</exception>
    /// <exception cref="Models.ModelException">A reward is not finite.</exception>
    public static RatingResult Run(IEnumerable<Rating> ratings, IScorer scorer, ICollection<BadRow>? skipped, TimeProvider clock, Action<long>? onScored = null)
    {
        ArgumentNullException.ThrowIfNull(scorer);
        ArgumentNullException.ThrowIfNull(clock);
        var dimensions = new SortedDictionary<string, List<ScoredRating>>(StringComparer.Ordinal);
        var prompts = new Dictionary<string, int>(StringComparer.Ordinal);
        long done = 0, empty = 0;
        var started = clock.GetTimestamp();
        foreach (var (row, responses) in scorer.Score(ByResponse(ratings), Candidates, skipped))
        {
            onScored?.Invoke(++done);
            if (responses.IsEmpty)
            {
                empty++;
                continue;
            }
            var traits = ResponseTraits.Of(row[0].Response);
            var fingerprint = PromptFingerprint.Of(row[0]);
            if (!prompts.TryGetValue(fingerprint, out var prompt))
            {
                prompts[fingerprint] = prompt = prompts.Count;
            }
            foreach (var rating in row)
            {
                if (!dimensions.TryGetValue(rating.Dimension ?? Unnamed, out var scored))
                {
                    dimensions[rating.Dimension ?? Unnamed] = scored = [];
                }
                scored.Add(new ScoredRating
                {
                    Prompt = prompt, Subset = rating.Subset, Reward = responses[0].Reward, Score = rating.Score, RaterScores = rating.RaterScores, Traits = traits,
                });
            }
        }
        var seconds = clock.GetElapsedTime(started).TotalSeconds;

        if (dimensions.Count == 0)
        {
            var first = skipped?.FirstOrDefault();
            throw new DataException(first is null
                ? "found no rating of a response that is not empty; expected at least one to evaluate on"
                : $"found no rating that can be scored; expected at least one; repair the rows, beginning with {first}");
        }
        return new RatingResult
        {
            Dimensions = new SortedDictionary<string, DimensionMetrics>(dimensions.ToDictionary(dimension => dimension.Key, dimension => new DimensionMetrics(dimension.Value)), StringComparer.Ordinal),
            Empty = empty,
            BadRows = skipped?.Count ?? 0,
            Seconds = seconds,
        };
    }

    // The ratings of one response, which share the object.
    private static IEnumerable<IReadOnlyList<Rating>> ByResponse(IEnumerable<Rating> ratings)
    {
        List<Rating> row = [];
        foreach (var rating in ratings)
        {
            if (row.Count > 0 && !ReferenceEquals(row[0].Response, rating.Response))
            {
                yield return row;
                row = [];
            }
            row.Add(rating);
        }
        if (row.Count > 0)
        {
            yield return row;
        }
    }

    private static Candidate[] Candidates(IReadOnlyList<Rating> row) =>
        row[0].Response.IsEmpty ? [] : [new Candidate { Prompt = row[0].Prompt, Response = row[0].Response, Origin = row[0].Origin }];
}
