using System.Collections.Immutable;

namespace Prefer.Text.PostProcessors;

/// <summary>A part of a template: special tokens, or one of the texts.</summary>
/// <param name="SpecialIds">The ids of a special token; empty for a text.</param>
/// <param name="IsSecondText">Which text, where <paramref name="SpecialIds"/> is empty.</param>
/// <param name="TypeId">Segment id of all its tokens.</param>
internal sealed record TemplatePiece(ImmutableArray<int> SpecialIds, bool IsSecondText, int TypeId)
{
    public bool IsSpecial => !SpecialIds.IsEmpty;

    /// <summary>The first text alone.</summary>
    public static ImmutableArray<TemplatePiece> PlainSingle { get; } = [Text(isSecond: false, typeId: 0)];

    /// <summary>Both texts, with segments 0 and 1.</summary>
    public static ImmutableArray<TemplatePiece> PlainPair { get; } = [Text(isSecond: false, typeId: 0), Text(isSecond: true, typeId: 1)];

    public static TemplatePiece Text(bool isSecond, int typeId) => new([], isSecond, typeId);
}
