using System.IO.Compression;

namespace Prefer.Data;

/// <summary>
/// Decompresses gzip and throws <see cref="InvalidDataException"/> when the stream is cut short, which <see cref="GZipStream"/> alone reads
/// as a normal end. A gzip file may have several members, so one more, holding a known marker, is fed after the last byte:
/// only a decoder that finished the member before it can decode the marker.
/// </summary>
internal sealed class GzipInput : ForwardStream
{
    private static readonly byte[] Marker = "\0Prefer: end of gzip\0"u8.ToArray();
    private static readonly byte[] MarkerMember = Compress(Marker);

    private readonly GZipStream gzip;
    private readonly byte[] held = new byte[64 * 1024];
    private int heldCount;

    public GzipInput(Stream compressed) => gzip = new GZipStream(new JoinedStream(compressed, new MemoryStream(MarkerMember)), CompressionMode.Decompress);

    public override int Read(Span<byte> buffer)
    {
        // The last bytes are held back until it is known that they are not the marker.
        while (heldCount <= Marker.Length)
        {
            int read = gzip.Read(held, heldCount, held.Length - heldCount);
            if (read == 0)
            {
                return held.AsSpan(0, heldCount).SequenceEqual(Marker)
                    ? 0
                    : throw new InvalidDataException("The gzip stream ends before its last block.");
            }

            heldCount += read;
        }

        int count = Math.Min(buffer.Length, heldCount - Marker.Length);
        held.AsSpan(0, count).CopyTo(buffer);
        held.AsSpan(count, heldCount - count).CopyTo(held);
        heldCount -= count;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            gzip.Dispose();
        }

        base.Dispose(disposing);
    }

    private static byte[] Compress(byte[] bytes)
    {
        var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Optimal))
        {
            gzip.Write(bytes);
        }

        return memory.ToArray();
    }
}
