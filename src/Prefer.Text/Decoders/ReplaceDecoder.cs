using System.Text;
using Prefer.Text.Patterns;

namespace Prefer.Text.Decoders;

/// <summary>Replaces every match of a pattern, token by token.</summary>
internal sealed class ReplaceDecoder(Pattern pattern, string content) : IDecoder
{
    public static IDecoder Read(JsonPlace place) =>
        new ReplaceDecoder(TextPattern.Read(place.Required("pattern")), place.Required("content").Text());

    public IReadOnlyList<string> Decode(IReadOnlyList<string> tokens) => [.. tokens.Select(Replace)];

    private string Replace(string token)
    {
        var result = new StringBuilder();
        var done = 0;
        foreach (var (start, end) in pattern.Matches(token))
        {
            result.Append(token, done, start - done).Append(content);
            done = end;
        }

        return result.Append(token, done, token.Length - done).ToString();
    }
}
