using System.Text;

namespace Prefer.Text.Decoders;

/// <summary>Marks of spaces back to spaces; in the first token they go, where the pre-tokenizer put one there.</summary>
internal sealed class MetaspaceDecoder(string mark, bool prepends) : IDecoder
{
    /// <remarks><c>split</c> and <c>str_rep</c> are settings of the pre-tokenizer of the same name and have no effect here.</remarks>
    public static IDecoder Read(JsonPlace place)
    {
        var mark = place.Allow("replacement", "add_prefix_space", "prepend_scheme", "split", "str_rep").Required("replacement");
        if (!Rune.TryGetRuneAt(mark.Text().Length > 0 ? mark.Text() : "\0\0", 0, out var rune) || rune.Utf16SequenceLength != mark.Text().Length)
        {
            throw mark.Refusal($"is \"{mark.Text()}\", expected one character");
        }

        var prefixes = place.Flag("add_prefix_space", true);
        var prepends = place.Text("prepend_scheme", "always") switch
        {
            "always" or "first" when !prefixes && place.Optional("prepend_scheme") is not null =>
                throw place.Refusal("has add_prefix_space false, which contradicts its prepend_scheme"),
            "always" or "first" => prefixes,
            "never" => false,
            var other => throw place.Required("prepend_scheme").Refusal($"is \"{other}\", expected always, first or never"),
        };
        return new MetaspaceDecoder(mark.Text(), prepends);
    }

    public IReadOnlyList<string> Decode(IReadOnlyList<string> tokens) =>
        [.. tokens.Select((token, index) => token.Replace(mark, index == 0 && prepends ? "" : " ", StringComparison.Ordinal))];
}
