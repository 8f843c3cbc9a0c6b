using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Torch;

/// <summary>What libtorch refuses becomes a message with the operator, what it was given, and libtorch's reason.</summary>
public sealed class TorchErrorTests
{
    private static readonly Op MatmulOp = new("aten::matmul");
    private static readonly Op MissingOp = new("aten::no_such_operator", "out");

    [Fact]
    public void A_refused_operator_is_named_with_the_shapes_given()
    {
        using var scope = new TensorScope();
        var error = Assert.Throws<TorchException>(() => Tensor.Zeros([2, 3]).Matmul(Tensor.Zeros([4, 5], DType.Float64)));
        Assert.StartsWith("aten::matmul(Float32[2, 3], Float64[4, 5]): ", error.Message, StringComparison.Ordinal);
        // libtorch's own reason follows, in whatever words the version has.
        Assert.True(error.Message.Length > "aten::matmul(Float32[2, 3], Float64[4, 5]): ".Length + 10, error.Message);
    }

    [Fact]
    public void Lists_numbers_and_missing_arguments_are_shown_too()
    {
        using var scope = new TensorScope();
        var cat = Assert.Throws<TorchException>(() => Tensor.Cat([Tensor.Zeros([2, 3]), Tensor.Zeros([4, 5])], 1));
        Assert.StartsWith("aten::cat([Float32[2, 3], Float32[4, 5]], 1): ", cat.Message, StringComparison.Ordinal);
        var scaled = Assert.Throws<TorchException>(() => Tensor.Zeros([2]).LayerNorm(Tensor.Zeros([3]), null, 0.5));
        Assert.StartsWith("prefer::layer_norm(Float32[2], None, Float32[3], None, 0.5): ", scaled.Message, StringComparison.Ordinal);
        var reshape = Assert.Throws<TorchException>(() => Tensor.Zeros([6]).Reshape(4, -1));
        Assert.StartsWith("aten::reshape(Float32[6], [4, -1]): ", reshape.Message, StringComparison.Ordinal);
        var linear = Assert.Throws<TorchException>(() => Tensor.Zeros([2, 3]).Linear(Tensor.Zeros([5, 4])));
        Assert.StartsWith("prefer::linear(Float32[2, 3], [Float32[5, 4]], [], [], false): ", linear.Message, StringComparison.Ordinal);
        var embedding = Assert.Throws<TorchException>(() => Tensor.Zeros([5, 2]).Embedding(Tensor.From<long>([7])));
        Assert.StartsWith("prefer::embedding(Float32[5, 2], Int64[1], -1): ", embedding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Arguments_that_an_operator_does_not_take_are_refused()
    {
        using var scope = new TensorScope();
        var error = Assert.Throws<TorchException>(() => MatmulOp.Call(Tensor.Zeros([2, 2]), 3L));
        Assert.StartsWith("aten::matmul(Float32[2, 2], 3): ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_operator_that_does_not_exist_is_named_with_the_version()
    {
        Assert.False(MissingOp.Exists);
        var error = Assert.Throws<TorchException>(() => MissingOp.Call());
        Assert.Equal($"libtorch {TorchRuntime.Version} has no operator aten::no_such_operator.out", error.Message);
    }

    [Fact]
    public void A_number_of_values_that_does_not_fill_the_shape_is_refused()
    {
        var error = Assert.Throws<TorchException>(() => Tensor.From<float>([1, 2, 3], [2, 2]));
        Assert.Equal("tensor of Float32 [2, 2]: 12 bytes given for a tensor of 16", error.Message);
    }

    [Fact]
    public void A_device_that_does_not_exist_is_refused()
    {
        var error = Assert.Throws<TorchException>(() => Tensor.From<float>([1], "nowhere"));
        Assert.Contains("nowhere", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Backward_from_more_than_a_scalar_needs_a_seed()
    {
        using var scope = new TensorScope();
        var x = Tensor.Zeros([2]);
        x.RequiresGrad = true;
        var error = Assert.Throws<TorchException>(() => (x * 2).Backward());
        Assert.StartsWith("backward from Float32[2]: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Gradients_of_whole_numbers_are_refused()
    {
        using var scope = new TensorScope();
        var error = Assert.Throws<TorchException>(() => Tensor.Arange(3).RequiresGrad = true);
        Assert.StartsWith("requires_grad of Int64[3]: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Elements_are_not_read_as_another_type()
    {
        using var scope = new TensorScope();
        var error = Assert.Throws<InvalidOperationException>(() => Tensor.Zeros([2]).ToArray<double>());
        Assert.Equal("Float32[2] cannot be read as Double", error.Message);
        Assert.Throws<InvalidOperationException>(() => Tensor.Zeros([2]).Item());
        Assert.Throws<ArgumentException>(() => Tensor.From<char>(['a']));
    }

    [Fact]
    public void A_freed_tensor_is_refused_by_everything_that_uses_it()
    {
        Tensor freed;
        using (new TensorScope())
        {
            freed = Tensor.Zeros([2]);
        }
        using var scope = new TensorScope();
        var other = Tensor.Zeros([2]);
        Assert.Throws<ObjectDisposedException>(() => freed + other);
        Assert.Throws<ObjectDisposedException>(() => Tensor.Cat([other, freed]));
        Assert.Throws<ObjectDisposedException>(() => freed.ToArray<float>());
        Assert.Throws<ObjectDisposedException>(() => freed.DType);
        Assert.Throws<ObjectDisposedException>(() => freed.Shape);
        Assert.Throws<ObjectDisposedException>(() => freed.Backward());
        Assert.Equal("Tensor (freed)", freed.ToString());
    }
}
