using Prefer.Text.Unicode;

namespace Prefer.Text.PreTokenizers;

/// <summary>Cuts at the matches of a pattern; a behavior says what becomes of the matches.</summary>
internal sealed class SplitPreTokenizer(TextPattern pattern, SplitBehavior behavior, bool inverted) : IPreTokenizer
{
    public static IPreTokenizer Read(JsonPlace place)
    {
        place.Allow("pattern", "behavior", "invert");
        return new SplitPreTokenizer(
            TextPattern.Read(place.Required("pattern")), SplitBehaviors.Read(place.Required("behavior")), place.Flag("invert", false));
    }

    public void Split(AlignedText text, List<AlignedText> words) =>
        SplitBehaviors.Split(text, pattern.Matches(text.Units), behavior, inverted, words);
}
