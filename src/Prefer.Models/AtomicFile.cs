namespace Prefer.Models;

/// <summary>Files that are there whole or not at all: written under a temporary name in the same folder, flushed to disk, renamed.</summary>
public static class AtomicFile
{
    /// <summary>Makes or replaces a file with what <paramref name="write"/> puts into the stream.</summary>
    /// <exception cref="IOException">The disk is full or the folder cannot be written; an older file of that name is left as it was.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Makes or replaces a UTF-8 text file.</summary>
    public static void WriteText(string path, string text) => Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));
}
