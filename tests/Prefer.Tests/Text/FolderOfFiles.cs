using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Prefer.Tests.Text;

/// <summary>Writes what a checkpoint without tokenizer.json has, from the content of one that has it.</summary>
internal static class FolderOfFiles
{
    /// <summary>A SentencePiece model with the fields that its trainer writes.</summary>
    public static byte[] SentencePiece(
        IEnumerable<(string Text, double Score, int Kind)> pieces, int model, int unknownId, byte[]? characterMap = null, bool bytes = false)
    {
        var file = new MemoryStream();
        foreach (var (text, score, kind) in pieces)
        {
            var piece = new MemoryStream();
            Field(piece, 1, System.Text.Encoding.UTF8.GetBytes(text));
            piece.WriteByte((2 << 3) | 5);
            var single = new byte[4];
            BinaryPrimitives.WriteSingleLittleEndian(single, (float)score);
            piece.Write(single);
            if (kind != 1)
            {
                Number(piece, 3, (ulong)kind);
            }

            Field(file, 1, piece.ToArray());
        }

        var trainer = new MemoryStream();
        Field(trainer, 1, "corpus.txt"u8);
        Number(trainer, 3, (ulong)model);
        Number(trainer, 4, 8000);
        trainer.Write([(10 << 3) | 5, 0, 0, 0x80, 0x3F]);
        Number(trainer, 35, bytes ? 1u : 0);
        Number(trainer, 40, (ulong)unknownId);
        Number(trainer, 43, ulong.MaxValue); // pad_id is -1 where there is none
        Field(trainer, 45, "<unk>"u8);
        Field(file, 2, trainer.ToArray());

        var normalizer = new MemoryStream();
        Field(normalizer, 1, "nmt_nfkc"u8);
        Field(normalizer, 2, characterMap ?? []);
        Number(normalizer, 3, 1);
        Number(normalizer, 4, 1);
        Number(normalizer, 5, 1);
        Field(file, 3, normalizer.ToArray());
        return file.ToArray();
    }

    /// <summary>A folder of files by name: bytes, or text, or JSON.</summary>
    public static string Write(TemporaryFolder folder, params ReadOnlySpan<(string Name, object Content)> files)
    {
        foreach (var (name, content) in files)
        {
            var bytes = content switch
            {
                byte[] given => given,
                string text => System.Text.Encoding.UTF8.GetBytes(text),
                JsonNode json => System.Text.Encoding.UTF8.GetBytes(json.ToJsonString()),
                _ => JsonSerializer.SerializeToUtf8Bytes(content),
            };
            File.WriteAllBytes(Path.Combine(folder.Path, name), bytes);
        }

        return folder.Path;
    }

    private static void Field(MemoryStream stream, int field, ReadOnlySpan<byte> content)
    {
        Varint(stream, (ulong)((field << 3) | 2));
        Varint(stream, (ulong)content.Length);
        stream.Write(content);
    }

    private static void Number(MemoryStream stream, int field, ulong value)
    {
        Varint(stream, (ulong)(field << 3));
        Varint(stream, value);
    }

    private static void Varint(MemoryStream stream, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            stream.WriteByte((byte)(value | 0x80));
        }

        stream.WriteByte((byte)value);
    }
}
