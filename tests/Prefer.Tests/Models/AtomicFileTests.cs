using Prefer.Models.Files;
using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>A write that fails leaves what was there, and nothing else.</summary>
public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_file_is_made_and_replaced()
    {
        var path = folder.File("a.txt");
        AtomicFile.WriteText(path, "first, a long one");
        AtomicFile.WriteText(path, "zweitens");
        Assert.Equal("zweitens", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_failed_write_leaves_the_old_file_and_no_temporary()
    {
        var path = folder.File("a.txt");
        AtomicFile.WriteText(path, "old");
        var error = Assert.Throws<IOException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write("half of the n"u8);
            stream.Flush();
            throw new IOException("the disk is full");
        }));
        Assert.Equal("the disk is full", error.Message);
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Weights_that_cannot_be_read_leave_the_old_file()
    {
        using var scope = new TensorScope();
        var path = folder.File("model.safetensors");
        SafetensorsWriter.Write(path, [("a", Tensor.From<int>([1, 2]))]);
        var freed = Tensor.From<int>([5]);
        freed.Dispose();
        Assert.Throws<ObjectDisposedException>(() => SafetensorsWriter.Write(path, [("a", freed)]));
        using var file = SafetensorsFile.Open(path);
        Assert.Equal([1, 2], file.Read("a").ToArray<int>());
        Assert.Equal([path], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_folder_that_is_missing_is_an_error_without_traces()
    {
        Assert.Throws<DirectoryNotFoundException>(() => AtomicFile.WriteText(Path.Combine(folder.Path, "none", "a.txt"), "x"));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }
}
