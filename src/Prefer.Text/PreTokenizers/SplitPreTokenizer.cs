using Prefer.Text.Patterns;

namespace Prefer.Text.PreTokenizers;

/// <summary>Cuts at the matches of a pattern; a behavior says what becomes of the matches.</summary>
internal sealed class SplitPreTokenizer(Pattern pattern, SplitBehavior behavior, bool inverted) : IPreTokenizer
{
    public static IPreTokenizer Read(JsonPlace place) =>
        new SplitPreTokenizer(
            TextPattern.Read(place.Required("pattern")), WordCutter.ReadBehavior(place.Required("behavior")), place.Flag("invert", false));

    public void Split(AlignedText text, List<AlignedText> words)
    {
        var cutter = new WordCutter(text, behavior, words, inverted);
        foreach (var (start, end) in pattern.Matches(text.Units))
        {
            cutter.Delimiter(start, end);
        }

        cutter.Finish();
    }
}
