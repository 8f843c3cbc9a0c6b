namespace Prefer.Text.Decoders;

/// <summary>The <c>BPEDecoder</c>: the mark at the end of a word becomes a space, and nothing in the last token.</summary>
internal sealed class WordEndDecoder(string suffix) : IDecoder
{
    public static IDecoder Read(JsonPlace place)
    {
        var suffix = place.Text("suffix", "</w>");
        return suffix.Length > 0 ? new WordEndDecoder(suffix) : throw place.Refusal("has an empty suffix, which marks no end of a word");
    }

    public IReadOnlyList<string> Decode(IReadOnlyList<string> tokens) =>
        [.. tokens.Select((token, index) => token.Replace(suffix, index == tokens.Count - 1 ? "" : " ", StringComparison.Ordinal))];
}
