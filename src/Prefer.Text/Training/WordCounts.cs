using System.Runtime.InteropServices;
using Prefer.Text.PreTokenizers;

namespace Prefer.Text.Training;

/// <summary>How often each of GPT-2's words occurs in the texts.</summary>
internal static class WordCounts
{
    public static Dictionary<string, long> Count(IEnumerable<string> texts)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        var bySpan = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var text in texts)
        {
            for (var start = 0; start < text.Length;)
            {
                var end = Gpt2Words.End(text, start);
                CollectionsMarshal.GetValueRefOrAddDefault(bySpan, text.AsSpan(start, end - start), out _)++;
                start = end;
            }
        }

        return counts;
    }
}
