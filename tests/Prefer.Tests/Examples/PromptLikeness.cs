using System.Text.RegularExpressions;

namespace Prefer.Tests.Examples;

/// <summary>How alike two prompts are: by the words they share, by the runs of three words they share, and by what is left when names and numbers are taken out.</summary>
internal sealed partial class PromptLikeness(string prompt)
{
    private readonly string[] words = [.. Word().Matches(prompt.ToLowerInvariant()).Select(match => match.Value)];

    /// <summary>Jaccard of the sets of words.</summary>
    public double Words(PromptLikeness other) => Jaccard([.. words], [.. other.words]);

    /// <summary>Jaccard of the sets of three words in a row.</summary>
    public double Trigrams(PromptLikeness other) => Jaccard(TrigramSet(), other.TrigramSet());

    /// <summary>The first words, by which a template is often known.</summary>
    public string Opening(int count) => string.Join(' ', words.Take(count));

    /// <summary>The prompt with every number and every capitalised word masked.</summary>
    public string Skeleton() => Capitalised().Replace(Number().Replace(prompt, "0"), "X");

    private HashSet<string> TrigramSet() => [.. words.Zip(words.Skip(1), words.Skip(2)).Select(run => $"{run.First} {run.Second} {run.Third}")];

    private static double Jaccard(HashSet<string> a, HashSet<string> b)
    {
        var shared = a.Count(b.Contains);
        var all = a.Count + b.Count - shared;
        return all == 0 ? 0 : (double)shared / all;
    }

    [GeneratedRegex(@"[\p{L}\d']+")]
    private static partial Regex Word();

    [GeneratedRegex(@"\d[\d.,:]*")]
    private static partial Regex Number();

    [GeneratedRegex(@"\b\p{Lu}\w*")]
    private static partial Regex Capitalised();
}
