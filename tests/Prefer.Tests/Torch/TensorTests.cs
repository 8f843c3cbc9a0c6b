using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Torch;

/// <summary>Values, shapes and element types on their way into libtorch and back, and a few results worked out by hand.</summary>
public sealed class TensorTests
{
    [Fact]
    public void Values_of_every_managed_type_come_back()
    {
        CheckRoundTrip([0f, -1.5f, float.Epsilon, float.PositiveInfinity, float.MinValue, 0.1f], DType.Float32);
        CheckRoundTrip([0d, -1.5, double.Epsilon, double.NegativeInfinity, double.MaxValue, 0.1], DType.Float64);
        CheckRoundTrip([0, 1, long.MinValue, long.MaxValue, 5, 6], DType.Int64);
        CheckRoundTrip([0, 1, int.MinValue, int.MaxValue, 5, 6], DType.Int32);
        CheckRoundTrip([true, false, true, true, false, false], DType.Bool);
        CheckRoundTrip([(byte)0, (byte)255, (byte)1, (byte)2, (byte)3, (byte)4], DType.UInt8);
        CheckRoundTrip([Half.Zero, Half.MaxValue, Half.Epsilon, (Half)(-1.5), (Half)0.1, Half.NegativeInfinity], DType.Float16);
    }

    [Theory]
    [InlineData(DType.UInt8)]
    [InlineData(DType.Int32)]
    [InlineData(DType.Int64)]
    [InlineData(DType.Float16)]
    [InlineData(DType.Float32)]
    [InlineData(DType.Float64)]
    [InlineData(DType.Bool)]
    [InlineData(DType.BFloat16)]
    public void Bytes_of_every_element_type_come_back(DType dtype)
    {
        using var scope = new TensorScope();
        var bytes = new byte[6 * dtype.Size()];
        new Random(3).NextBytes(bytes);
        if (dtype == DType.Bool)
        {
            bytes = [1, 0, 0, 1, 1, 0];
        }
        var tensor = Tensor.FromBytes(bytes, dtype, [2, 3]);
        Assert.Equal((dtype, "cpu", 6), (tensor.DType, tensor.Device, tensor.ElementCount));
        var found = new byte[bytes.Length];
        tensor.CopyTo(found);
        Assert.Equal(bytes, found);
        Assert.Equal($"{dtype}[2, 3]", tensor.ToString());
    }

    [Fact]
    public void BFloat16_keeps_eight_bits_of_mantissa()
    {
        using var scope = new TensorScope();
        // 1 + 2⁻⁸ lies halfway to the next number and goes to the even one; above that it rounds up.
        var values = Tensor.From<float>([1f, 1.00390625f, 1.0039065f, -3.140625f]).To(DType.BFloat16).To(DType.Float32).ToArray<float>();
        Assert.Equal([1f, 1f, 1.0078125f, -3.140625f], values);
    }

    [Fact]
    public void Elements_are_read_in_row_major_order_whatever_their_strides()
    {
        using var scope = new TensorScope();
        var tensor = Tensor.From<int>([1, 2, 3, 4, 5, 6], [2, 3]);
        Assert.Equal([1, 4, 2, 5, 3, 6], tensor.Transpose(0, 1).ToArray<int>());
        Assert.Equal([2, 3, 5, 6], tensor.Narrow(1, 1, 2).ToArray<int>());
        Assert.Equal([1, 1, 4, 4], tensor.Narrow(1, 0, 1).Expand(2, 2).ToArray<int>());
    }

    [Fact]
    public void Scalars_and_empty_tensors_have_their_shapes()
    {
        using var scope = new TensorScope();
        var scalar = Tensor.From<double>([2.5], []);
        Assert.Empty(scalar.Shape);
        Assert.Equal(2.5, scalar.Item());
        var empty = Tensor.From<float>([], [0, 3]);
        Assert.Equal([0, 3], empty.Shape);
        Assert.Empty(empty.ToArray<float>());
    }

    [Fact]
    public void Split_and_cat_are_each_others_inverse()
    {
        using var scope = new TensorScope();
        var whole = Tensor.Arange(12).Reshape(2, 6);
        var parts = whole.Split([1, 3, 2], 1);
        Assert.Equal([1, 2, 3, 7, 8, 9], parts[1].ToArray<long>());
        Assert.Equal(whole.ToArray<long>(), Tensor.Cat(parts, 1).ToArray<long>());
    }

    [Fact]
    public void In_place_operators_do_what_they_say()
    {
        using var scope = new TensorScope();
        var ones = Tensor.Full([2], 1);
        var tensor = Tensor.From<float>([1, 2]);
        tensor.AddInPlace(ones, 0.5);
        tensor.AddInPlace(1);
        tensor.MultiplyInPlace(2);
        Assert.Equal([5, 7], tensor.ToArray<float>());
        tensor.CopyFrom(Tensor.Arange(2));
        Assert.Equal([0, 1], tensor.ToArray<float>());
    }

    [Fact]
    public void Clone_has_memory_of_its_own_and_detach_has_not()
    {
        using var scope = new TensorScope();
        var tensor = Tensor.From<float>([1, 2]);
        var (clone, alias) = (tensor.Clone(), tensor.Detach());
        tensor.AddInPlace(1);
        Assert.Equal([1, 2], clone.ToArray<float>());
        Assert.Equal([2, 3], alias.ToArray<float>());
    }

    [Fact]
    public void Gradients_accumulate_until_they_are_cleared()
    {
        using var scope = new TensorScope();
        var x = Tensor.From<double>([3]);
        x.RequiresGrad = true;
        Assert.Null(x.Gradient());
        (x * x).Sum().Backward();
        (x * 5).Backward(Tensor.From<double>([2]));
        Assert.Equal([(2 * 3) + (5 * 2)], x.Gradient()!.ToArray<double>());
        x.ClearGradient();
        Assert.Null(x.Gradient());
    }

    [Fact]
    public void No_gradient_is_recorded_until_the_mode_ends()
    {
        using var scope = new TensorScope();
        var x = Tensor.From<double>([3]);
        x.RequiresGrad = true;
        using (TorchRuntime.NoGrad())
        {
            Assert.False((x * x).RequiresGrad);
            using (TorchRuntime.NoGrad())
            {
            }
            Assert.False((x * x).RequiresGrad);
        }
        Assert.True((x * x).RequiresGrad);
    }

    // −log(1 + e^−x), computed by hand in both tails: the naive form gives 0 and −∞ there.
    [Theory]
    [InlineData(40, -4.248354255291589e-18)]
    [InlineData(-800, -800)]
    [InlineData(0, -0.6931471805599453)]
    public void Log_sigmoid_is_exact_in_both_tails(double x, double expected)
    {
        using var scope = new TensorScope();
        Assert.Equal(expected, Tensor.From<double>([x]).LogSigmoid().Item(), Math.Abs(expected) * 1e-15);
    }

    private static void CheckRoundTrip<T>(T[] values, DType dtype) where T : unmanaged
    {
        using var scope = new TensorScope();
        var tensor = Tensor.From<T>(values, [3, 2]);
        Assert.Equal(dtype, tensor.DType);
        Assert.Equal([3, 2], tensor.Shape);
        Assert.Equal(values, tensor.ToArray<T>());
    }
}
