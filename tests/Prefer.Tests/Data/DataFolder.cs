using System.IO.Compression;
using System.Text;
using Prefer.Data;
using Xunit;

namespace Prefer.Tests.Data;

/// <summary>A folder of its own for a test's files, deleted afterwards.</summary>
internal sealed class DataFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("prefer-data-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public string Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    public string Write(string name, byte[] bytes)
    {
        string path = this[name];
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    public static byte[] Gzip(byte[] bytes)
    {
        var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return memory.ToArray();
    }

    /// <summary>The comparisons of a text given as standard input.</summary>
    public static List<Comparison> Read(string text) => Read(Encoding.UTF8.GetBytes(text));

    public static List<Comparison> Read(byte[] bytes) => [.. Source(bytes).Comparisons()];

    /// <summary>The message with which reading the text stops.</summary>
    public static string Complaint(string text) => Complaint(Encoding.UTF8.GetBytes(text));

    public static string Complaint(byte[] bytes, OnBadRow onBadRow = OnBadRow.Stop) =>
        Assert.Throws<DataException>(() => Source(bytes, onBadRow).Comparisons().Count()).Message;

    public static DataSource Source(byte[] bytes, OnBadRow onBadRow = OnBadRow.Stop) => DataSource.Open(["-"], onBadRow, () => new MemoryStream(bytes));

    public static DataSource Source(string text, OnBadRow onBadRow = OnBadRow.Stop) => Source(Encoding.UTF8.GetBytes(text), onBadRow);
}
