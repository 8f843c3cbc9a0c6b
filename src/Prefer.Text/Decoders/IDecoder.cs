namespace Prefer.Text.Decoders;

/// <summary>Turns tokens back into pieces of text, which are then written one after the other.</summary>
internal interface IDecoder
{
    IReadOnlyList<string> Decode(IReadOnlyList<string> tokens);
}
