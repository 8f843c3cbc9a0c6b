using System.Text;

namespace Prefer.Data;

/// <summary>
/// A text without what tells near duplicates apart: lower-cased, white space and punctuation made single spaces, none at the ends. A punctuation mark before a
/// digit stays, so that 3.5 is not 35 and −5 is not 5; a text of nothing else stays as it is.
/// </summary>
internal static class FoldedText
{
    /// <summary>The folded text; folding it again changes nothing.</summary>
    public static string Of(string text)
    {
        var folded = new StringBuilder(text.Length);
        for (int at = 0; at < text.Length; at++)
        {
            char c = text[at];
            bool beforeDigit = at + 1 < text.Length && char.IsDigit(text[at + 1]);
            if (!char.IsWhiteSpace(c) && (!char.IsPunctuation(c) || beforeDigit))
            {
                folded.Append(char.ToLowerInvariant(c));
            }
            else if (folded.Length > 0 && folded[^1] != ' ')
            {
                folded.Append(' ');
            }
        }

        string words = folded.ToString().TrimEnd(' ');
        return words.Length > 0 ? words : text.Trim();
    }
}
