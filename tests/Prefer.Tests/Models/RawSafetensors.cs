using System.Buffers.Binary;
using System.Text;

namespace Prefer.Tests.Models;

/// <summary>Safetensors files put together byte by byte, so that they can be wrong.</summary>
internal static class RawSafetensors
{
    /// <summary>The header as it stands behind its length, then zeros as data.</summary>
    internal static byte[] Of(string header, int dataLength) => OfLength((ulong)Encoding.UTF8.GetByteCount(header), header, dataLength);

    /// <summary>A header whose length is said to be another.</summary>
    internal static byte[] OfLength(ulong said, string header, int dataLength)
    {
        var length = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, said);
        return [.. length, .. Encoding.UTF8.GetBytes(header), .. new byte[dataLength]];
    }

    /// <summary>An entry of a header.</summary>
    internal static string Entry(string name, string dtype, string shape, long begin, long end) =>
        $$""" "{{name}}": { "dtype": "{{dtype}}", "shape": {{shape}}, "data_offsets": [{{begin}}, {{end}}] } """;
}
