using System.Globalization;

namespace Prefer.Models.Files;

/// <summary>Files that are there whole or not at all: written under a temporary name in the same folder, flushed to disk, renamed.</summary>
public static class AtomicFile
{
    private const string Extension = ".tmp";

    /// <summary>Makes or replaces a file with what <paramref name="write"/> puts into the stream.</summary>
    /// <exception cref="IOException">The disk is full or the folder cannot be written; an older file of that name is left as it was.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var temporary = $"{path}.{Environment.ProcessId}{Extension}";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch (ArgumentOutOfRangeException error) when (error.ParamName == "value")
        {
            // How .NET reports EFBIG; every other failure to write is an IOException already.
            File.Delete(temporary);
            throw new IOException($"{path}: larger than this process or the file system may make a file", error);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Whether a name is one that <see cref="Write"/> uses while it writes: NAME.PROCESS.tmp.</summary>
    public static bool IsTemporary(string path) =>
        path.EndsWith(Extension, StringComparison.Ordinal) && int.TryParse(Path.GetExtension(path.AsSpan(0, path.Length - Extension.Length)).TrimStart('.'), NumberStyles.None, CultureInfo.InvariantCulture, out _);

    /// <summary>Makes or replaces a UTF-8 text file.</summary>
    public static void WriteText(string path, string text) => Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));
}
