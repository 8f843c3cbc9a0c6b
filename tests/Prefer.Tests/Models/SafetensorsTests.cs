using System.Buffers.Binary;
using System.Text.Json;
using Prefer.Models.Files;
using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>What is written comes back, and is laid out as the format says.</summary>
public sealed class SafetensorsTests : IDisposable
{
    private static readonly DType[] Types = Enum.GetValues<DType>();

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_link_reads_as_the_file_it_leads_to()
    {
        using var scope = new TensorScope();
        SafetensorsWriter.Write(folder.File("blob"), [("a", Tensor.From<float>([1, 2, 3]))]);
        File.CreateSymbolicLink(folder.File("model.safetensors"), "blob");

        using var file = SafetensorsFile.Open(folder.File("model.safetensors"));
        Assert.Equal([1, 2, 3], file.Read("a").ToArray<float>());
    }

    [Fact]
    public void Every_element_type_and_shape_comes_back()
    {
        var random = new Random(9);
        for (var round = 0; round < 40; round++)
        {
            using var scope = new TensorScope();
            var written = Enumerable.Range(0, random.Next(0, 12)).ToDictionary(index => $"layer.{index}.名前 \"{round}\"", _ => Draw(random));
            var path = folder.File($"{round}.safetensors");
            SafetensorsWriter.Write(path, written.Select(pair => (pair.Key, pair.Value)));

            using var file = SafetensorsFile.Open(path);
            Assert.Equal(written.Keys.Order(StringComparer.Ordinal), file.Entries.Keys.Order(StringComparer.Ordinal));
            foreach (var (name, tensor) in written)
            {
                var read = file.Read(name);
                Assert.Equal((tensor.DType, tensor.Device), (read.DType, read.Device));
                Assert.Equal(tensor.Shape, read.Shape);
                Assert.Equal(Bytes(tensor), Bytes(read));
            }
        }
    }

    [Fact]
    public void Written_file_follows_the_format()
    {
        using var scope = new TensorScope();
        var path = folder.File("a.safetensors");
        SafetensorsWriter.Write(path, [("second", Tensor.From<float>([1, 2, 3], [3, 1])), ("first", Tensor.From<byte>([7]))]);

        var bytes = File.ReadAllBytes(path);
        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        Assert.Equal(0, length % 8);
        using var header = JsonDocument.Parse(bytes.AsMemory(8, length));
        Assert.Equal("pt", header.RootElement.GetProperty("__metadata__").GetProperty("format").GetString());
        Assert.Equal("""{"dtype":"U8","shape":[1],"data_offsets":[0,1]}""", header.RootElement.GetProperty("first").GetRawText());
        Assert.Equal("""{"dtype":"F32","shape":[3,1],"data_offsets":[1,13]}""", header.RootElement.GetProperty("second").GetRawText());
        Assert.Equal([7, 0, 0, 0x80, 0x3f, 0, 0, 0, 0x40, 0, 0, 0x40, 0x40], bytes[(8 + length)..]);
    }

    [Fact]
    public void A_transposed_tensor_is_written_in_row_major_order()
    {
        using var scope = new TensorScope();
        var path = folder.File("a.safetensors");
        SafetensorsWriter.Write(path, [("t", Tensor.From<int>([1, 2, 3, 4], [2, 2]).Transpose(0, 1))]);
        using var file = SafetensorsFile.Open(path);
        Assert.Equal([1, 3, 2, 4], file.Read("t").ToArray<int>());
    }

    [Fact]
    public void A_read_tensor_outlives_its_file()
    {
        using var scope = new TensorScope();
        var path = folder.File("a.safetensors");
        SafetensorsWriter.Write(path, [("t", Tensor.From<int>([1, 2]))]);
        Tensor read;
        using (var file = SafetensorsFile.Open(path))
        {
            read = file.Read("t");
        }
        File.Delete(path);
        Assert.Equal([1, 2], read.ToArray<int>());
    }

    [Fact]
    public void Entries_in_any_order_and_padding_behind_the_header_are_read()
    {
        using var scope = new TensorScope();
        var path = folder.File("a.safetensors");
        var (late, early, empty) = (RawSafetensors.Entry("late", "U8", "[2]", 1, 3), RawSafetensors.Entry("early", "BOOL", "[1]", 0, 1), RawSafetensors.Entry("empty", "F32", "[0, 4]", 1, 1));
        File.WriteAllBytes(path, RawSafetensors.Of($"{{{late},{empty},{early}}}      ", 3));
        using var file = SafetensorsFile.Open(path);
        Assert.Equal([2], file.Read("late").Shape);
        Assert.Equal([0, 4], file.Read("empty").Shape);
        Assert.Equal([false], file.Read("early").ToArray<bool>());
    }

    private static Tensor Draw(Random random)
    {
        var dtype = Types[random.Next(Types.Length)];
        var shape = Enumerable.Range(0, random.Next(0, 4)).Select(_ => (long)random.Next(0, 5)).ToArray();
        var bytes = new byte[shape.Aggregate(1L, (product, size) => product * size) * dtype.Size()];
        random.NextBytes(bytes);
        if (dtype == DType.Bool)
        {
            bytes = [.. bytes.Select(value => (byte)(value & 1))];
        }
        return Tensor.FromBytes(bytes, dtype, shape);
    }

    private static byte[] Bytes(Tensor tensor)
    {
        var bytes = new byte[tensor.ElementCount * tensor.DType.Size()];
        tensor.CopyTo(bytes);
        return bytes;
    }
}
