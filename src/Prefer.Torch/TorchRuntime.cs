using System.Runtime.InteropServices;

namespace Prefer.Torch;

/// <summary>What belongs to the process rather than to a tensor: versions, threads, seeds, the gradient mode.</summary>
public static class TorchRuntime
{
    /// <summary>The version of libtorch that the native part was built against.</summary>
    public static string Version => Marshal.PtrToStringUTF8(Native.Version())!;

    /// <summary>The file libtorch was loaded from.</summary>
    public static string LibraryPath => Marshal.PtrToStringUTF8(Native.LibraryPath())!;

    /// <summary>libtorch's own description of its build and of the CPU instructions in use.</summary>
    public static string BuildConfiguration => Marshal.PtrToStringUTF8(Native.BuildConfiguration())!;

    /// <summary>CUDA devices this libtorch can use; 0 for a CPU build.</summary>
    public static int CudaDeviceCount
    {
        get
        {
            Native.Check(Native.CudaDeviceCount(out var count), "counting CUDA devices");
            return count;
        }
    }

    /// <summary>
    /// Ends the process without the destructors of libtorch and the libraries under it, which take a tenth of a second. Nothing that is buffered is
    /// written, and no handler of the process's exit is called.
    /// </summary>
    public static void EndProcess(int exitCode) => ProcessEnvironment.Exit(exitCode);

    /// <summary>OpenMP threads used by operators.</summary>
    public static int Threads => Native.GetThreads();

    /// <summary>Threads that share the work of Prefer's own kernels, counted in one.</summary>
    public static int KernelThreads => Native.GetKernelThreads();

    /// <summary>The vector instructions of Prefer's own kernels: <c>base</c>, <c>avx2</c>, <c>avx512</c>.</summary>
    public static string KernelInstructions => Marshal.PtrToStringUTF8(Native.KernelInstructions())!;

    /// <summary>Threads of OpenBLAS; 0 where libtorch uses another BLAS.</summary>
    public static int BlasThreads => Native.GetBlasThreads();

    /// <summary>Tensors made and not yet freed, counted by the native side.</summary>
    public static long LiveTensorCount => Native.LiveTensors();

    /// <summary>Bytes that tensors in host memory hold. Not counted: other devices' memory, and what BLAS and oneDNN take for themselves.</summary>
    public static long AllocatedBytes => Native.AllocatedBytes();

    /// <summary>The most of <see cref="AllocatedBytes"/> since <see cref="ResetPeakAllocatedBytes"/>, or since the start.</summary>
    public static long PeakAllocatedBytes => Native.PeakAllocatedBytes();

    /// <summary>The most bytes of the machine's memory that this process held since its start; null where the system does not say.</summary>
    public static long? PeakResidentBytes
    {
        get
        {
            const string status = "/proc/self/status", name = "VmHWM:"; // in kB: proc(5)
            var line = File.Exists(status) ? File.ReadLines(status).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal)) : null;
            return line is null ? null : long.Parse(line[name.Length..^"kB".Length], System.Globalization.CultureInfo.InvariantCulture) * 1024;
        }
    }

    /// <summary>Bytes of freed tensors that are kept for tensors to come; with those held, at most an eighth more than were ever held.</summary>
    public static long IdleBytes => Native.IdleBytes();

    /// <summary>Lets <see cref="PeakAllocatedBytes"/> begin again at what is held now.</summary>
    public static void ResetPeakAllocatedBytes() => Native.ResetPeakAllocatedBytes();

    /// <summary>Returns <see cref="IdleBytes"/> to the system.</summary>
    public static void ReleaseIdleBytes() => Native.ReleaseIdle();

    /// <summary>Sets the threads of operators and of BLAS. Without it they are OMP_NUM_THREADS, or as many as the process may use processors.</summary>
    public static void SetThreads(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        Native.Check(Native.SetThreads(count), "setting threads");
        Native.SetBlasThreads(count);
    }

    /// <summary>Seeds the generators of every device.</summary>
    public static void ManualSeed(ulong seed) => Native.Check(Native.ManualSeed(seed), "seeding");

    /// <summary>The full state of a device's generator, as bytes of libtorch's own layout.</summary>
    public static byte[] GeneratorState(string device = "cpu")
    {
        Native.Check(Native.GeneratorState(device, out var handle), $"generator state of {device}");
        using var state = TensorScope.Release(new Tensor(handle));
        return state.ToArray<byte>();
    }

    /// <summary>Restores what <see cref="GeneratorState"/> gave.</summary>
    public static void SetGeneratorState(byte[] state, string device = "cpu")
    {
        using var tensor = TensorScope.Release(Tensor.From<byte>(state));
        Native.Check(Native.SetGeneratorState(device, tensor.Handle), $"restoring the generator of {device}");
    }

    /// <summary>Records no gradients on this thread until the result is disposed.</summary>
    public static IDisposable NoGrad() => new GradientMode(false);

    private sealed class GradientMode : IDisposable
    {
        private readonly int before = Native.GradEnabled();

        internal GradientMode(bool on) => Native.SetGradEnabled(on ? 1 : 0);

        public void Dispose() => Native.SetGradEnabled(before);
    }
}
