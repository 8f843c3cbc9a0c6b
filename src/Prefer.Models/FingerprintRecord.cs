using System.Buffers.Binary;
using System.Security.Cryptography;
using Prefer.Data;
using Prefer.Models.Files;

namespace Prefer.Models;

/// <summary>Where a model folder keeps the fingerprints of its training data: in <c>prefer.json</c> itself, or in a file beside it where they are many.</summary>
public sealed record FingerprintRecord
{
    /// <summary>The file of many.</summary>
    public const string FileName = "fingerprints.bin";

    /// <summary>Most prompts and pairs together that stand in prefer.json, of which they are at most two megabytes.</summary>
    internal const int LargestInline = 200_000;

    private static ReadOnlySpan<byte> Magic => "PREFSEEN"u8;

    /// <summary>Those of prompts, eight bytes each, ascending; null where they are in the file.</summary>
    public byte[]? Prompts { get; init; }

    /// <summary>Those of pairs, likewise.</summary>
    public byte[]? Pairs { get; init; }

    /// <summary>SHA-256 of the file; null where there is none.</summary>
    public string? FileSha256 { get; init; }

    /// <summary>What the folder's model was trained on, or null where its record does not say.</summary>
    /// <exception cref="ModelException">The record is damaged, or its file is missing or another.</exception>
    public static DataFingerprints? Load(string folder) => ModelRecord.Load(folder)?.Fingerprints?.Read(folder);

    /// <summary>The record of fingerprints, with its file in the folder where they are many.</summary>
    internal static FingerprintRecord Save(DataFingerprints fingerprints, string folder, int largestInline = LargestInline)
    {
        var (prompts, pairs) = (DataFingerprints.ToBytes(fingerprints.Prompts), DataFingerprints.ToBytes(fingerprints.Pairs));
        if (fingerprints.Prompts.Length + fingerprints.Pairs.Length <= largestInline)
        {
            return new FingerprintRecord { Prompts = prompts, Pairs = pairs };
        }

        var count = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(count, fingerprints.Prompts.Length);
        byte[] content = [.. Magic, .. count, .. prompts, .. pairs];
        AtomicFile.Write(Path.Combine(folder, FileName), stream => stream.Write(content));
        return new FingerprintRecord { FileSha256 = Convert.ToHexStringLower(SHA256.HashData(content)) };
    }

    private DataFingerprints Read(string folder)
    {
        var place = Path.Combine(folder, FileSha256 is null ? ModelRecord.FileName : FileName);
        try
        {
            if (FileSha256 is null)
            {
                return new DataFingerprints(DataFingerprints.FromBytes(Prompts), DataFingerprints.FromBytes(Pairs));
            }

            if (!File.Exists(place))
            {
                throw new ModelException($"{place}: missing, but {ModelRecord.FileName} says that the fingerprints of the training data are there. Restore it.");
            }

            var content = File.ReadAllBytes(place);
            if (Convert.ToHexStringLower(SHA256.HashData(content)) != FileSha256)
            {
                throw new ModelException($"{place}: not the file that {ModelRecord.FileName} was written with: its SHA-256 is another. Restore it.");
            }

            var end = 16 + 8 * (int)BinaryPrimitives.ReadInt64LittleEndian(content.AsSpan(8));
            return new DataFingerprints(DataFingerprints.FromBytes(content.AsSpan(16..end)), DataFingerprints.FromBytes(content.AsSpan(end..)));
        }
        catch (FormatException error)
        {
            throw new ModelException($"{place}: {error.Message}", error);
        }
    }
}
