using System.Runtime.CompilerServices;
using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Torch;

/// <summary>A function that is computed again in the backward pass, against the same one that is not.</summary>
[Collection(ProcessWide.Name)]
public sealed class CheckpointingTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(0.4)]
    public void Value_and_gradients_are_those_of_the_function_itself(double dropout)
    {
        using var scope = new TensorScope();
        var (x, y, weight) = (FiniteDifferences.Leaf(1, 5, 4), FiniteDifferences.Leaf(2, 5, 4), FiniteDifferences.Leaf(3, 4, 4));
        Tensor Function(Tensor[] inputs)
        {
            var inner = inputs[0].Matmul(weight).Tanh();
            return (dropout == 0 ? inner : inner.Dropout(dropout)) * inputs[1];
        }
        double[] Run(Func<Tensor[], Tensor> function)
        {
            TorchRuntime.ManualSeed(3);
            // Twice, one behind the other, so that one replay begins where another has drawn.
            var value = function([function([x, y]), y]).Sum();
            value.Backward();
            double[] found = [value.Item(), .. new[] { x, y, weight }.SelectMany(leaf => leaf.Gradient()!.ToArray<double>()), .. Tensor.Full([9], 1, DType.Float64).Dropout(0.5).ToArray<double>()];
            foreach (var leaf in new[] { x, y, weight })
            {
                leaf.ClearGradient();
            }
            return found;
        }

        Assert.Equal(Run(Function), Run(inputs => Checkpointing.Run(inputs, Function, draws: dropout > 0)));
    }

    [Fact]
    public void A_leaf_inside_gets_its_gradient_though_no_input_has_one()
    {
        using var scope = new TensorScope();
        var (x, weight) = (Tensor.Full([2], 3), Tensor.Full([2], 5));
        weight.RequiresGrad = true;
        Checkpointing.Run([x], inputs => inputs[0] * weight, draws: false).Sum().Backward();
        Assert.Equal([3f, 3f], weight.Gradient()!.ToArray<float>());
        Assert.Null(x.Gradient());
    }

    [Fact]
    public void What_the_function_makes_on_its_way_is_freed_before_and_behind_it()
    {
        using var scope = new TensorScope();
        var x = Tensor.Full([1 << 18], 0.5); // 1 MiB
        x.RequiresGrad = true;
        var (tensors, bytes) = (TorchRuntime.LiveTensorCount, TorchRuntime.AllocatedBytes);
        var result = Checkpointing.Run([x], inputs => inputs[0].Tanh().Activate(FusedActivation.Silu).Tanh().Activate(FusedActivation.Silu), draws: false);
        Assert.Equal(tensors + 1, TorchRuntime.LiveTensorCount);
        Assert.Equal(bytes + (1 << 20), TorchRuntime.AllocatedBytes);
        using (new TensorScope())
        {
            result.Sum().Backward();
        }
        Assert.Equal(tensors + 1, TorchRuntime.LiveTensorCount);
        Assert.Equal(bytes + (2 << 20), TorchRuntime.AllocatedBytes); // and the gradient
    }

    [Fact]
    public void Nothing_is_kept_where_no_gradient_is_recorded()
    {
        using var scope = new TensorScope();
        using var mode = TorchRuntime.NoGrad();
        var weak = Call();
        GC.Collect();
        Assert.False(weak.IsAlive);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference Call()
        {
            var held = new object();
            Assert.Equal(8, Checkpointing.Run([Tensor.Full([1], 2)], inputs => inputs[0] * (held is null ? 1 : 4.0), draws: false).Item());
            return new WeakReference(held);
        }
    }

    [Fact]
    public void A_failure_of_the_function_comes_out_as_one_of_the_engine()
    {
        using var scope = new TensorScope();
        var x = Tensor.Full([2], 3);
        x.RequiresGrad = true;
        var runs = 0;
        Tensor Function(Tensor[] inputs) => runs++ == 0 ? inputs[0] * 2 : throw new InvalidDataException("a broken layer");

        var result = Checkpointing.Run([x], Function, draws: false).Sum();
        var behind = Assert.Throws<TorchException>(() => result.Backward());
        Assert.Contains("backward from Float32[]: a broken layer", behind.Message, StringComparison.Ordinal);
        Assert.IsType<InvalidDataException>(behind.InnerException);

        var before = Assert.Throws<TorchException>(() => Checkpointing.Run([x], Function, draws: false));
        Assert.Equal("checkpointed function: a broken layer", before.Message);
        Assert.IsType<InvalidDataException>(before.InnerException);

        // An operator's own refusal, and after it all goes on.
        Assert.Throws<TorchException>(() => Checkpointing.Run([x], inputs => inputs[0].Matmul(Tensor.Zeros([3, 3])), draws: false));
        Assert.Equal(12, Checkpointing.Run([x], inputs => inputs[0] * 2, draws: false).Sum().Item());
    }

    [Fact]
    public void A_tensor_kept_by_an_outer_scope_outlives_the_inner_one()
    {
        var before = TorchRuntime.LiveTensorCount;
        using (new TensorScope())
        {
            var home = TensorScope.Current;
            Tensor kept;
            using (new TensorScope())
            {
                kept = TensorScope.Keep(home, Tensor.Full([1], 7));
            }
            Assert.Equal(7, kept.Item());
        }
        Assert.Equal(before, TorchRuntime.LiveTensorCount);
    }
}
