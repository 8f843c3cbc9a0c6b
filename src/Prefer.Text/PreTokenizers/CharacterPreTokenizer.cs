using Prefer.Text.Unicode;

namespace Prefer.Text.PreTokenizers;

/// <summary>
/// Cuts at single characters: WhitespaceSplit, Digits, Punctuation and CharDelimiterSplit differ only in which, and in what becomes of them.
/// </summary>
internal sealed class CharacterPreTokenizer(CodePointSet delimiters, SplitBehavior behavior) : IPreTokenizer
{
    public static IPreTokenizer ReadDigits(JsonPlace place) => new CharacterPreTokenizer(
        RustCharacters.Numeric, place.Flag("individual_digits", false) ? SplitBehavior.Isolated : SplitBehavior.Contiguous);

    public static IPreTokenizer ReadPunctuation(JsonPlace place) => new CharacterPreTokenizer(
        BertCharacters.PunctuationSet, place.Optional("behavior") is { } behavior ? WordCutter.ReadBehavior(behavior) : SplitBehavior.Isolated);

    public static IPreTokenizer ReadCharDelimiterSplit(JsonPlace place) =>
        new CharacterPreTokenizer(CodePointSet.Of(place.Required("delimiter").Character().Value), SplitBehavior.Removed);

    public void Split(AlignedText text, List<AlignedText> words) => WordCutter.CutAt(text, behavior, words, delimiters);
}
