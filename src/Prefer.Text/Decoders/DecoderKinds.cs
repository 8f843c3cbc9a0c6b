namespace Prefer.Text.Decoders;

/// <summary>The decoders that can be read.</summary>
internal static class DecoderKinds
{
    public static KindTable<IDecoder> Table { get; } = new("decoder", new()
    {
        ["BPEDecoder"] = WordEndDecoder.Read,
        ["ByteFallback"] = _ => new ByteFallbackDecoder(),
        ["ByteLevel"] = _ => new ByteLevelDecoder(),
        ["CTC"] = CtcDecoder.Read,
        ["Fuse"] = _ => new FuseDecoder(),
        ["Metaspace"] = MetaspaceDecoder.Read,
        ["Replace"] = ReplaceDecoder.Read,
        ["Sequence"] = DecoderSequence.Read,
        ["Strip"] = StripDecoder.Read,
        ["WordPiece"] = WordPieceDecoder.Read,
    });
}
