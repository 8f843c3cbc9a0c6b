using Prefer.Statistics;

namespace Prefer.Evaluation.Robustness;

/// <summary>What a change may draw on besides the text.</summary>
/// <param name="Random">Seeded; the same for the same response, whatever came before.</param>
/// <param name="OtherAnswer">The chosen answer to another prompt, or null where there is none.</param>
public sealed record ChangeContext(SplitMix64 Random, string? OtherAnswer);

/// <summary>A change to a response. A pure function: the same text and the same draws give the same changed text.</summary>
/// <param name="Name">In snake_case, as results have it.</param>
/// <param name="Matters">True when the changed response is worse; false when it is as good.</param>
/// <param name="Apply">The changed text, which differs from the given one; null where the change does not apply.</param>
public sealed record ResponseChange(string Name, bool Matters, Func<string, ChangeContext, string?> Apply)
{
    /// <summary>All changes: first those that must not matter, then those that must.</summary>
    public static IReadOnlyList<ResponseChange> All { get; } =
    [
        new("trailing_space", false, (text, _) => SurfaceChanges.TrailingSpace(text)),
        new("opening", false, OpeningChange.Paraphrase),
        new("list_marks", false, (text, _) => SurfaceChanges.ListMarks(text)),
        new("first_letter", false, (text, _) => SurfaceChanges.FirstLetter(text)),
        new("quotes", false, (text, _) => SurfaceChanges.Quotes(text)),
        new("truncated", true, (text, _) => DamageChanges.Truncated(text)),
        new("shuffled_sentences", true, DamageChanges.ShuffledSentences),
        new("repeated_paragraph", true, DamageChanges.RepeatedParagraph),
        new("other_answer", true, ReplacementChanges.OtherAnswer),
        new("refusal", true, ReplacementChanges.Refusal),
    ];
}
