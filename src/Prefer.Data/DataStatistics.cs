using System.Collections.Immutable;

namespace Prefer.Data;

/// <summary>What a set of comparisons holds. Lengths are in characters (Unicode code points) for text and in ids for pre-tokenised pairs.</summary>
public sealed record DataStatistics
{
    /// <summary>All comparisons.</summary>
    public required int PairCount { get; init; }

    /// <summary>Distinct prompts, as <see cref="PromptFingerprint"/> tells them.</summary>
    public required int PromptCount { get; init; }

    /// <summary>Comparisons of each subset, by name; those without one under the empty name.</summary>
    public required ImmutableSortedDictionary<string, int> Subsets { get; init; }

    /// <summary>Comparisons with y = 0.5.</summary>
    public required int TieCount { get; init; }

    /// <summary>Comparisons in which a response is empty.</summary>
    public required int EmptySideCount { get; init; }

    /// <summary>Comparisons whose responses are the same, two empty ones not counted again.</summary>
    public required int IdenticalCount { get; init; }

    /// <summary>Comparisons whose prompt and responses, in either order, have come before, whatever their labels.</summary>
    public required int DuplicateCount { get; init; }

    /// <summary>Pre-tokenised comparisons.</summary>
    public required int TokenizedCount { get; init; }

    /// <summary>Comparisons in which a response has several turns: dialogues that part before the last turn.</summary>
    public required int SeveralTurnsCount { get; init; }

    /// <summary>The sum of <see cref="Judgement.Weight"/>.</summary>
    public required double WeightSum { get; init; }

    /// <summary>Length of the prompts' contents together, over comparisons of text; null when there are none.</summary>
    public required LengthSummary? PromptLength { get; init; }

    /// <summary>Length of the chosen responses, over comparisons of text; null when there are none.</summary>
    public required LengthSummary? ChosenLength { get; init; }

    /// <summary>Length of the rejected responses, over comparisons of text; null when there are none.</summary>
    public required LengthSummary? RejectedLength { get; init; }

    /// <summary>Ids of the chosen sequences, prompt included, over pre-tokenised comparisons; null when there are none.</summary>
    public required LengthSummary? ChosenIds { get; init; }

    /// <summary>Ids of the rejected sequences, prompt included, over pre-tokenised comparisons; null when there are none.</summary>
    public required LengthSummary? RejectedIds { get; init; }

    /// <summary>Share of comparisons in which the chosen response is the longer one, among those that are no tie and whose responses differ in length; null when there are none.</summary>
    public required double? LongerChosenShare { get; init; }

    /// <summary>How many comparisons have how many turns: prompt and chosen response together; pre-tokenised ones not counted.</summary>
    public required ImmutableSortedDictionary<int, int> Turns { get; init; }

    /// <summary>Reads all comparisons once.</summary>
    public static DataStatistics Of(IEnumerable<Comparison> comparisons)
    {
        int pairs = 0, ties = 0, empty = 0, identical = 0, duplicates = 0, tokenized = 0, several = 0, longer = 0, shorter = 0;
        double weights = 0;
        var prompts = new HashSet<string>(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var subsets = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var turns = new SortedDictionary<int, int>();
        List<int> promptLengths = [], chosenLengths = [], rejectedLengths = [], chosenIds = [], rejectedIds = [];
        foreach (Comparison comparison in comparisons)
        {
            pairs++;
            weights += comparison.Weight;
            string prompt = PromptFingerprint.Of(comparison);
            prompts.Add(prompt);
            duplicates += seen.Add(Content(prompt, comparison)) ? 0 : 1;
            subsets[comparison.Subset ?? ""] = subsets.GetValueOrDefault(comparison.Subset ?? "") + 1;
            ties += comparison.IsTie ? 1 : 0;
            empty += comparison.HasEmptySide ? 1 : 0;
            identical += comparison.IsIdentical && !comparison.HasEmptySide ? 1 : 0;
            int chosen;
            int rejected;
            if (comparison.Chosen.IsTokenized || comparison.Rejected.IsTokenized)
            {
                tokenized++;
                (chosen, rejected) = (comparison.Chosen.Length, comparison.Rejected.Length);
                chosenIds.Add(chosen);
                rejectedIds.Add(rejected);
            }
            else
            {
                (chosen, rejected) = (comparison.Chosen.Length, comparison.Rejected.Length);
                promptLengths.Add(comparison.Prompt.Sum(turn => turn.Length));
                chosenLengths.Add(chosen);
                rejectedLengths.Add(rejected);
                int count = comparison.Prompt.Length + comparison.Chosen.Turns.Length;
                turns[count] = turns.GetValueOrDefault(count) + 1;
                several += comparison.Chosen.Turns.Length > 1 || comparison.Rejected.Turns.Length > 1 ? 1 : 0;
            }

            longer += !comparison.IsTie && chosen > rejected ? 1 : 0;
            shorter += !comparison.IsTie && chosen < rejected ? 1 : 0;
        }

        return new DataStatistics
        {
            PairCount = pairs,
            PromptCount = prompts.Count,
            Subsets = subsets.ToImmutableSortedDictionary(StringComparer.Ordinal),
            TieCount = ties,
            EmptySideCount = empty,
            IdenticalCount = identical,
            DuplicateCount = duplicates,
            TokenizedCount = tokenized,
            SeveralTurnsCount = several,
            WeightSum = weights,
            PromptLength = LengthSummary.Of(promptLengths),
            ChosenLength = LengthSummary.Of(chosenLengths),
            RejectedLength = LengthSummary.Of(rejectedLengths),
            ChosenIds = LengthSummary.Of(chosenIds),
            RejectedIds = LengthSummary.Of(rejectedIds),
            LongerChosenShare = longer + shorter == 0 ? null : longer / (double)(longer + shorter),
            Turns = turns.ToImmutableSortedDictionary(),
        };
    }

    private static string Content(string prompt, Comparison comparison)
    {
        string chosen = PromptFingerprint.OfResponse(comparison.Chosen);
        string rejected = PromptFingerprint.OfResponse(comparison.Rejected);
        return string.CompareOrdinal(chosen, rejected) < 0 ? prompt + chosen + rejected : prompt + rejected + chosen;
    }
}
