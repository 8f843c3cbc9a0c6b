using System.Buffers;

namespace Prefer.Data;

/// <summary>
/// One input as the bytes of its rows: the lines of JSON Lines, or the elements of a JSON array, told apart by the first byte that is not
/// white space; gzip is told by its magic bytes. Holds one row at a time. What is inside a row is not looked at here.
/// </summary>
internal sealed class RowStream : IDisposable
{
    private static readonly SearchValues<byte> Structure = SearchValues.Create("\"{}[],\n"u8);
    private static readonly SearchValues<byte> InText = SearchValues.Create("\"\\\n"u8);

    private readonly string name;
    private readonly Stream stream;
    private byte[] buffer = new byte[64 * 1024];
    private int start;
    private int end;
    private long line = 1;
    private bool ended;
    private bool anyElement;

    private RowStream(string name, Stream raw)
    {
        this.name = name;
        stream = raw;
        while (end < 3 && Fill())
        {
        }

        if (Available.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
        {
            IsGzip = true;
            stream = new GzipInput(new JoinedStream(new MemoryStream(buffer[..end]), raw));
            end = 0;
        }

        while (end < 4 && Fill())
        {
        }

        if (Available.StartsWith("PAR1"u8))
        {
            throw new DataException(
                $"{name}: found a Parquet file, which is not read; expected JSON Lines or a JSON array; convert it, for instance with python3 -c \"import pandas; pandas.read_parquet('IN.parquet').to_json('OUT.jsonl', orient='records', lines=True)\"");
        }

        if (Available.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
        {
            start = 3;
        }

        if (!SkipWhite())
        {
            throw new DataException($"{name}: found an empty file; expected at least one row; check that the file was written to its end");
        }

        IsArray = buffer[start] == (byte)'[';
        start += IsArray ? 1 : 0;
    }

    /// <summary>Opens a path, or the given standard input for <c>-</c>.</summary>
    /// <exception cref="DataException">The file cannot be opened, is empty, or is not a whole gzip stream.</exception>
    public static RowStream Open(string file, Func<Stream> standardInput)
    {
        Stream? raw = null;
        try
        {
            // The buffer is this class's own.
            raw = file == InputFiles.StandardInput ? standardInput() : new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1);
            return new RowStream(file, raw);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            raw?.Dispose();
            throw new DataException($"{file}: found a file that cannot be read ({error.Message}); expected one to read; check its permissions", error);
        }
        catch (DataException)
        {
            raw?.Dispose();
            throw;
        }
    }

    /// <summary>True for a JSON array, false for JSON Lines.</summary>
    public bool IsArray { get; }

    /// <summary>True for gzip.</summary>
    public bool IsGzip { get; }

    private ReadOnlySpan<byte> Available => buffer.AsSpan(start, end - start);

    /// <summary>The next row.</summary>
    /// <param name="row">Its bytes, valid until the next call.</param>
    /// <param name="rowLine">The 1-based line of its first byte.</param>
    public bool TryRead(out ReadOnlyMemory<byte> row, out long rowLine) => IsArray ? TryReadElement(out row, out rowLine) : TryReadLine(out row, out rowLine);

    /// <summary>Closes the input.</summary>
    public void Dispose() => stream.Dispose();

    private bool TryReadLine(out ReadOnlyMemory<byte> row, out long rowLine)
    {
        // White space in front of a row may hold line ends; what follows it is the first byte of the row.
        if (!SkipWhite())
        {
            (row, rowLine) = (default, line);
            return false;
        }

        int scanned = 0;
        int length;
        while ((length = Available[scanned..].IndexOf((byte)'\n')) < 0)
        {
            scanned = end - start;
            if (!Fill())
            {
                break;
            }
        }

        length = length < 0 ? end - start : scanned + length;
        row = buffer.AsMemory(start, length);
        rowLine = line;
        start += length;
        return true;
    }

    private bool TryReadElement(out ReadOnlyMemory<byte> row, out long rowLine)
    {
        (row, rowLine) = (default, line);
        byte next = NextInArray();
        if (next == (byte)']')
        {
            start++;
            return anyElement ? EndOfArray() : throw new DataException($"{name}:{line}: found an empty array; expected at least one row; check that the file was written to its end");
        }

        if (anyElement)
        {
            if (next != (byte)',')
            {
                throw new DataException($"{name}:{line}: found '{(char)next}' after a row of the array; expected ',' or ']'; repair the file (for rows without commas, drop the brackets and write one row a line)");
            }

            start++;
            NextInArray();
        }

        rowLine = line;
        int length = ElementLength();
        row = buffer.AsMemory(start, length);
        start += length;
        anyElement = true;
        return true;
    }

    private bool EndOfArray() => !SkipWhite()
        ? false
        : throw new DataException($"{name}:{line}: found more after the array's end; expected the end of the file; put all rows into one array or write one row a line");

    private byte NextInArray() => SkipWhite() ? buffer[start] : throw CutShort();

    /// <summary>Bytes from the start of an element to its end: where its brackets close or, for a plain value, where the next comma, bracket or line is.</summary>
    private int ElementLength()
    {
        int length = 0;
        int depth = 0;
        bool inText = false;
        while (true)
        {
            ReadOnlySpan<byte> rest = Available[Math.Min(length, end - start)..];
            int found = rest.IndexOfAny(inText ? InText : Structure);
            if (found < 0)
            {
                length = Math.Max(length, end - start);
                if (!Fill())
                {
                    throw CutShort();
                }

                continue;
            }

            length += found;
            switch (rest[found])
            {
                case (byte)'\\':
                    length += 2; // with the escaped byte
                    continue;
                case (byte)'"':
                    inText = !inText;
                    break;
                case (byte)'\n':
                    line++;
                    break;
                case (byte)'{' or (byte)'[':
                    depth++;
                    break;
                case (byte)',' when depth == 0:
                    return length;
                case (byte)']' or (byte)'}' when depth == 0:
                    return length;
                case (byte)']' or (byte)'}' when --depth == 0:
                    return length + 1;
            }

            length++;
        }
    }

    private DataException CutShort() => new($"{name}:{line}: found the end of the file inside an array; expected ']'; the file was cut short: fetch or write it again");

    private bool SkipWhite()
    {
        while (true)
        {
            for (; start < end; start++)
            {
                if (buffer[start] is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
                {
                    return true;
                }

                line += buffer[start] == (byte)'\n' ? 1 : 0;
            }

            if (!Fill())
            {
                return false;
            }
        }
    }

    /// <summary>Reads more behind what is buffered, moving or growing the buffer when it is full; false at the end of the input.</summary>
    private bool Fill()
    {
        if (ended)
        {
            return false;
        }

        if (end == buffer.Length)
        {
            byte[] target = start > 0 ? buffer : new byte[buffer.Length * 2];
            buffer.AsSpan(start, end - start).CopyTo(target);
            (buffer, start, end) = (target, 0, end - start);
        }

        try
        {
            int read = stream.Read(buffer, end, buffer.Length - end);
            end += read;
            ended = read == 0;
            return !ended;
        }
        catch (InvalidDataException error)
        {
            throw new DataException($"{name}:{line}: found a gzip stream that is cut short or damaged; expected a whole one; fetch or compress the file again ('gzip -t' checks it)", error);
        }
    }
}
