using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Torch;

/// <summary>The allocator of tensors: what it counts, what it keeps, and that no two tensors share memory.</summary>
[Collection(ProcessWide.Name)]
public sealed class TensorMemoryTests
{
    private const long MiB = 1 << 20;

    [Fact]
    public void Live_bytes_and_their_peak_are_those_of_the_tensors()
    {
        var before = TorchRuntime.AllocatedBytes;
        TorchRuntime.ResetPeakAllocatedBytes();
        using (new TensorScope())
        {
            using (TensorScope.Release(Tensor.Zeros([MiB])))
            {
                Assert.Equal(before + (4 * MiB), TorchRuntime.AllocatedBytes);
            }
            Tensor.Zeros([1000], DType.Float64);
            Assert.Equal(before + 8000, TorchRuntime.AllocatedBytes);
        }
        Assert.Equal(before, TorchRuntime.AllocatedBytes);
        Assert.Equal(before + (4 * MiB), TorchRuntime.PeakAllocatedBytes);
        TorchRuntime.ResetPeakAllocatedBytes();
        Assert.Equal(before, TorchRuntime.PeakAllocatedBytes);
    }

    [Fact]
    public void A_view_takes_no_memory_and_keeps_that_of_its_tensor()
    {
        var before = TorchRuntime.AllocatedBytes;
        using var scope = new TensorScope();
        var whole = Tensor.Zeros([256, 1024]);
        var view = whole.Transpose(0, 1);
        Assert.Equal(before + MiB, TorchRuntime.AllocatedBytes);
        whole.Dispose();
        Assert.Equal(before + MiB, TorchRuntime.AllocatedBytes);
        view.Dispose();
        Assert.Equal(before, TorchRuntime.AllocatedBytes);
    }

    [Fact]
    public void Tensors_in_any_order_of_making_and_freeing_keep_their_values()
    {
        var random = new Random(1);
        var live = new List<(Tensor Tensor, float Value)>();
        for (var round = 0; round < 3000; round++)
        {
            if (live.Count > 0 && random.Next(24) < live.Count)
            {
                var index = random.Next(live.Count);
                var (tensor, value) = live[index];
                Assert.True(tensor.ToArray<float>().All(found => found == value));
                tensor.Dispose();
                live.RemoveAt(index);
            }
            else
            {
                // From a few hundred bytes to 2 MB, small ones often: both sides of the border between malloc and the heap.
                live.Add((Tensor.Full([1L << random.Next(6, 19)], round), round));
            }
            if (round % 500 == 0)
            {
                TorchRuntime.ReleaseIdleBytes();
            }
        }
        foreach (var (tensor, value) in live)
        {
            Assert.True(tensor.ToArray<float>().All(found => found == value));
            tensor.Dispose();
        }
    }

    [Fact]
    public void Threads_that_allocate_beside_each_other_keep_their_values()
    {
        var before = TorchRuntime.AllocatedBytes;
        Parallel.For(0, 4, thread =>
        {
            using var scope = new TensorScope();
            for (var round = 0; round < 200; round++)
            {
                using var tensor = TensorScope.Release(Tensor.Full([20_000 + (round * 100 * (thread + 1))], thread));
                Assert.Equal(thread * (double)tensor.ElementCount, tensor.Sum().Item());
            }
        });
        Assert.Equal(before, TorchRuntime.AllocatedBytes);
    }

    [Fact]
    public void What_is_kept_stays_below_an_eighth_of_the_most_and_is_given_back_when_asked()
    {
        TorchRuntime.ReleaseIdleBytes();
        Assert.Equal(0, TorchRuntime.IdleBytes);
        TorchRuntime.ResetPeakAllocatedBytes();
        var random = new Random(2);
        var live = new List<Tensor>();
        for (var round = 0; round < 400; round++)
        {
            live.Add(Tensor.Zeros([random.Next(1, 64) * 10_000]));
            if (live.Count > 20 + random.Next(20))
            {
                foreach (var tensor in live.Where((_, index) => index % 3 != 0))
                {
                    tensor.Dispose();
                }
                live.RemoveAll(tensor => tensor.ToString() == "Tensor (freed)");
            }
            // A header and a rest of less than 4 KiB may stand beside each tensor.
            Assert.InRange(TorchRuntime.AllocatedBytes + TorchRuntime.IdleBytes, 0, (TorchRuntime.PeakAllocatedBytes * 9 / 8) + MiB);
        }
        live.ForEach(tensor => tensor.Dispose());
        Assert.True(TorchRuntime.IdleBytes > 0);
        TorchRuntime.ReleaseIdleBytes();
        Assert.Equal(0, TorchRuntime.IdleBytes);
    }
}
