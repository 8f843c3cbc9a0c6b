using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Prefer.Torch;

namespace Prefer.Cli;

/// <summary>What Prefer finds on a machine, and what would make it faster or make it run at all. Properties of libtorch are null where it cannot be loaded.</summary>
internal sealed partial record MachineReport
{
    private const int SmallestMatrix = 192, LargestMatrix = 1536, MeasuredProducts = 7;

    /// <summary>Seconds that a product may take: one that emulates bf16 is a hundred times slower than one in fp32.</summary>
    private const double LongestProduct = 0.03;

    public required string PreferVersion { get; init; }

    public required string DotnetVersion { get; init; }

    public required string Platform { get; init; }

    /// <summary>Processors that this process may use.</summary>
    public required int Processors { get; init; }

    public string? LibtorchVersion { get; init; }

    /// <summary>The file it was loaded from.</summary>
    public string? LibtorchPath { get; init; }

    /// <summary>The vector instructions that libtorch uses: <c>AVX2</c>, <c>AVX512</c>, <c>DEFAULT</c>.</summary>
    public string? CpuCapability { get; init; }

    /// <summary>Threads of operators.</summary>
    public int? Threads { get; init; }

    /// <summary>Threads that share the work of Prefer's own kernels.</summary>
    public int? KernelThreads { get; init; }

    /// <summary>Their vector instructions: <c>base</c>, <c>avx2</c>, <c>avx512</c>.</summary>
    public string? KernelInstructions { get; init; }

    /// <summary>Threads of OpenBLAS; 0 where libtorch uses another BLAS.</summary>
    public int? BlasThreads { get; init; }

    public int? CudaDevices { get; init; }

    /// <summary>Speed of a square matrix product, median of several, in 10⁹ operations a second.</summary>
    public double? Fp32Gflops { get; init; }

    /// <summary>The same in bf16.</summary>
    public double? Bf16Gflops { get; init; }

    /// <summary>Where downloaded and converted files are kept.</summary>
    public required string CacheFolder { get; init; }

    /// <summary>What to do about what is missing or slow; empty when nothing is.</summary>
    public required IReadOnlyList<string> Advice { get; init; }

    /// <summary>Looks at this machine; the matrix products take less than half a second.</summary>
    public static MachineReport OfThisMachine()
    {
        var report = new MachineReport
        {
            PreferVersion = typeof(MachineReport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion,
            DotnetVersion = Environment.Version.ToString(),
            Platform = $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}",
            Processors = Environment.ProcessorCount,
            CacheFolder = FindCacheFolder(),
            Advice = [],
        };
        try
        {
            report = report.WithEngine();
        }
        catch (TorchException missing)
        {
            return report with { Advice = [$"The engine cannot be loaded: {missing.Message}"] };
        }

        return report with { Advice = [.. report.Advise(TorchRuntime.BuildConfiguration)] };
    }

    /// <summary>What could be better, from the figures and libtorch's description of its build.</summary>
    internal IEnumerable<string> Advise(string buildConfiguration)
    {
        if (BlasThreads == 0 && !buildConfiguration.Contains("Math Kernel Library", StringComparison.Ordinal))
        {
            yield return "OpenBLAS is not loaded, so fp32 matrix products run on a slow reference BLAS: apt-get install libopenblas0-pthread, or run eng/setup.";
        }

        if (CpuCapability == "DEFAULT" && RuntimeInformation.ProcessArchitecture == Architecture.X64)
        {
            yield return "libtorch uses no vector instructions: the processor has no AVX2, or ATEN_CPU_CAPABILITY=default is set (then unset it).";
        }
        else if (CpuCapability == "AVX2" && System.Runtime.Intrinsics.X86.Avx512F.IsSupported)
        {
            yield return "libtorch uses AVX2 although the processor has AVX-512: unset ATEN_CPU_CAPABILITY, which Prefer otherwise sets to avx512.";
        }

        if (Threads < Processors)
        {
            yield return $"Operators use {Threads} of {Processors} processors: check OMP_NUM_THREADS and the limits of the container.";
        }

        if (KernelThreads < Threads)
        {
            yield return $"Prefer's kernels use {KernelThreads} of {Threads} threads: libprefer_torch.so was built without OpenMP. Delete native/build and run eng/setup.";
        }

        if (CudaDevices == 0 && File.Exists("/proc/driver/nvidia/version"))
        {
            yield return "There is an NVIDIA driver, but this libtorch was built for CPU only: install a PyTorch with CUDA (pip install torch) or set TORCH_PATH to one, then run eng/setup.";
        }

        if (Bf16Gflops < 1.2 * Fp32Gflops)
        {
            yield return "bf16 is not faster than fp32 on this processor: stay with --precision fp32.";
        }
    }

    private MachineReport WithEngine()
    {
        Engine.Start("cpu");
        var build = TorchRuntime.BuildConfiguration;
        return this with
        {
            LibtorchVersion = TorchRuntime.Version,
            LibtorchPath = TorchRuntime.LibraryPath,
            CpuCapability = CapabilityLine().Match(build) is { Success: true } found ? found.Groups[1].Value : null,
            Threads = TorchRuntime.Threads,
            KernelThreads = TorchRuntime.KernelThreads,
            KernelInstructions = TorchRuntime.KernelInstructions,
            BlasThreads = TorchRuntime.BlasThreads,
            CudaDevices = TorchRuntime.CudaDeviceCount,
            Fp32Gflops = Measure(DType.Float32),
            Bf16Gflops = Measure(DType.BFloat16),
        };
    }

    /// <summary>Of the largest matrices whose product does not take too long.</summary>
    private static double Measure(DType dtype)
    {
        var size = SmallestMatrix;
        while (size < LargestMatrix && 8 * 2.0 * size * size * size / (MatrixSpeed.Gflops(dtype, size, 1) * 1e9) < LongestProduct)
        {
            size *= 2;
        }

        return MatrixSpeed.Gflops(dtype, size, MeasuredProducts);
    }

    /// <summary>Prefer's part of the user's caches.</summary>
    internal static string FindCacheFolder()
    {
        var asked = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        var caches = string.IsNullOrEmpty(asked) ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache") : asked;
        return Path.Combine(caches, "prefer");
    }

    [GeneratedRegex(@"CPU capability usage: (\w+)")]
    private static partial Regex CapabilityLine();
}
