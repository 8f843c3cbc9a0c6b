namespace Prefer.Text.Decoders;

/// <summary>Decoders one after the other.</summary>
internal sealed class DecoderSequence(IDecoder[] decoders) : IDecoder
{
    public static IDecoder Read(JsonPlace place) =>
        new DecoderSequence([.. place.Required("decoders").Items().Select(DecoderKinds.Table.Read)]);

    public IReadOnlyList<string> Decode(IReadOnlyList<string> tokens) =>
        decoders.Aggregate(tokens, (current, decoder) => decoder.Decode(current));
}
