using System.Collections.Immutable;

namespace Prefer.Text;

/// <summary>Half-open range of the original text, in code points (not UTF-16 units).</summary>
public readonly record struct TextRange(int Start, int End);

/// <summary>A text, or a pair of texts, as tokens. The four arrays have one entry a token.</summary>
public sealed record Encoding
{
    /// <summary>Token ids.</summary>
    public required ImmutableArray<int> Ids { get; init; }

    /// <summary>Segment ids, as the post-processor gives them.</summary>
    public required ImmutableArray<int> TypeIds { get; init; }

    /// <summary>Where each token was in its text; (0, 0) for tokens that the post-processor added.</summary>
    public required ImmutableArray<TextRange> Offsets { get; init; }

    /// <summary>True for tokens that the post-processor added. A special token written out in the text is not one of them.</summary>
    public required ImmutableArray<bool> SpecialTokensMask { get; init; }
}

/// <summary>Ids with the special tokens of the post-processor around them.</summary>
/// <param name="Ids">Token ids.</param>
/// <param name="TypeIds">Segment ids beside <paramref name="Ids"/>.</param>
/// <param name="LeadingSpecialCount">How many special tokens stand before the first id of the first sequence.</param>
public sealed record TokenSequence(ImmutableArray<int> Ids, ImmutableArray<int> TypeIds, int LeadingSpecialCount);
