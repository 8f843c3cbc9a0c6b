using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Prefer.Models;
using Prefer.Models.Files;

namespace Prefer.Training;

/// <summary>
/// The ids of data sets met before, a file a set, named by what decided the ids (<see cref="TokenizedRows.KeyOf"/>). docs/formats.md has the layout.
/// A file that is damaged, or cannot be read or written, costs its use and a note, never the run.
/// </summary>
/// <param name="folder">Made when it is needed.</param>
/// <param name="note">Is told what went wrong.</param>
/// <param name="largestBytes">The folder's files together; those that were not used for the longest time go first. The latest one stays whatever its size.</param>
internal sealed class TokenizedCache(string folder, Action<string> note, long largestBytes = 4L << 30)
{
    private const string Extension = ".tokens";

    private static ReadOnlySpan<byte> Magic => "PREFTOK1"u8;

    /// <summary>The sequences of a set, or null where there is no whole file of it.</summary>
    /// <param name="key">What decided the ids.</param>
    /// <param name="counts">Sequences of each row.</param>
    internal EncodedSequence[][]? Read(string key, IReadOnlyList<int> counts)
    {
        var path = PathOf(key);
        if (!File.Exists(path))
        {
            return null;
        }
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16);
            if (!IsWhole(stream))
            {
                note($"{path} is damaged (its checksum does not hold): the data is tokenized again.");
                return null;
            }
            stream.Position = Magic.Length;
            var sequences = Read(stream, counts);
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
            return sequences;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            note($"{path} cannot be read ({error.Message}): the data is tokenized again.");
            return null;
        }
    }

    /// <summary>Keeps the sequences of a set for the next run.</summary>
    internal void Write(string key, IReadOnlyList<EncodedSequence[]> rows)
    {
        try
        {
            Directory.CreateDirectory(folder);
            AtomicFile.Write(PathOf(key), stream => Write(stream, rows));
            Prune();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            note($"The tokenized data was not kept for the next run: {error.Message}. --no-cache does without.");
        }
    }

    private string PathOf(string key) => Path.Combine(folder, key + Extension);

    /// <summary>Deletes what was not used for the longest time, until the rest is small enough. Counts what a killed run left half written, too.</summary>
    private void Prune()
    {
        var total = 0L;
        foreach (var (index, file) in new DirectoryInfo(folder).EnumerateFiles().OrderByDescending(file => file.LastWriteTimeUtc).Index())
        {
            total += file.Length;
            if (index > 0 && total > largestBytes)
            {
                file.Delete();
            }
        }
    }

    private static bool IsWhole(FileStream stream)
    {
        var contentLength = stream.Length - SHA256.HashSizeInBytes;
        if (contentLength < Magic.Length)
        {
            return false;
        }
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 16];
        while (stream.Position < contentLength)
        {
            var piece = buffer.AsSpan(0, (int)Math.Min(buffer.Length, contentLength - stream.Position));
            stream.ReadExactly(piece);
            hash.AppendData(piece);
        }
        Span<byte> written = stackalloc byte[SHA256.HashSizeInBytes];
        stream.ReadExactly(written);
        return hash.GetHashAndReset().AsSpan().SequenceEqual(written);
    }

    private static EncodedSequence[][] Read(Stream stream, IReadOnlyList<int> counts)
    {
        using var reader = new BinaryReader(stream, System.Text.Encoding.UTF8, leaveOpen: true);
        var isWide = reader.ReadBoolean();
        var rows = new EncodedSequence[counts.Count][];
        for (var row = 0; row < rows.Length; row++)
        {
            rows[row] = new EncodedSequence[counts[row]];
            for (var index = 0; index < rows[row].Length; index++)
            {
                rows[row][index] = ReadSequence(reader, isWide);
            }
        }
        return rows;
    }

    private static EncodedSequence ReadSequence(BinaryReader reader, bool isWide)
    {
        var ids = new int[reader.Read7BitEncodedInt()];
        var (removedCount, responseStart, runCount) = (reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt(), reader.Read7BitEncodedInt());
        var types = new int[runCount == 0 ? 0 : ids.Length];
        for (var (run, start) = (0, 0); run < runCount; run++)
        {
            var length = reader.Read7BitEncodedInt();
            types.AsSpan(start, length).Fill(reader.Read7BitEncodedInt());
            start += length;
        }
        if (isWide)
        {
            reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(ids.AsSpan()));
        }
        else
        {
            var narrow = ArrayPool<ushort>.Shared.Rent(ids.Length);
            reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(narrow.AsSpan(0, ids.Length)));
            for (var index = 0; index < ids.Length; index++)
            {
                ids[index] = narrow[index];
            }
            ArrayPool<ushort>.Shared.Return(narrow);
        }
        return new EncodedSequence(ImmutableCollectionsMarshal.AsImmutableArray(ids), ImmutableCollectionsMarshal.AsImmutableArray(types), removedCount) { ResponseStart = responseStart };
    }

    private static void Write(Stream stream, IReadOnlyList<EncodedSequence[]> rows)
    {
        using var sha = SHA256.Create();
        using (var hashed = new CryptoStream(stream, sha, CryptoStreamMode.Write, leaveOpen: true))
        using (var writer = new BinaryWriter(new BufferedStream(hashed, 1 << 16)))
        {
            writer.Write(Magic);
            var isWide = rows.Any(row => row.Any(sequence => sequence.Ids.AsSpan().ContainsAnyExceptInRange(0, ushort.MaxValue)));
            writer.Write(isWide);
            foreach (var sequence in rows.SelectMany(row => row))
            {
                WriteSequence(writer, sequence, isWide);
            }
        }
        stream.Write(sha.Hash);
    }

    private static void WriteSequence(BinaryWriter writer, EncodedSequence sequence, bool isWide)
    {
        var ids = sequence.Ids.AsSpan();
        var types = sequence.TokenTypes.AsSpan();
        writer.Write7BitEncodedInt(ids.Length);
        writer.Write7BitEncodedInt(sequence.RemovedCount);
        writer.Write7BitEncodedInt(sequence.ResponseStart);
        var runs = new List<(int Length, int Type)>();
        for (var start = 0; start < types.Length;)
        {
            var type = types[start];
            var length = types[start..].IndexOfAnyExcept(type) is var end and >= 0 ? end : types.Length - start;
            runs.Add((length, type));
            start += length;
        }
        writer.Write7BitEncodedInt(runs.Count);
        foreach (var (length, type) in runs)
        {
            writer.Write7BitEncodedInt(length);
            writer.Write7BitEncodedInt(type);
        }
        if (isWide)
        {
            writer.Write(MemoryMarshal.AsBytes(ids));
            return;
        }
        var narrow = new ushort[ids.Length];
        for (var index = 0; index < narrow.Length; index++)
        {
            narrow[index] = (ushort)ids[index];
        }
        writer.Write(MemoryMarshal.AsBytes(narrow.AsSpan()));
    }
}
