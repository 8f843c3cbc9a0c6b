using System.Text.RegularExpressions;

namespace Prefer.Evaluation.Robustness;

/// <summary>Changes that spoil an answer with its own words.</summary>
internal static partial class DamageChanges
{
    private const int LeastWords = 8;
    private const int LeastSentences = 3;

    /// <summary>The first half of the words, as if the answer had been cut off. Not of answers below eight words, of which half may still be one.</summary>
    public static string? Truncated(string text)
    {
        var words = Word().Matches(text);
        return words.Count < LeastWords ? null : text[..(words[words.Count / 2 - 1].Index + words[words.Count / 2 - 1].Length)];
    }

    /// <summary>The same sentences in another order, drawn at random, with what stands between them left in place. Not of fewer than three, or of equal ones.</summary>
    public static string? ShuffledSentences(string text, ChangeContext context)
    {
        var (parts, gaps) = Sentences.Of(text);
        if (parts.Count < LeastSentences || parts.Distinct(StringComparer.Ordinal).Count() == 1)
        {
            return null;
        }

        int[] order = [.. Enumerable.Range(0, parts.Count)];
        string[] shuffled;
        do
        {
            context.Random.Shuffle(order);
            shuffled = [.. order.Select(place => parts[place])];
        }
        while (shuffled.SequenceEqual(parts));

        return Sentences.Join(shuffled, gaps);
    }

    /// <summary>One paragraph, drawn at random, a second time behind itself. Paragraphs are divided by blank lines.</summary>
    public static string? RepeatedParagraph(string text, ChangeContext context)
    {
        var paragraphs = Paragraph().Matches(text);
        if (paragraphs.Count == 0)
        {
            return null;
        }

        var repeated = paragraphs[(int)context.Random.Below((ulong)paragraphs.Count)];
        return text.Insert(repeated.Index + repeated.Length, "\n\n" + repeated.Value);
    }

    [GeneratedRegex(@"\S+")]
    private static partial Regex Word();

    // From a first visible character to the last before a blank line or the end.
    [GeneratedRegex(@"\S(?:.*?\S)??(?=\s*?(?:\n[ \t\r]*\n|\z))", RegexOptions.Singleline)]
    private static partial Regex Paragraph();
}
