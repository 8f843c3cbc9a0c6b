using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Prefer.Data;

/// <summary>A prompt with k responses in order of preference, ties allowed.</summary>
public sealed record Ranking
{
    /// <summary>The conversation up to the responses.</summary>
    public ImmutableArray<Message> Prompt { get; init; } = [];

    /// <summary>The k responses, as the row lists them.</summary>
    public required ImmutableArray<Response> Responses { get; init; }

    /// <summary>One score a response, higher is better, equal is a tie. Ranks (1 = best) are read as their negatives.</summary>
    public required ImmutableArray<double> Scores { get; init; }

    /// <summary>Weight of each of its pairs.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>The subset it is reported under, or null.</summary>
    public string? Subset { get; init; }

    /// <summary>The row's own id as text, or null. An id that was a number is in <see cref="Extra"/> too, as it stood, and is written back so.</summary>
    public string? Id { get; init; }

    /// <summary>Fields that Prefer does not use, kept.</summary>
    public JsonObject? Extra { get; init; }

    /// <summary>Where it was read.</summary>
    public RowOrigin? Origin { get; init; }

    /// <summary>
    /// All k(k−1)/2 pairs, in the order (0,1), (0,2), … (k−2,k−1): the higher score is chosen, equal scores are a tie (label 0.5). A pair
    /// keeps prompt, weight, subset, extra and origin; its id is the ranking's with <c>#i-j</c> behind it.
    /// </summary>
    public IEnumerable<Comparison> Pairs()
    {
        for (int first = 0; first < Responses.Length; first++)
        {
            for (int second = first + 1; second < Responses.Length; second++)
            {
                bool turned = Scores[second] > Scores[first];
                var extra = Extra?.DeepClone() as JsonObject;
                extra?.Remove("id");
                yield return new Comparison
                {
                    Prompt = Prompt,
                    Chosen = Responses[turned ? second : first],
                    Rejected = Responses[turned ? first : second],
                    Label = Scores[first] == Scores[second] ? 0.5 : 1,
                    Weight = Weight,
                    Subset = Subset,
                    Id = Id is null ? null : string.Create(CultureInfo.InvariantCulture, $"{Id}#{first}-{second}"),
                    Extra = extra is { Count: > 0 } ? extra : null,
                    Origin = Origin,
                };
            }
        }
    }
}
