namespace Prefer.Data;

/// <summary>The layouts' names and how a row's fields tell them.</summary>
public static class RowLayouts
{
    /// <summary>How the layout is written in messages: its fields.</summary>
    public static string Describe(this RowLayout layout) => layout switch
    {
        RowLayout.PromptPair => "prompt, chosen, rejected",
        RowLayout.SharedTurnsPair => "chosen, rejected (message lists with a shared beginning)",
        RowLayout.TranscriptPair => "chosen, rejected (Human/Assistant transcripts)",
        RowLayout.TextPair => "chosen, rejected (plain texts)",
        RowLayout.LabelledPair => "prompt, a, b, y",
        RowLayout.Ranking => "prompt, responses, ranks or scores",
        RowLayout.TokenPair => "chosen_ids, rejected_ids",
        RowLayout.Messages => "messages",
        RowLayout.PromptResponse => "prompt, response",
        RowLayout.Text => "text",
        RowLayout.TokenIds => "input_ids",
        _ => throw new ArgumentOutOfRangeException(nameof(layout)),
    };

    /// <summary>One layout as its fields tell it: all of <paramref name="Fields"/>, and one of <paramref name="OneOf"/> where there are any.</summary>
    internal sealed record Signature(RowLayout Layout, string[] Fields, string[] OneOf)
    {
        public string[] Missing(Row row) =>
        [
            .. Fields.Where(field => !row.Has(field)).Select(field => $"'{field}'"),
            .. OneOf.Length > 0 && !OneOf.Any(row.Has) ? [string.Join(" or ", OneOf.Select(field => $"'{field}'"))] : Array.Empty<string>(),
        ];

        public string[] Present(Row row) => [.. Fields.Concat(OneOf).Where(row.Has)];
    }

    /// <summary>Fields that tell the layouts of comparisons; the prompt tells nothing, and chosen/rejected pairs are told apart by their content.</summary>
    internal static readonly Signature[] OfComparisons =
    [
        new(RowLayout.PromptPair, ["chosen", "rejected"], []),
        new(RowLayout.LabelledPair, ["a", "b", "y"], []),
        new(RowLayout.Ranking, ["responses"], ["ranks", "scores"]),
        new(RowLayout.TokenPair, ["chosen_ids", "rejected_ids"], []),
    ];

    /// <summary>Fields that tell the layouts of candidates.</summary>
    internal static readonly Signature[] OfCandidates =
    [
        new(RowLayout.Messages, ["messages"], []),
        new(RowLayout.PromptResponse, ["prompt", "response"], []),
        new(RowLayout.Text, ["text"], []),
        new(RowLayout.TokenIds, ["input_ids"], []),
    ];

    /// <summary>The one layout whose fields the row has.</summary>
    /// <exception cref="BadRowException">There is none, or there are two.</exception>
    internal static RowLayout Of(Row row, Signature[] known, string knownInWords)
    {
        Signature[] complete = [.. known.Where(signature => signature.Missing(row).Length == 0)];
        if (complete.Length == 1)
        {
            return complete[0].Layout;
        }

        if (complete.Length > 1)
        {
            throw new BadRowException(
                $"the fields of two layouts ({string.Join(" and ", complete.Take(2).Select(signature => string.Join(", ", signature.Present(row))))})",
                "those of one",
                "remove or rename the fields that are not meant");
        }

        // A layout that lacks one field is meant, unless what is there (a lone "prompt") says little.
        Signature? meant = known
            .Where(signature => signature.Present(row).Any(field => field != "prompt"))
            .OrderBy(signature => signature.Missing(row).Length)
            .FirstOrDefault();
        if (meant is not null)
        {
            throw new BadRowException(
                $"{Quote(meant.Present(row))} without {string.Join(" and ", meant.Missing(row))}",
                $"the fields {meant.Layout.Describe()}",
                "add what is missing (a null counts as missing)");
        }

        string found = row.FieldNames.Any() ? $"an unknown layout with the fields {string.Join(", ", row.FieldNames)}" : "an object without fields";
        throw new BadRowException(found, $"one of the layouts {knownInWords}", "rename the fields");
    }

    private static string Quote(string[] names) => string.Join(", ", names.Select(name => $"'{name}'"));
}
