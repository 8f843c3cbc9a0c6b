using System.Collections.Immutable;
using System.Text;
using Prefer.Text.Unicode;

namespace Prefer.Text.PostProcessors;

/// <summary>Adds no tokens; takes the spaces at the ends of byte-level tokens out of their offsets.</summary>
internal sealed class ByteLevelPostProcessor : IPostProcessor
{
    private readonly bool _addPrefixSpace, _trimOffsets;

    private ByteLevelPostProcessor(JsonPlace place)
    {
        _addPrefixSpace = place.Flag("add_prefix_space", true);
        _trimOffsets = place.Flag("trim_offsets", true);
    }

    public ImmutableArray<TemplatePiece> Single => TemplatePiece.PlainSingle;

    public ImmutableArray<TemplatePiece> Pair => TemplatePiece.PlainPair;

    /// <remarks><c>use_regex</c> is a setting of the pre-tokenizer of the same name and has no effect here.</remarks>
    public static IPostProcessor Read(JsonPlace place) =>
        new ByteLevelPostProcessor(place);

    public void TrimOffsets(List<Token> tokens, Func<int, string?> tokenOf)
    {
        if (_trimOffsets)
        {
            Trim(tokens, tokenOf, _addPrefixSpace);
        }
    }

    /// <summary>Trims as many code points as the token has spaces at its ends, but not the one space that the pre-tokenizer put before the text.</summary>
    internal static void Trim(List<Token> tokens, Func<int, string?> tokenOf, bool addPrefixSpace)
    {
        for (var i = 0; i < tokens.Count; i++)
        {
            var token = tokens[i];
            var runes = (token.Matched ?? tokenOf(token.Id) ?? "").EnumerateRunes().ToArray();
            var leading = runes.TakeWhile(IsSpace).Count();
            var trailing = runes.Reverse().TakeWhile(IsSpace).Count();
            var (start, end) = token.Range;
            if (leading == 1 && addPrefixSpace && (i == 0 || start == 0))
            {
                leading = 0;
            }

            start = Math.Min(start + leading, end);
            if (trailing > 0 && end >= trailing)
            {
                end = Math.Max(end - trailing, start);
            }

            tokens[i] = token with { Range = new TextRange(start, end) };
        }
    }

    private static bool IsSpace(Rune rune) => rune.Value == ByteCharacters.Space || Rune.IsWhiteSpace(rune);
}
