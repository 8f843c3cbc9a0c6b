using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Prefer.Data;
using Prefer.Models;
using Prefer.Text;

namespace Prefer.Training;

/// <summary>The responses of rows as ids: encoded on all processors, or taken from the cache. The result is that of encoding one after the other.</summary>
internal static class TokenizedRows
{
    /// <summary>Raised when what <see cref="KeyOf"/> or the cache's files hold changes.</summary>
    private const int FormatVersion = 1;

    /// <summary>The sequences of each row's responses.</summary>
    /// <exception cref="DataException">A row cannot be encoded; the first such row in the order of the files.</exception>
    internal static EncodedSequence[][] Of(IReadOnlyList<Judgement> rows, RewardModel model, TokenizedCache? cache)
    {
        // Ids that are given cost nothing.
        if (cache is null || rows.All(row => row.AllResponses.All(response => response.IsTokenized)))
        {
            return Encode(rows, model);
        }
        var (key, counts) = (KeyOf(rows, model), rows.Select(row => row.AllResponses.Count()).ToArray());
        if (cache.Read(key, counts) is { } known)
        {
            return known;
        }
        var encoded = Encode(rows, model);
        cache.Write(key, encoded);
        return encoded;
    }

    private static EncodedSequence[][] Encode(IReadOnlyList<Judgement> rows, RewardModel model)
    {
        EncodedSequence[] Ids(Judgement row) => [.. row.AllResponses.Select(response => model.Encode(row.Prompt, response, row.Origin))];
        var encoded = new EncodedSequence[rows.Count][];
        try
        {
            Parallel.For(0, rows.Count, index => encoded[index] = Ids(rows[index]));
        }
        catch (AggregateException)
        {
            // Which row failed first in time is chance; one after the other, the first in the file is met first.
            foreach (var row in rows)
            {
                Ids(row);
            }
            throw;
        }
        return encoded;
    }

    /// <summary>SHA-256 of everything that decides the ids: the rows' texts, the tokenizer's files, the encoding, the model's limits, and the code.</summary>
    internal static string KeyOf(IReadOnlyList<Judgement> rows, RewardModel model)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Number(FormatVersion);
        // Another build of the tokenizer or the encoder may give other ids.
        Text(typeof(Tokenizer).Module.ModuleVersionId.ToString());
        Text(typeof(ConversationEncoder).Module.ModuleVersionId.ToString());
        Text(JsonSerializer.Serialize(model.Encoder.Options, RunState.JsonOptions));
        Text(string.Join(' ', model.EndTokenId, model.Network.VocabularySize, model.Network.TokenTypeCount));
        Bytes(model.Tokenizer is { } tokenizer ? tokenizer.Json.Span : []);
        foreach (var (name, content) in model.TokenizerFiles.Companions.OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            Text(name);
            Bytes(content);
        }
        foreach (var row in rows)
        {
            Turns(row.Prompt.AsSpan());
            Number(row.AllResponses.Count());
            foreach (var response in row.AllResponses)
            {
                Turns(response.Turns.AsSpan());
                Bytes(MemoryMarshal.AsBytes(response.InputIds.AsSpan()));
                Bytes(MemoryMarshal.AsBytes(response.TokenTypeIds.AsSpan()));
            }
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void Turns(ReadOnlySpan<Message> turns)
        {
            Number(turns.Length);
            foreach (var turn in turns)
            {
                Text(turn.Role);
                Text(turn.Content);
            }
        }

        // UTF-16 as it stands: UTF-8 would make one of all broken surrogates.
        void Text(string text) => Bytes(MemoryMarshal.AsBytes(text.AsSpan()));

        void Bytes(ReadOnlySpan<byte> bytes)
        {
            Number(bytes.Length);
            hash.AppendData(bytes);
        }

        void Number(int number)
        {
            Span<byte> bytes = stackalloc byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
            hash.AppendData(bytes);
        }
    }
}
