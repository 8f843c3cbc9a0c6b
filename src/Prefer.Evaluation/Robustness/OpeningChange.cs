namespace Prefer.Evaluation.Robustness;

/// <summary>Another greeting or opening phrase of the same meaning, from a plain list that anyone can check.</summary>
internal static class OpeningChange
{
    /// <summary>Phrases of each line may stand for one another.</summary>
    internal static IReadOnlyList<string[]> Groups { get; } =
    [
        ["Hello", "Hi", "Hi there", "Hello there"],
        ["Sure", "Of course", "Certainly", "Absolutely"],
        ["Yes, of course", "Yes, certainly", "Yes, absolutely"],
        ["Here is", "Here's"],
        ["I'm sorry", "I am sorry"],
        ["Sorry", "Apologies"],
        ["Thank you for", "Thanks for"],
        ["Thank you", "Thanks"],
        ["I think", "I believe"],
        ["That's a good question", "That's a great question", "Good question", "Great question"],
        ["You're welcome", "You are welcome"],
        ["You can", "You could"],
        ["There are many", "There are lots of"],
    ];

    /// <summary>The phrase that the text begins with, replaced by another of its group; the rest stays. The longest phrase counts, and only whole words.</summary>
    public static string? Paraphrase(string text, ChangeContext context)
    {
        var found = Groups
            .SelectMany(group => group.Select(phrase => (Group: group, Phrase: phrase)))
            .Where(entry => text.StartsWith(entry.Phrase, StringComparison.Ordinal) && (text.Length == entry.Phrase.Length || !IsInWord(text[entry.Phrase.Length])))
            .OrderByDescending(entry => entry.Phrase.Length).FirstOrDefault();
        if (found.Group is null)
        {
            return null;
        }

        string[] others = [.. found.Group.Where(phrase => phrase != found.Phrase)];
        return others[(int)context.Random.Below((ulong)others.Length)] + text[found.Phrase.Length..];
    }

    private static bool IsInWord(char c) => char.IsLetterOrDigit(c) || c is '\'' or '’';
}
