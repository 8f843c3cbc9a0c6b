using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Prefer.Data;

/// <summary>By what a comparison is recognised whichever of its two responses was chosen.</summary>
/// <param name="Value">128 bits of SHA-256 over prompt and responses, the responses in an order of their own.</param>
/// <param name="IsTurned">True when the chosen response is the second in that order.</param>
internal readonly record struct PairKey(UInt128 Value, bool IsTurned)
{
    /// <summary>Of the texts as they stand.</summary>
    public static PairKey Exact(Comparison comparison) => Of(comparison, text => text);

    /// <summary>Of <see cref="FoldedText"/>; where the two responses differ in what it takes away only, of the texts as they stand. Ids are never folded.</summary>
    public static PairKey Folded(Comparison comparison)
    {
        bool differ = !Side(comparison.Chosen, FoldedText.Of).Equals(Side(comparison.Rejected, FoldedText.Of), StringComparison.Ordinal);
        return differ ? Of(comparison, FoldedText.Of) : Exact(comparison);
    }

    private static PairKey Of(Comparison comparison, Func<string, string> form)
    {
        string prompt = Side(new Response { Turns = comparison.Prompt }, form);
        (string chosen, string rejected) = (Side(comparison.Chosen, form), Side(comparison.Rejected, form));
        bool isTurned = string.CompareOrdinal(chosen, rejected) > 0;
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(prompt + (isTurned ? rejected + chosen : chosen + rejected)));
        return new PairKey(BinaryPrimitives.ReadUInt128BigEndian(hash), isTurned);
    }

    private static string Side(Response response, Func<string, string> form)
    {
        ImmutableArray<Message> turns = [.. response.Turns.Select(turn => turn with { Content = form(turn.Content) })];
        return PromptFingerprint.OfResponse(response with { Turns = turns });
    }
}
