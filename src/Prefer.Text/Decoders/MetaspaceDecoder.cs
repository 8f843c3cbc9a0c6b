using Prefer.Text.PreTokenizers;

namespace Prefer.Text.Decoders;

/// <summary>Marks of spaces back to spaces; in the first token they go, where the pre-tokenizer put one there.</summary>
internal sealed class MetaspaceDecoder(string mark, bool prepends) : IDecoder
{
    /// <remarks><c>split</c> and <c>str_rep</c> are settings of the pre-tokenizer of the same name and have no effect here.</remarks>
    public static IDecoder Read(JsonPlace place)
    {
        var mark = place.Required("replacement").Character();
        return new MetaspaceDecoder(mark.ToString(), MetaspacePreTokenizer.ReadScheme(place) != MetaspacePreTokenizer.PrependScheme.Never);
    }

    public IReadOnlyList<string> Decode(IReadOnlyList<string> tokens) =>
        [.. tokens.Select((token, index) => token.Replace(mark, index == 0 && prepends ? "" : " ", StringComparison.Ordinal))];
}
