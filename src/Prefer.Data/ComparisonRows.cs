using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Prefer.Data;

/// <summary>A row read as comparisons: one, or all pairs of a ranking.</summary>
internal static class ComparisonRows
{
    private const string Known =
        "[prompt, chosen, rejected] [chosen, rejected] [prompt, a, b, y] [prompt, responses, ranks] [prompt, responses, scores] [chosen_ids, rejected_ids]";

    /// <summary>The row's comparisons and the layout they were written in.</summary>
    /// <exception cref="BadRowException">The row is not one of the known layouts, or a field is wrong.</exception>
    public static (RowLayout Layout, IReadOnlyList<Comparison> Comparisons) Parse(Row row) => ParseWhole(row) switch
    {
        (var layout, Ranking ranking) => (layout, [.. ranking.Pairs()]),
        var (layout, pair) => (layout, [(Comparison)pair]),
    };

    /// <summary>The same with a ranking in one piece: a <see cref="Comparison"/> or a <see cref="Ranking"/>.</summary>
    /// <exception cref="BadRowException">As for <see cref="Parse"/>.</exception>
    public static (RowLayout Layout, Judgement Judgement) ParseWhole(Row row)
    {
        if (RatingRows.IsRating(row) && RowLayouts.OfComparisons.All(signature => signature.Present(row).All(field => field == RatingRows.Dimensions)))
        {
            throw new BadRowException("a response with a score", "a comparison", "train on scores with --loss regression, evaluate on them with --ratings");
        }

        RowLayout layout = RowLayouts.Of(row, RowLayouts.OfComparisons, Known);
        return layout switch
        {
            RowLayout.Ranking => (layout, ReadRanking(row)),
            RowLayout.LabelledPair => (layout, Pair(row, Read(row, "a", "b"), TakeLabel(row) ?? 1)),
            RowLayout.TokenPair => (layout, Pair(row, ReadIds(row), TakeLabel(row) ?? 1)),
            _ => ReadPair(row),
        };
    }

    private static (RowLayout Layout, Comparison Comparison) ReadPair(Row row)
    {
        Conversation conversation = Read(row, "chosen", "rejected");
        RowLayout layout = conversation.Source switch
        {
            PromptSource.SharedTurns => RowLayout.SharedTurnsPair,
            PromptSource.Transcripts => RowLayout.TranscriptPair,
            PromptSource.None => RowLayout.TextPair,
            _ => RowLayout.PromptPair,
        };
        return (layout, Pair(row, conversation, TakeLabel(row) ?? 1));
    }

    private static Conversation Read(Row row, string first, string second) =>
        Conversation.Read(row.Take("prompt"), [(first, row.Take(first)!.Value), (second, row.Take(second)!.Value)]);

    private static Conversation ReadIds(Row row)
    {
        Response chosen = TokenResponse.Read(row, "chosen_ids", "chosen_token_type_ids", "chosen_attention_mask");
        Response rejected = TokenResponse.Read(row, "rejected_ids", "rejected_token_type_ids", "rejected_attention_mask");
        ImmutableArray<Message> prompt = row.Take("prompt") is JsonElement given ? Conversation.Read(given, []).Prompt : [];
        return new Conversation(prompt, [chosen, rejected], PromptSource.Given);
    }

    private static Comparison Pair(Row row, Conversation conversation, double label)
    {
        bool turned = label < 0.5;
        return new Comparison
        {
            Prompt = conversation.Prompt,
            Chosen = conversation.Responses[turned ? 1 : 0],
            Rejected = conversation.Responses[turned ? 0 : 1],
            Label = turned ? 1 - label : label,
            Margin = row.TakeNumber("margin", double.NegativeInfinity, double.PositiveInfinity, "a finite number"),
            Weight = TakeWeight(row),
            Votes = VoteRows.TakeVotes(row, turned),
            Systems = VoteRows.TakeSystems(row, turned),
            Subset = row.TakeText("subset"),
            Id = row.TakeId(),
            Extra = TakeExtra(row),
            Origin = row.Origin,
        };
    }

    /// <summary>A row with responses, and ranks or scores.</summary>
    public static Ranking ReadRanking(Row row)
    {
        foreach (string field in (ReadOnlySpan<string>)["margin", "y", .. VoteRows.Fields])
        {
            if (row.Has(field))
            {
                throw new BadRowException($"'{field}' in a ranking", "it on pairs only", "remove it, or write the ranking's pairs as rows of their own");
            }
        }

        JsonElement responses = row.Take("responses")!.Value;
        if (responses.ValueKind != JsonValueKind.Array)
        {
            throw Row.Wrong("responses", responses, "a list of responses");
        }

        int count = responses.GetArrayLength();
        if (count < 2)
        {
            throw new BadRowException($"{count} in 'responses'", "two responses or more", "add responses, or remove the row");
        }

        if (row.Has("ranks") && row.Has("scores"))
        {
            throw new BadRowException("both 'ranks' and 'scores'", "one of them", "remove the other");
        }

        string scale = row.Has("ranks") ? "ranks" : "scores";
        ImmutableArray<double> values = row.TakeNumbers(scale)!.Value;
        if (values.Length != count)
        {
            throw new BadRowException($"{count} responses and {values.Length} {scale}", "one for each response", "make the lists equally long");
        }

        // Taken so that null fields of these names, which say nothing, do not come back as fields of the pairs.
        foreach (string field in (ReadOnlySpan<string>)["margin", "y", .. VoteRows.Fields])
        {
            row.Take(field);
        }

        Conversation conversation = Conversation.Read(row.Take("prompt"), [.. responses.EnumerateArray().Select((response, index) => ($"responses[{index}]", response))]);
        return new Ranking
        {
            Prompt = conversation.Prompt,
            Responses = conversation.Responses,
            Scores = scale == "ranks" ? [.. values.Select(rank => -rank)] : values,
            Weight = TakeWeight(row),
            Subset = row.TakeText("subset"),
            Id = row.TakeId(),
            Extra = TakeExtra(row),
            Origin = row.Origin,
        };
    }

    private static double? TakeLabel(Row row) => row.TakeNumber("y", 0, 1, "P(first is preferred), a number from 0 to 1");

    /// <summary>The row's weight, 1 without one.</summary>
    public static double TakeWeight(Row row) => row.TakeNumber("weight", 0, double.PositiveInfinity, "a finite number, 0 or more") ?? 1;

    /// <summary>The unused fields. Those that would be read as responses when the pair is written are refused.</summary>
    private static JsonObject? TakeExtra(Row row)
    {
        JsonObject? extra = row.Rest();
        foreach (string field in (ReadOnlySpan<string>)["chosen", "rejected"])
        {
            if (extra?.ContainsKey(field) == true)
            {
                throw new BadRowException($"'{field}' beside the fields of another layout", "one layout", "remove or rename the field");
            }
        }

        return extra;
    }
}
