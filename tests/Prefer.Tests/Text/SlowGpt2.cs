using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Prefer.Tests.Text;

/// <summary>
/// GPT-2's pattern as a regular expression, to check the hand-written scanner. .NET's classes see UTF-16 units, so every code point is first
/// written as one BMP character of its class.
/// </summary>
internal static class SlowGpt2
{
    private static readonly Regex Pattern =
        new(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", RegexOptions.CultureInvariant);

    public static IEnumerable<string> Words(string text)
    {
        var runes = text.EnumerateRunes().ToList();
        var stand = string.Concat(runes.Select(StandIn));
        foreach (Match match in Pattern.Matches(stand))
        {
            yield return string.Concat(runes.Skip(match.Index).Take(match.Length));
        }
    }

    private static char StandIn(Rune rune) => rune.IsBmp
        ? (char)rune.Value
        : Rune.GetUnicodeCategory(rune) switch
        {
            <= UnicodeCategory.OtherLetter => 'é',
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => '½',
            _ => '!',
        };
}
