namespace Prefer.Text.Decoders;

/// <summary>The decoders that can be read.</summary>
internal static class DecoderKinds
{
    public static KindTable<IDecoder> Table { get; } = new("decoder", new()
    {
        ["ByteFallback"] = ByteFallbackDecoder.Read,
        ["ByteLevel"] = ByteLevelDecoder.Read,
        ["Fuse"] = FuseDecoder.Read,
        ["Replace"] = ReplaceDecoder.Read,
        ["Sequence"] = DecoderSequence.Read,
        ["Strip"] = StripDecoder.Read,
        ["WordPiece"] = WordPieceDecoder.Read,
    });
}
