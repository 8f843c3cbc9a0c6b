namespace Prefer.Data;

/// <summary>One stream after the other, as one.</summary>
internal sealed class JoinedStream(Stream first, Stream second) : ForwardStream
{
    private bool firstEnded;

    public override int Read(Span<byte> buffer)
    {
        if (!firstEnded)
        {
            int read = first.Read(buffer);
            if (read > 0 || buffer.IsEmpty)
            {
                return read;
            }

            firstEnded = true;
        }

        return second.Read(buffer);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            first.Dispose();
            second.Dispose();
        }

        base.Dispose(disposing);
    }
}
