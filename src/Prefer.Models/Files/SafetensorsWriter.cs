using System.Buffers.Binary;
using System.Text.Json.Nodes;
using Prefer.Torch;

namespace Prefer.Models.Files;

/// <summary>Writes safetensors files: to a temporary name, flushed, then renamed.</summary>
internal static class SafetensorsWriter
{
    private const long PieceBytes = 1 << 24;

    /// <param name="path">The file to make or replace.</param>
    /// <param name="tensors">Names and values; written in the order of their names.</param>
    internal static void Write(string path, IEnumerable<(string Name, Tensor Tensor)> tensors)
    {
        var sorted = tensors.OrderBy(pair => pair.Name, StringComparer.Ordinal).ToList();
        var header = new JsonObject { ["__metadata__"] = new JsonObject { ["format"] = "pt" } };
        long offset = 0;
        foreach (var (name, tensor) in sorted)
        {
            var end = offset + (tensor.ElementCount * tensor.DType.Size());
            header[name] = new JsonObject
            {
                ["dtype"] = SafetensorsTypes.NameOf(tensor.DType),
                ["shape"] = new JsonArray([.. tensor.Shape.Select(size => JsonValue.Create(size))]),
                ["data_offsets"] = new JsonArray(offset, end),
            };
            offset = end;
        }
        var json = System.Text.Encoding.UTF8.GetBytes(header.ToJsonString());
        // The tensors' bytes begin at a multiple of eight; spaces after the JSON are part of the format.
        var padded = new byte[(json.Length + 7) / 8 * 8];
        padded.AsSpan().Fill((byte)' ');
        json.CopyTo(padded, 0);

        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, padded.Length);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(length);
            stream.Write(padded);
            foreach (var (_, tensor) in sorted)
            {
                WriteElements(stream, tensor);
            }
        });
    }

    /// <summary>In pieces: an embedding may have more bytes than an array holds.</summary>
    private static void WriteElements(Stream stream, Tensor tensor)
    {
        using var scope = new TensorScope();
        using var noGrad = TorchRuntime.NoGrad();
        var flat = tensor.Detach().Reshape(-1);
        var pieceLength = PieceBytes / tensor.DType.Size();
        var buffer = new byte[Math.Min(flat.ElementCount, pieceLength) * tensor.DType.Size()];
        for (long start = 0; start < flat.ElementCount; start += pieceLength)
        {
            var piece = flat.Narrow(0, start, Math.Min(pieceLength, flat.ElementCount - start));
            var bytes = buffer.AsSpan(0, (int)(piece.ElementCount * tensor.DType.Size()));
            piece.CopyTo(bytes);
            stream.Write(bytes);
        }
    }
}
