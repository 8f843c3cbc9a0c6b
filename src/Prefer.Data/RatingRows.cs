using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Prefer.Data;

/// <summary>A row read as ratings: a candidate with a number beside it, or each response of a ranking with scores.</summary>
internal static class RatingRows
{
    private const string Known = "[prompt, response, score] [messages, score] [text, score] [input_ids, score] [prompt, responses, scores]";

    /// <summary>Usual names of the number, ours first.</summary>
    private static readonly string[] ScoreFields = ["score", "rating", "label"];

    /// <summary>True when the row has the fields of a rating.</summary>
    public static bool IsRating(Row row) => ScoreFields.Any(row.Has) && RowLayouts.OfCandidates.Any(signature => signature.Missing(row).Length == 0);

    /// <summary>The row's ratings: one, or one a response.</summary>
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
                    "train on comparisons with --loss bradley-terry, hinge or plackett-luce");
        }

        RowLayout layout = RowLayouts.Of(row, RowLayouts.OfCandidates, Known);
        string[] given = [.. ScoreFields.Where(row.Has)];
        if (given.Length != 1)
        {
            throw new BadRowException(
                given.Length == 0 ? $"a response ({layout.Describe()}) without a score" : $"both '{given[0]}' and '{given[1]}'",
                "one number, named 'score', 'rating' or 'label'",
                "add it, or name its column with --columns score=COLUMN");
        }

        double score = row.TakeNumber(given[0], double.NegativeInfinity, double.PositiveInfinity, "a finite number")!.Value;
        (ImmutableArray<Message> prompt, Response response) = CandidateRows.Read(row, layout);
        return
        [
            new Rating
            {
                Prompt = prompt,
                Response = response,
                Score = score,
                Weight = ComparisonRows.TakeWeight(row),
                Subset = row.TakeText("subset"),
                Id = row.TakeId(),
                Extra = row.Rest(),
                Origin = row.Origin,
            },
        ];
    }

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
