using Prefer.Data;
using Prefer.Statistics;

namespace Prefer.Evaluation.Diagnosis;

/// <summary>How much of one kind of text stands in the reference files.</summary>
public sealed record OverlapMetrics
{
    /// <summary>Texts that have an n-gram.</summary>
    public required int Texts { get; init; }

    /// <summary>Texts of fewer than n words, of which nothing can be said.</summary>
    public required int TooShort { get; init; }

    /// <summary>Texts of which at least one n-gram was found.</summary>
    public required int Overlapping { get; init; }

    /// <summary>Share of <see cref="Texts"/>.</summary>
    public required double? OverlappingShare { get; init; }

    /// <summary>Texts of which at least <see cref="ContaminationMetrics.ContaminatedShare"/> of the n-grams were found.</summary>
    public required int Contaminated { get; init; }

    /// <summary>Share of <see cref="Texts"/>.</summary>
    public required double? ContaminatedShare { get; init; }

    /// <summary>Mean over the texts of the share of their n-grams that were found.</summary>
    public required double? MeanShare { get; init; }

    internal static OverlapMetrics Of(IReadOnlyList<NgramShare> shares)
    {
        double[] measured = [.. shares.Select(share => share.Share).OfType<double>()];
        var (overlapping, contaminated) = (measured.Count(share => share > 0), measured.Count(share => share >= ContaminationMetrics.ContaminatedShare));
        double? Share(int count) => measured.Length == 0 ? null : (double)count / measured.Length;
        return new OverlapMetrics
        {
            Texts = measured.Length,
            TooShort = shares.Count - measured.Length,
            Overlapping = overlapping,
            OverlappingShare = Share(overlapping),
            Contaminated = contaminated,
            ContaminatedShare = Share(contaminated),
            MeanShare = measured.Length == 0 ? null : CompensatedSum.Mean(measured),
        };
    }
}

/// <summary>A text that stands in the reference files for a large part.</summary>
/// <param name="Origin">The evaluation row, as file:line, or null.</param>
/// <param name="Part">prompt, chosen or rejected.</param>
/// <param name="Ngrams">Distinct n-grams of the text.</param>
/// <param name="Found">Those that were found.</param>
/// <param name="Share">Found over all.</param>
/// <param name="Match">The first that was found.</param>
/// <param name="Source">Where that stands, as file:line.</param>
public sealed record Offender(string? Origin, string Part, int Ngrams, int Found, double Share, string? Match, string? Source);

/// <summary>Runs of words that evaluation data shares with other files, such as what a model was trained on.</summary>
public sealed record ContaminationMetrics
{
    /// <summary>Share of a text's n-grams from which it counts as contaminated: that of PaLM (arXiv 2204.02311, section 8).</summary>
    public const double ContaminatedShare = 0.7;

    private const int OffenderCount = 20;

    /// <summary>n, words in an n-gram.</summary>
    public required int NgramLength { get; init; }

    /// <summary>Texts of the reference files.</summary>
    public required long ReferenceTexts { get; init; }

    /// <summary>The distinct prompts.</summary>
    public required OverlapMetrics Prompts { get; init; }

    /// <summary>All responses, chosen and rejected.</summary>
    public required OverlapMetrics Responses { get; init; }

    /// <summary>The contaminated texts, those of most n-grams found first, then the others likewise: a short set phrase found whole says less than a long copy.</summary>
    public required IReadOnlyList<Offender> Offenders { get; init; }

    /// <summary>The result in words, or null when no text is contaminated.</summary>
    public Finding? Finding => Prompts.Contaminated + Responses.Contaminated == 0 ? null : new Finding(
        Severity.Warning, "contamination", Prompts.Contaminated + Responses.Contaminated,
        $"{Prompts.Contaminated} of {Prompts.Texts} prompts and {Responses.Contaminated} of {Responses.Texts} responses have at least 70 % of their {NgramLength}-grams in the files of --contamination.",
        "Look at the offenders; where they are copies, take them out and evaluate again.");

    /// <summary>Looks for the texts of comparisons in other texts.</summary>
    /// <param name="comparisons">Evaluation data; enumerated twice. Token ids are left out.</param>
    /// <param name="references">Of <see cref="Data.ReferenceTexts.Read"/>; enumerated once.</param>
    /// <param name="ngramLength">n: 8, or 13 for fewer chance matches.</param>
    /// <exception cref="DataException">A file or row cannot be read.</exception>
    public static ContaminationMetrics Run(IEnumerable<Comparison> comparisons, IEnumerable<(string Text, RowOrigin Origin)> references, int ngramLength = 8)
    {
        var overlap = new NgramOverlap(ngramLength);
        foreach (var (_, _, texts) in comparisons.SelectMany(Parts))
        {
            foreach (var text in texts)
            {
                overlap.Watch(text);
            }
        }

        long referenceTexts = 0;
        foreach (var (text, origin) in references)
        {
            overlap.Read(text, origin);
            referenceTexts++;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        var (prompts, responses, offenders) = (new List<NgramShare>(), new List<NgramShare>(), new List<Offender>());
        foreach (var (comparison, part, texts) in comparisons.SelectMany(Parts))
        {
            if (part == "prompt" && !seen.Add(PromptFingerprint.Of(comparison)))
            {
                continue;
            }

            var share = overlap.Of(texts);
            (part == "prompt" ? prompts : responses).Add(share);
            if (share.FoundCount > 0)
            {
                offenders.Add(new Offender(comparison.Origin?.ToString(), part, share.Count, share.FoundCount, share.Share!.Value, share.Match, share.Origin?.ToString()));
            }
        }

        return new ContaminationMetrics
        {
            NgramLength = ngramLength,
            ReferenceTexts = referenceTexts,
            Prompts = OverlapMetrics.Of(prompts),
            Responses = OverlapMetrics.Of(responses),
            Offenders =
            [
                .. offenders.OrderByDescending(offender => offender.Share >= ContaminatedShare).ThenByDescending(offender => offender.Found).ThenByDescending(offender => offender.Share).Take(OffenderCount),
            ],
        };
    }

    private static IEnumerable<(Comparison Comparison, string Part, IEnumerable<string> Texts)> Parts(Comparison comparison)
    {
        if (comparison.Chosen.IsTokenized || comparison.Rejected.IsTokenized)
        {
            yield break;
        }

        if (!comparison.Prompt.IsEmpty)
        {
            yield return (comparison, "prompt", comparison.Prompt.Select(turn => turn.Content));
        }

        yield return (comparison, "chosen", comparison.Chosen.Turns.Select(turn => turn.Content));
        yield return (comparison, "rejected", comparison.Rejected.Turns.Select(turn => turn.Content));
    }
}
