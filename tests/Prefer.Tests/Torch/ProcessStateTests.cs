using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Torch;

/// <summary>Seeds, generator states and thread counts.</summary>
[Collection(ProcessWide.Name)]
public sealed class ProcessStateTests
{
    [Fact]
    public void One_seed_gives_one_sequence_of_draws()
    {
        TorchRuntime.ManualSeed(17);
        var first = Draws();
        var second = Draws();
        TorchRuntime.ManualSeed(17);
        Assert.Equal(first, Draws());
        Assert.NotEqual(first, second);
        TorchRuntime.ManualSeed(18);
        Assert.NotEqual(first, Draws());
    }

    [Fact]
    public void A_restored_generator_draws_what_it_would_have_drawn()
    {
        TorchRuntime.ManualSeed(5);
        // An odd number of normal draws leaves half a pair in the generator, which belongs to the state too.
        using var one = Tensor.Zeros([1]);
        one.FillNormal(0, 1);
        var state = TorchRuntime.GeneratorState();
        var expected = Draws();
        TorchRuntime.ManualSeed(99);
        TorchRuntime.SetGeneratorState(state);
        Assert.Equal(expected, Draws());
        Assert.NotEqual(state, TorchRuntime.GeneratorState());
    }

    [Fact]
    public void A_state_that_is_none_is_refused()
    {
        var error = Assert.Throws<TorchException>(() => TorchRuntime.SetGeneratorState([1, 2, 3]));
        Assert.StartsWith("restoring the generator of cpu: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Draws_follow_their_distributions()
    {
        TorchRuntime.ManualSeed(1);
        using var scope = new TensorScope();
        const int count = 100_000;
        var normal = Tensor.Zeros([count], DType.Float64);
        normal.FillNormal(2, 3);
        var (mean, deviation) = Moments(normal.ToArray<double>());
        // Five standard errors: 3/√n of the mean, 3/√(2n) of the deviation.
        Assert.Equal(2, mean, 5 * 3 / Math.Sqrt(count));
        Assert.Equal(3, deviation, 5 * 3 / Math.Sqrt(2 * count));
        var kept = Tensor.Full([count], 1, DType.Float64).Dropout(0.2).ToArray<double>();
        Assert.Equal([0, 1.25], kept.Distinct().Order());
        Assert.Equal(0.8, kept.Count(value => value != 0) / (double)count, 5 * Math.Sqrt(0.16 / count));
    }

    [Fact]
    public void Thread_counts_are_what_they_were_set_to()
    {
        var (before, blas) = (TorchRuntime.Threads, TorchRuntime.BlasThreads);
        try
        {
            foreach (var count in new[] { 2, 1 })
            {
                TorchRuntime.SetThreads(count);
                Assert.Equal((count, count), (TorchRuntime.Threads, TorchRuntime.KernelThreads));
                Assert.Equal(blas == 0 ? 0 : count, TorchRuntime.BlasThreads);
            }
        }
        finally
        {
            TorchRuntime.SetThreads(before);
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => TorchRuntime.SetThreads(0));
    }

    [Fact]
    public void The_runtime_says_what_it_is()
    {
        Assert.Matches(@"^\d+\.\d+\.\d+", TorchRuntime.Version);
        Assert.True(File.Exists(TorchRuntime.LibraryPath), TorchRuntime.LibraryPath);
        Assert.Contains("CPU capability", TorchRuntime.BuildConfiguration, StringComparison.OrdinalIgnoreCase);
        Assert.InRange(TorchRuntime.CudaDeviceCount, 0, 64);
    }

    private static float[] Draws()
    {
        using var scope = new TensorScope();
        var normal = Tensor.Zeros([33]);
        normal.FillNormal(0, 1);
        return [.. normal.ToArray<float>(), .. Tensor.Full([33], 1).Dropout(0.5).ToArray<float>()];
    }

    private static (double Mean, double Deviation) Moments(double[] values)
    {
        var mean = values.Average();
        return (mean, Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / values.Length));
    }
}
