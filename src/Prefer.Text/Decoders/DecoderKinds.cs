namespace Prefer.Text.Decoders;

/// <summary>The decoders that can be read.</summary>
internal static class DecoderKinds
{
    public static KindTable<IDecoder> Table { get; } = new("decoder", new()
    {
        ["ByteLevel"] = ByteLevelDecoder.Read,
        ["WordPiece"] = WordPieceDecoder.Read,
    });
}
