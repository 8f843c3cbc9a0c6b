using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Torch;

/// <summary>Who owns a tensor, told by the native side's count.</summary>
[Collection(ProcessWide.Name)]
public sealed class TensorScopeTests
{
    private readonly long before = TorchRuntime.LiveTensorCount;

    private long Made => TorchRuntime.LiveTensorCount - before;

    [Fact]
    public void A_scope_frees_what_was_made_in_it()
    {
        using (new TensorScope())
        {
            var tensor = Tensor.Zeros([2]);
            Tensor.Cat([tensor, tensor]).Split([1, 3]);
            Assert.Equal(4, Made);
        }
        Assert.Equal(0, Made);
    }

    [Fact]
    public void A_tensor_outside_scopes_belongs_to_the_caller()
    {
        var tensor = Tensor.Zeros([2]);
        Assert.Equal(1, Made);
        tensor.Dispose();
        tensor.Dispose();
        Assert.Equal(0, Made);
    }

    [Fact]
    public void What_is_moved_out_lives_as_long_as_the_enclosing_scope()
    {
        Tensor moved;
        using (new TensorScope())
        {
            using (var inner = new TensorScope())
            {
                moved = inner.MoveOut(Tensor.Full([1], 7));
                Tensor.Zeros([1]);
            }
            Assert.Equal((1, 7), (Made, moved.Item()));
        }
        Assert.Equal(0, Made);
        Assert.Throws<ObjectDisposedException>(() => moved.Item());
    }

    [Fact]
    public void What_is_moved_out_of_the_outermost_scope_belongs_to_the_caller()
    {
        Tensor moved;
        using (var scope = new TensorScope())
        {
            moved = scope.MoveOut(Tensor.Full([1], 7));
        }
        Assert.Equal((1, 7), (Made, moved.Item()));
        moved.Dispose();
        Assert.Equal(0, Made);
    }

    [Fact]
    public void What_is_released_leaves_every_scope()
    {
        Tensor released;
        using (new TensorScope())
        {
            var outer = Tensor.Full([1], 7);
            using (new TensorScope())
            {
                released = TensorScope.Release(outer);
            }
        }
        Assert.Equal((1, 7), (Made, released.Item()));
        released.Dispose();
        Assert.Equal(0, Made);
    }

    [Fact]
    public void A_tensor_freed_early_is_not_freed_again()
    {
        using (new TensorScope())
        {
            Tensor.Zeros([2]).Dispose();
            Assert.Equal(0, Made);
        }
        Assert.Equal(0, Made);
    }

    [Fact]
    public void Scopes_end_the_innermost_first()
    {
        var outer = new TensorScope();
        var inner = new TensorScope();
        var error = Assert.Throws<InvalidOperationException>(outer.Dispose);
        Assert.Contains("the innermost first", error.Message, StringComparison.Ordinal);
        inner.Dispose();
        outer.Dispose();
        Assert.Throws<InvalidOperationException>(outer.Dispose);
    }

    [Fact]
    public void A_scope_sees_only_its_own_thread()
    {
        using var scope = new TensorScope();
        Tensor? made = null;
        Exception? refused = null;
        var thread = new Thread(() =>
        {
            made = Tensor.Zeros([1]);
            refused = Record.Exception(scope.Dispose);
        });
        thread.Start();
        thread.Join();
        Assert.IsType<InvalidOperationException>(refused);
        // Nobody owns it but its maker.
        Assert.Equal(1, Made);
        made!.Dispose();
    }

    [Fact]
    public void A_failed_operator_leaves_nothing_behind()
    {
        using (new TensorScope())
        {
            var tensor = Tensor.Zeros([2, 3]);
            Assert.Throws<TorchException>(() => tensor.Matmul(tensor));
            Assert.Throws<TorchException>(() => Tensor.From<float>([1], [2]));
            Assert.Equal(1, Made);
        }
    }

    [Fact]
    public void Reading_a_value_or_a_generator_makes_nothing_that_lasts()
    {
        using var scope = new TensorScope();
        var tensor = Tensor.Full([1], 3, DType.BFloat16);
        Assert.Equal(3, tensor.Item());
        TorchRuntime.SetGeneratorState(TorchRuntime.GeneratorState());
        Assert.Equal(1, Made);
    }

    [Fact]
    public void Operators_of_one_result_refuse_lists_without_leaking()
    {
        using (new TensorScope())
        {
            var tensor = Tensor.Zeros([2, 3]);
            var error = Assert.Throws<TorchException>(() => new Op("aten::split_with_sizes").Call(tensor, new long[] { 1, 1 }, 0L));
            Assert.Equal("aten::split_with_sizes gave a TensorList where one tensor was expected", error.Message);
            error = Assert.Throws<TorchException>(() => new Op("aten::neg").CallList(tensor));
            Assert.Equal("aten::neg gave a Tensor where a list of tensors was expected", error.Message);
            Assert.Throws<TorchException>(() => new Op("aten::max", "dim").Call(tensor, 1L, false));
        }
        Assert.Equal(0, Made);
    }
}
