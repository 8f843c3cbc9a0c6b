using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Prefer.Data;

/// <summary>A prompt with k responses in order of preference, ties allowed.</summary>
public sealed record Ranking : Judgement
{
    /// <summary>The k responses, as the row lists them.</summary>
    public required ImmutableArray<Response> Responses { get; init; }

    /// <summary>One score a response, higher is better, equal is a tie. Ranks (1 = best) are read as their negatives.</summary>
    public required ImmutableArray<double> Scores { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<Response> AllResponses => Responses;

    /// <summary>
    /// All k(k−1)/2 pairs, in the order (0,1), (0,2), … (k−2,k−1): the higher score is chosen, equal scores are a tie (label 0.5). A pair
    /// keeps prompt, weight, subset, extra and origin; its id is the ranking's with <c>#i-j</c> behind it.
    /// </summary>
    public IEnumerable<Comparison> Pairs() => OrderedPairs().Select(pair => pair.Pair);

    /// <summary><see cref="Pairs"/>, and which of the responses are chosen and rejected, from 0.</summary>
    public IEnumerable<(Comparison Pair, int Chosen, int Rejected)> OrderedPairs()
    {
        for (int first = 0; first < Responses.Length; first++)
        {
            for (int second = first + 1; second < Responses.Length; second++)
            {
                bool turned = Scores[second] > Scores[first];
                var extra = Extra?.DeepClone() as JsonObject;
                extra?.Remove("id");
                var pair = new Comparison
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
                yield return (pair, turned ? second : first, turned ? first : second);
            }
        }
    }
}
