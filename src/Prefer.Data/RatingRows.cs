using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Prefer.Data;

/// <summary>A row read as ratings: a candidate with scores beside it, or each response of a ranking with scores.</summary>
internal static class RatingRows
{
    private const string Known = "[prompt, response, score] [messages, score] [text, score] [input_ids, score] [prompt, responses, scores]";
    private const string Expected = "a number, or a list of one a rater, named 'score', 'rating' or 'label', or 'scores' with such lists by dimension";

    /// <summary>Usual names of the number, ours first.</summary>
    private static readonly string[] ScoreFields = ["score", "rating", "label"];

    /// <summary>The name of several dimensions, or of the raters of one; not read where the row has one of the others.</summary>
    public const string Dimensions = "scores";

    /// <summary>The scores of one dimension; no raters where there was a number in the place of a list.</summary>
    private sealed record Scale(string? Dimension, ImmutableArray<double?> Raters, double Score);

    /// <summary>True when the row has the fields of a rating.</summary>
    public static bool IsRating(Row row) => ScoreFields.Append(Dimensions).Any(row.Has) && RowLayouts.OfCandidates.Any(signature => signature.Missing(row).Length == 0);

    /// <summary>As <see cref="Parse"/>, for those who want one number a response.</summary>
    /// <exception cref="BadRowException">As there, or the row has several dimensions.</exception>
    public static IReadOnlyList<Rating> ParseOne(Row row)
    {
        IReadOnlyList<Rating> ratings = Parse(row);
        return ratings is [{ Dimension: not null }, { Dimension: not null }, ..]
            ? throw new BadRowException(
                $"scores in {ratings.Count} dimensions ({string.Join(", ", ratings.Select(rating => rating.Dimension))})",
                "those of one",
                $"choose one, with --columns score={Dimensions}.{ratings[0].Dimension} for instance")
            : ratings;
    }

    /// <summary>The row's ratings: one, one a dimension, or one a response.</summary>
    /// <exception cref="BadRowException">The row is no rating, or a field is wrong.</exception>
    public static IReadOnlyList<Rating> Parse(Row row)
    {
        if (RowLayouts.OfComparisons.FirstOrDefault(signature => signature.Missing(row).Length == 0) is { } comparison)
        {
            return comparison.Layout == RowLayout.Ranking && !row.Has("ranks")
                ? OfRanking(ComparisonRows.ReadRanking(row))
                : throw new BadRowException(
                    comparison.Layout == RowLayout.Ranking ? "ranks, which order responses and do not rate them" : $"a comparison ({string.Join(", ", comparison.Present(row))})",
                    "a response with a score",
                    "train on comparisons with --loss bradley-terry, hinge or plackett-luce, evaluate on them without --ratings");
        }

        RowLayout layout = RowLayouts.Of(row, RowLayouts.OfCandidates, Known);
        Scale[] scales = TakeScales(row, layout);
        (ImmutableArray<Message> prompt, Response response) = CandidateRows.Read(row, layout);
        var first = new Rating
        {
            Prompt = prompt,
            Response = response,
            Score = scales[0].Score,
            RaterScores = scales[0].Raters,
            Dimension = scales[0].Dimension,
            Weight = ComparisonRows.TakeWeight(row),
            Subset = row.TakeText("subset"),
            Id = row.TakeId(),
            Extra = row.Rest(),
            Origin = row.Origin,
        };
        return
        [
            first,
            .. scales.Skip(1).Select(scale => first with { Score = scale.Score, RaterScores = scale.Raters, Dimension = scale.Dimension, Extra = first.Extra?.DeepClone() as JsonObject }),
        ];
    }

    private static Scale[] TakeScales(Row row, RowLayout layout)
    {
        string[] given = [.. ScoreFields.Where(row.Has)];
        if (given.Length == 0 && row.Has(Dimensions))
        {
            given = [Dimensions];
        }

        if (given.Length != 1)
        {
            throw new BadRowException(
                given.Length == 0 ? $"a response ({layout.Describe()}) without a score" : $"both '{given[0]}' and '{given[1]}'",
                Expected,
                "add it, or name its column with --columns score=COLUMN");
        }

        JsonElement value = row.Take(given[0])!.Value;
        if (given[0] == Dimensions && value.ValueKind == JsonValueKind.Object)
        {
            return OfDimensions(value);
        }

        // One number under the name for several would be a score by mistake.
        if (given[0] == Dimensions && value.ValueKind != JsonValueKind.Array)
        {
            throw Row.Wrong(Dimensions, value, "a list of one a rater, or an object of such lists by dimension");
        }

        return [OfRaters(null, given[0], value) ?? throw NoNumber(given[0])];
    }

    private static Scale[] OfDimensions(JsonElement value)
    {
        Scale[] scales = [.. value.EnumerateObject().Where(field => field.Value.ValueKind != JsonValueKind.Null)
            .Select(field => OfRaters(field.Name, $"{Dimensions}.{field.Name}", field.Value)).OfType<Scale>()];
        if (scales.Length == 0)
        {
            throw NoNumber(Dimensions);
        }

        return scales.FirstOrDefault(scale => scale.Raters.Length != scales[0].Raters.Length) is { } other
            ? throw new BadRowException(
                $"{Count(scales[0])} in '{Dimensions}.{scales[0].Dimension}' and {Count(other)} in '{Dimensions}.{other.Dimension}'",
                "as many raters in each dimension",
                "write null for a rater who gave no score")
            : scales;

        static string Count(Scale scale) => scale.Raters.IsEmpty ? "one number" : $"a list of {scale.Raters.Length}";
    }

    /// <summary>Null where no rater gave a score.</summary>
    private static Scale? OfRaters(string? dimension, string name, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            return new Scale(dimension, [], Row.FiniteNumber(name, value));
        }

        ImmutableArray<double?> raters =
        [
            .. value.EnumerateArray().Select((rater, index) => rater.ValueKind == JsonValueKind.Null ? (double?)null : Row.FiniteNumber($"{name}[{index}]", rater)),
        ];
        return raters.Average() is { } mean ? new Scale(dimension, raters, mean) : null;
    }

    private static BadRowException NoNumber(string name) => new($"no number in '{name}'", "the score of one rater at least", "add it, or remove the row");

    private static Rating[] OfRanking(Ranking ranking) =>
    [
        .. ranking.Responses.Select((response, index) => new Rating
        {
            Prompt = ranking.Prompt,
            Response = response,
            Score = ranking.Scores[index],
            Weight = ranking.Weight,
            Subset = ranking.Subset,
            Id = ranking.Id is null ? null : string.Create(CultureInfo.InvariantCulture, $"{ranking.Id}#{index}"),
            Extra = ranking.Extra?.DeepClone() as JsonObject,
            Origin = ranking.Origin,
        }),
    ];
}
