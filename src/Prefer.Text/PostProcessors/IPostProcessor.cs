using System.Collections.Immutable;

namespace Prefer.Text.PostProcessors;

/// <summary>Puts special tokens around the tokens of one text or of a pair.</summary>
internal interface IPostProcessor
{
    ImmutableArray<TemplatePiece> Single { get; }

    ImmutableArray<TemplatePiece> Pair { get; }

    /// <summary>Takes white space out of the offsets of one text's tokens, where the kind does that.</summary>
    void TrimOffsets(List<Token> tokens, Func<int, string?> tokenOf);
}
