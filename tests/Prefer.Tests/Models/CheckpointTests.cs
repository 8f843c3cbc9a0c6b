using Prefer.Models;
using Prefer.Models.Files;
using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>One file, shards and their index, and the indexes that do not tell the truth.</summary>
public sealed class CheckpointTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly TensorScope scope = new();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void Weights_are_read_across_shards()
    {
        Shard("one.safetensors", "a", 1);
        Shard("two.safetensors", "b", 2);
        Index("""{ "metadata": { "total_size": 8 }, "weight_map": { "b": "two.safetensors", "a": "one.safetensors" } }""");
        using var checkpoint = Checkpoint.Open(folder.Path);
        Assert.Equal(["a", "b"], checkpoint.Names.Order());
        Assert.Equal([1], checkpoint.Map("a").ToArray<float>());
        Assert.Equal([2], checkpoint.Map("b").ToArray<float>());
        Assert.Equal("F32 [1]", checkpoint.Describe("b"));
        Assert.False(checkpoint.Contains("c"));
    }

    [Fact]
    public void One_file_goes_before_an_index()
    {
        Shard("model.safetensors", "a", 1);
        Index("not even JSON");
        using var checkpoint = Checkpoint.Open(folder.Path);
        Assert.Equal(["a"], checkpoint.Names);
    }

    [Theory]
    [InlineData("""{ "weight_map": { "a": "one.safetensors", "b": "two.safetensors" } }""", "two.safetensors: not found")]
    [InlineData("""{ "weight_map": { "a": "one.safetensors", "b": "one.safetensors" } }""", "says that one.safetensors holds b, but it does not. The shards are of different versions")]
    [InlineData("""{ "weight_map": { "a": "../one.safetensors" } }""", "a names the shard '../one.safetensors'; a file name in the same folder was expected")]
    [InlineData("""{ "weight_map": { "a": "" } }""", "a names the shard ''")]
    [InlineData("""{ "weight_map": { "a": null } }""", "a names the shard ''")]
    [InlineData("""{ "weight_map": { "a": "one.safetensors", "a": "one.safetensors" } }""", "not the JSON of a shard index")]
    [InlineData("""{ "weight_map": [1] }""", "not the JSON of a shard index")]
    [InlineData("""[]""", "not the JSON of a shard index")]
    [InlineData("""{ "metadata": {} }""", "has no weight_map")]
    [InlineData("null", "has no weight_map")]
    [InlineData("{ \"weight_map\": { \"a\"", "not the JSON of a shard index")]
    public void A_false_index_is_refused(string index, string message)
    {
        Shard("one.safetensors", "a", 1);
        Index(index);
        var error = Assert.Throws<ModelException>(() => Checkpoint.Open(folder.Path));
        Assert.StartsWith(folder.Path, error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_weights_is_refused()
    {
        var error = Assert.Throws<ModelException>(() => Checkpoint.Open(folder.Path));
        Assert.Contains("neither model.safetensors nor model.safetensors.index.json is there", error.Message, StringComparison.Ordinal);
        File.WriteAllText(folder.File("pytorch_model.bin"), "");
        error = Assert.Throws<ModelException>(() => Checkpoint.Open(folder.Path));
        Assert.Contains("only pytorch_model.bin: convert it to safetensors first", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_weight_of_whole_numbers_is_refused()
    {
        SafetensorsWriter.Write(folder.File("model.safetensors"), [("a", Tensor.From<long>([1]))]);
        using var checkpoint = Checkpoint.Open(folder.Path);
        var error = Assert.Throws<ModelException>(() => checkpoint.Map("a"));
        Assert.Contains("a has element type I64; a weight is F64, F32, F16 or BF16", error.Message, StringComparison.Ordinal);
    }

    private void Shard(string file, string name, float value) => SafetensorsWriter.Write(folder.File(file), [(name, Tensor.From<float>([value]))]);

    private void Index(string text) => File.WriteAllText(folder.File("model.safetensors.index.json"), text);
}
