namespace Prefer.Text.Decoders;

/// <summary>Makes one piece of all, so that a decoder behind it sees the whole text.</summary>
internal sealed class FuseDecoder : IDecoder
{
    public IReadOnlyList<string> Decode(IReadOnlyList<string> tokens) => [string.Concat(tokens)];
}
