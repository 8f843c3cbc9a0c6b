using System.Text;

namespace Prefer.Text.Decoders;

/// <summary>Takes up to so many of one character off the start and the end of every piece.</summary>
internal sealed class StripDecoder(Rune content, int start, int stop) : IDecoder
{
    public static IDecoder Read(JsonPlace place)
    {
        var content = place.Required("content");
        var runes = content.Text().EnumerateRunes().ToArray();
        return runes.Length == 1
            ? new StripDecoder(runes[0], place.Required("start").Count(), place.Required("stop").Count())
            : throw content.Refusal($"is \"{content.Text()}\", expected one character");
    }

    public IReadOnlyList<string> Decode(IReadOnlyList<string> tokens) => [.. tokens.Select(Strip)];

    private string Strip(string token)
    {
        var runes = token.EnumerateRunes().ToArray();
        var leading = runes.Take(start).TakeWhile(rune => rune == content).Count();
        var trailing = runes.Skip(leading).Reverse().Take(stop).TakeWhile(rune => rune == content).Count();
        return string.Concat(runes[leading..^trailing]);
    }
}
