using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Torch;

/// <summary>Tensors over a mapped file: its bytes, its memory, and never written back.</summary>
public sealed class FileMappingTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly TensorScope scope = new();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void A_tensor_is_the_bytes_from_its_offset_on()
    {
        using var mapping = Map([1, 2, 3, 4, 5, 6]);

        Assert.Equal([3, 4, 5, 6], mapping.Tensor(8, DType.Float32, [2, 2]).ToArray<float>());
        Assert.Equal([0], mapping.Tensor(24, DType.Float32, [0]).Shape);
    }

    [Fact]
    public void It_outlives_the_mapping_and_the_name_of_the_file()
    {
        Tensor tensor;
        using (var mapping = Map([1, 2, 3]))
        {
            tensor = mapping.Tensor(4, DType.Float32, [2]);
        }
        File.Delete(folder.File("values"));

        Assert.Equal([2, 3], tensor.ToArray<float>());
    }

    [Fact]
    public void What_is_written_to_it_does_not_reach_the_file()
    {
        using var mapping = Map([1, 2, 3]);
        var tensor = mapping.Tensor(0, DType.Float32, [3]);
        tensor.AddInPlace(10);

        Assert.Equal([11, 12, 13], tensor.ToArray<float>());
        using var other = FileMapping.Open(File.OpenHandle(folder.File("values")), 12);
        Assert.Equal([1, 2, 3], other.Tensor(0, DType.Float32, [3]).ToArray<float>());
    }

    [Fact]
    public void Forgotten_pages_are_read_again()
    {
        var values = Enumerable.Range(0, 5000).Select(value => (float)value).ToArray(); // 20,000 bytes: whole pages among them
        using var mapping = Map(values);
        var tensor = mapping.Tensor(0, DType.Float32, [5000]);
        Assert.Equal(values, tensor.ToArray<float>());

        mapping.Forget(0, 20_000);

        Assert.Equal(values, tensor.ToArray<float>());
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(0, 4)]
    [InlineData(12, 1)]
    [InlineData(-4, 1)]
    public void Elements_outside_or_between_places_are_refused(long offset, long count)
    {
        using var mapping = Map([1, 2, 3]);

        var error = Assert.Throws<TorchException>(() => mapping.Tensor(offset, DType.Float32, [count]));
        Assert.Contains("of 12 do not hold elements of 4", error.Message, StringComparison.Ordinal);
    }

    private FileMapping Map(float[] values)
    {
        var bytes = new byte[values.Length * 4];
        Buffer.BlockCopy(values, 0, bytes, 0, bytes.Length);
        File.WriteAllBytes(folder.File("values"), bytes);
        using var file = File.OpenHandle(folder.File("values"));
        return FileMapping.Open(file, bytes.Length);
    }
}
