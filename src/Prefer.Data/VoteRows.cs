using System.Collections.Immutable;
using System.Text.Json;

namespace Prefer.Data;

/// <summary>The fields of a row that say who voted what, and which systems wrote the responses: <c>votes</c>, <c>model_a</c>, <c>model_b</c>.</summary>
internal static class VoteRows
{
    /// <summary>The fields, which only pairs have.</summary>
    public static readonly string[] Fields = ["votes", "model_a", "model_b"];

    private const string Expected = "'a' or 'chosen' for the first response, 'b' or 'rejected' for the second, 'tie', or null for a missing vote";
    private const int LongestQuote = 40;

    /// <summary>The votes of a pair; empty without any.</summary>
    /// <param name="row">Where they are taken from.</param>
    /// <param name="turned">True where the pair's second response is its chosen one.</param>
    /// <exception cref="BadRowException">Something is no vote, or an annotator votes twice.</exception>
    public static ImmutableArray<Vote> TakeVotes(Row row, bool turned)
    {
        if (row.Take("votes") is not JsonElement list)
        {
            return [];
        }

        if (list.ValueKind != JsonValueKind.Array)
        {
            throw Row.Wrong("votes", list, "a list of votes");
        }

        ImmutableArray<Vote> votes = [.. list.EnumerateArray().Select((value, index) => Read($"votes[{index}]", value)).Select(vote => turned ? vote.Turned() : vote)];
        if (votes.Select(vote => vote.Annotator).OfType<string>().CountBy(name => name).FirstOrDefault(name => name.Value > 1).Key is string twice)
        {
            throw new BadRowException($"two votes of annotator '{Quote(twice)}'", "one an annotator", "remove the vote that does not count");
        }

        return votes;
    }

    /// <summary>The systems of a pair, or null.</summary>
    /// <param name="row">Where they are taken from.</param>
    /// <param name="turned">True where the pair's second response is its chosen one.</param>
    /// <exception cref="BadRowException">One is named and the other is not.</exception>
    public static SystemPair? TakeSystems(Row row, bool turned)
    {
        (string? first, string? second) = (row.TakeText("model_a"), row.TakeText("model_b"));
        if (first is null && second is null)
        {
            return null;
        }

        foreach ((string field, string? name) in (ReadOnlySpan<(string, string?)>)[("model_a", first), ("model_b", second)])
        {
            if (string.IsNullOrWhiteSpace(name))
            {
                throw new BadRowException(name is null ? $"no '{field}' beside the other system's name" : $"an empty '{field}'", "the names of both systems", "add it, or remove both");
            }
        }

        return turned ? new SystemPair(second!, first!) : new SystemPair(first!, second!);
    }

    private static Vote Read(string place, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return new Vote(null, ReadChoice(place, value));
        }

        foreach (JsonProperty field in value.EnumerateObject())
        {
            if (field.Name is not ("annotator" or "vote"))
            {
                throw new BadRowException($"'{Quote(field.Name)}' in '{place}'", "'annotator' and 'vote' only", "move it to a field of the row");
            }
        }

        return value.TryGetProperty("vote", out JsonElement vote)
            ? new Vote(value.TryGetProperty("annotator", out JsonElement annotator) ? ReadAnnotator($"{place}.annotator", annotator) : null, ReadChoice($"{place}.vote", vote))
            : throw new BadRowException($"no 'vote' in '{place}'", Expected, "add it");
    }

    private static string? ReadAnnotator(string place, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.String when !string.IsNullOrWhiteSpace(value.GetString()) => value.GetString(),
        JsonValueKind.String => throw new BadRowException($"an empty '{place}'", "a name, a number, or null", "correct the field"),
        _ => throw Row.Wrong(place, value, "a name, a number, or null"),
    };

    private static Choice? ReadChoice(string place, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.String)
        {
            throw Row.Wrong(place, value, Expected);
        }

        return value.GetString() switch
        {
            "a" or "chosen" => Choice.Chosen,
            "b" or "rejected" => Choice.Rejected,
            "tie" => Choice.Tie,
            string other => throw new BadRowException($"'{Quote(other)}' in '{place}'", Expected, "correct the vote"),
            null => null,
        };
    }

    private static string Quote(string text) => text.Length <= LongestQuote ? text : text[..LongestQuote] + "…";
}
