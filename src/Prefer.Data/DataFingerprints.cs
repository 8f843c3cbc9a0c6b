using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;

namespace Prefer.Data;

/// <summary>
/// By what a model remembers its training data: 64 bits of SHA-256 for each distinct prompt and each distinct pair. Nothing of the text can be read from them. Two that
/// differ have the same bits once in 10¹⁰ evaluations of 10,000 prompts against 100,000.
/// </summary>
/// <param name="Prompts">Of <see cref="PromptFingerprint"/>, ascending, none twice.</param>
/// <param name="Pairs">Of prompt and both responses in either order, case, white space and punctuation folded; ascending, none twice.</param>
public sealed record DataFingerprints(ImmutableArray<ulong> Prompts, ImmutableArray<ulong> Pairs)
{
    /// <summary>Those of rows; a ranking counts with all its pairs, a rating with its prompt.</summary>
    public static DataFingerprints Of(IEnumerable<Judgement> rows)
    {
        (ulong? Prompt, ulong? Pair)[] all = [.. rows.AsParallel().SelectMany(OfRow)];
        return new DataFingerprints(Sorted(all.Select(row => row.Prompt)), Sorted(all.Select(row => row.Pair)));
    }

    /// <summary>Whether the comparison's prompt is among them.</summary>
    public bool HasPrompt(Comparison comparison) => Prompts.BinarySearch(OfPrompt(comparison)) >= 0;

    /// <summary>Whether its prompt with both responses is, in either order.</summary>
    public bool HasPair(Comparison comparison) => Pairs.BinarySearch(OfPair(comparison)) >= 0;

    /// <summary>Eight bytes each, the lowest first.</summary>
    public static byte[] ToBytes(ImmutableArray<ulong> fingerprints)
    {
        byte[] bytes = new byte[8 * fingerprints.Length];
        for (int index = 0; index < fingerprints.Length; index++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8 * index), fingerprints[index]);
        }

        return bytes;
    }

    /// <summary>The inverse of <see cref="ToBytes"/>.</summary>
    /// <exception cref="FormatException">Not whole fingerprints, or not in order.</exception>
    public static ImmutableArray<ulong> FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length % 8 != 0)
        {
            throw new FormatException($"found {bytes.Length} bytes of fingerprints; expected a multiple of 8");
        }

        ulong[] fingerprints = new ulong[bytes.Length / 8];
        for (int index = 0; index < fingerprints.Length; index++)
        {
            fingerprints[index] = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(8 * index)..]);
            if (index > 0 && fingerprints[index] <= fingerprints[index - 1])
            {
                throw new FormatException($"found fingerprint {index + 1} out of order; expected ascending ones, none twice");
            }
        }

        return [.. fingerprints];
    }

    internal static ulong OfPrompt(Comparison comparison) => ulong.Parse(PromptFingerprint.Of(comparison).AsSpan(0, 16), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    internal static ulong OfPair(Comparison comparison) => (ulong)(PairKey.Folded(comparison).Value >> 64);

    private static IEnumerable<(ulong? Prompt, ulong? Pair)> OfRow(Judgement row) => row switch
    {
        Comparison pair => [(OfPrompt(pair), OfPair(pair))],
        Ranking ranking => ranking.Pairs().SelectMany(OfRow),
        Rating { Prompt.IsEmpty: false } rating => [(OfPrompt(new Comparison { Prompt = rating.Prompt, Chosen = rating.Response, Rejected = rating.Response }), null)],
        _ => [],
    };

    private static ImmutableArray<ulong> Sorted(IEnumerable<ulong?> fingerprints) => [.. fingerprints.OfType<ulong>().Distinct().Order()];
}
