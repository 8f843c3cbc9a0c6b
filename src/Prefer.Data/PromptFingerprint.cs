using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Prefer.Data;

/// <summary>What makes two comparisons belong to the same side of a split.</summary>
public enum SplitKey
{
    /// <summary>The whole prompt. Dialogues that share an opening but not all turns may still come to lie on both sides.</summary>
    Prompt,

    /// <summary>The first user turn of the prompt (its first turn where no user speaks): whole dialogues stay together.</summary>
    FirstTurn,
}

/// <summary>
/// A hash by which prompts are recognised: SHA-256, in hexadecimal, over the roles and contents of the messages, white space normalised (ends
/// trimmed, runs made one space). A row without a prompt is recognised by what its two responses have in common at the beginning (ids or
/// text) and, where that is nothing, by the responses themselves, in either order.
/// </summary>
public static class PromptFingerprint
{
    /// <summary>The comparison's fingerprint, the same on every machine.</summary>
    public static string Of(Comparison comparison, SplitKey key = SplitKey.Prompt)
    {
        if (comparison.Prompt.IsEmpty)
        {
            return WithoutPrompt(comparison);
        }

        Message first = comparison.Prompt.FirstOrDefault(message => message.Role == "user") ?? comparison.Prompt[0];
        return OfMessages(key == SplitKey.FirstTurn ? [first] : comparison.Prompt);
    }

    /// <summary>The fingerprint of a rating's prompt, equal to that of comparisons with the same; without a prompt, of the response.</summary>
    public static string Of(Rating rating) => rating.Prompt.IsEmpty ? OfResponse(rating.Response) : OfMessages(rating.Prompt);

    private static string WithoutPrompt(Comparison comparison)
    {
        (Response chosen, Response rejected) = (comparison.Chosen, comparison.Rejected);
        int sharedIds = chosen.InputIds.AsSpan().CommonPrefixLength(rejected.InputIds.AsSpan());
        if (sharedIds > 0)
        {
            return Hash("ids", Bytes(chosen.InputIds.AsSpan()[..sharedIds]));
        }

        int sharedText = chosen.Text.AsSpan().CommonPrefixLength(rejected.Text);
        if (sharedText > 0)
        {
            return Hash("text", Encoding.UTF8.GetBytes(chosen.Text[..sharedText]));
        }

        string[] sides = [OfResponse(chosen), OfResponse(rejected)];
        Array.Sort(sides, StringComparer.Ordinal);
        return Hash("row", Encoding.UTF8.GetBytes(string.Concat(sides)));
    }

    /// <summary>The fingerprint of a response's turns and ids, contents as they stand.</summary>
    internal static string OfResponse(Response response)
    {
        var content = new MemoryStream();
        Append(content, response.Turns);
        content.Write(Bytes(response.InputIds.AsSpan()));
        content.Write(Bytes(response.TokenTypeIds.AsSpan()));
        return Hash("response", content.ToArray());
    }

    /// <summary>The fingerprint of a prompt.</summary>
    public static string OfMessages(ImmutableArray<Message> messages)
    {
        var content = new MemoryStream();
        Append(content, [.. messages.Select(message => message with { Content = Normalised(message.Content) })]);
        return Hash("prompt", content.ToArray());
    }

    private static void Append(MemoryStream content, ImmutableArray<Message> messages)
    {
        foreach (Message message in messages)
        {
            // Lengths in front keep ("ab", "c") and ("a", "bc") apart.
            foreach (string part in (ReadOnlySpan<string>)[message.Role, message.Content])
            {
                byte[] bytes = Encoding.UTF8.GetBytes(part);
                content.Write(Bytes([bytes.Length]));
                content.Write(bytes);
            }
        }
    }

    private static string Normalised(string text)
    {
        var normal = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            if (!char.IsWhiteSpace(c))
            {
                normal.Append(c);
            }
            else if (normal.Length > 0 && normal[^1] != ' ')
            {
                normal.Append(' ');
            }
        }

        return normal.ToString().TrimEnd(' ');
    }

    private static byte[] Bytes(ReadOnlySpan<int> numbers)
    {
        byte[] bytes = new byte[4 * numbers.Length];
        for (int index = 0; index < numbers.Length; index++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4 * index), numbers[index]);
        }

        return bytes;
    }

    private static string Hash(string kind, ReadOnlySpan<byte> content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(kind + "\0"));
        hash.AppendData(content);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
