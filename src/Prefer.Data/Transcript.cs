using System.Collections.Immutable;

namespace Prefer.Data;

/// <summary>
/// The transcripts of Anthropic's HH-RLHF: <c>\n\nHuman: …\n\nAssistant: …</c>. A mark at the very beginning may lack its two newlines when
/// another mark follows. One space after a mark belongs to the mark; all other white space is content.
/// </summary>
internal static class Transcript
{
    private const string Human = "\n\nHuman:";
    private const string Assistant = "\n\nAssistant:";

    /// <summary>True for a text that begins with a mark.</summary>
    public static bool IsTranscript(string text) =>
        text.StartsWith(Human, StringComparison.Ordinal)
        || text.StartsWith(Assistant, StringComparison.Ordinal)
        || (text.StartsWith(Human.AsSpan(2), StringComparison.Ordinal) && text.Contains(Assistant, StringComparison.Ordinal));

    /// <summary>The turns: <c>user</c> for Human, <c>assistant</c> for Assistant, in the order written, equal neighbours not merged.</summary>
    public static ImmutableArray<Message> Parse(string text)
    {
        var turns = ImmutableArray.CreateBuilder<Message>();
        (int at, int length, string role) = text.StartsWith(Human.AsSpan(2), StringComparison.Ordinal) ? (0, Human.Length - 2, "user") : NextMark(text, 0);
        while (at < text.Length)
        {
            (int next, int nextLength, string nextRole) = NextMark(text, at + length);
            int content = at + length;
            content += content < next && text[content] == ' ' ? 1 : 0;
            turns.Add(new Message(role, text[content..next]));
            (at, length, role) = (next, nextLength, nextRole);
        }

        return turns.DrainToImmutable();
    }

    /// <summary>The next mark, or the text's end.</summary>
    private static (int At, int Length, string Role) NextMark(string text, int from)
    {
        for (int at = from; (at = text.IndexOf("\n\n", at, StringComparison.Ordinal)) >= 0; at++)
        {
            if (text.AsSpan(at).StartsWith(Human, StringComparison.Ordinal))
            {
                return (at, Human.Length, "user");
            }

            if (text.AsSpan(at).StartsWith(Assistant, StringComparison.Ordinal))
            {
                return (at, Assistant.Length, "assistant");
            }
        }

        return (text.Length, 0, "");
    }
}
