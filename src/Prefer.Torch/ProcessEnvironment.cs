using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Prefer.Torch;

/// <summary>
/// What libtorch and the libraries under it read from C's environment when they are loaded, which .NET's own environment does
/// not reach. A variable that the user has set is left alone. Effects measured: docs/log.md.
/// </summary>
internal static partial class ProcessEnvironment
{
    internal static void Prepare()
    {
        if (Avx512F.VL.IsSupported && Avx512BW.IsSupported && Avx512DQ.IsSupported)
        {
            // Debian's libtorch uses AVX2 unless told.
            SetDefault("ATEN_CPU_CAPABILITY", "avx512");
            // OpenBLAS takes a CPU that is newer than itself for the oldest one it knows.
            SetDefault("OPENBLAS_CORETYPE", "SkylakeX");
        }
        else if (Avx2.IsSupported && Fma.IsSupported)
        {
            SetDefault("OPENBLAS_CORETYPE", "Haswell");
        }
        // Debian's libtorch starts with one thread.
        SetDefault("OMP_NUM_THREADS", Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture));
        // OpenBLAS has threads of its own; OpenMP's, spinning between operators, would keep the cores from them.
        SetDefault("OMP_WAIT_POLICY", "passive");
        // And OpenBLAS's spin for 2^26 cycles behind a product, some 30 ms, in which OpenMP's have the cores to share with them. 2^20 last from one
        // product to the next where they follow each other.
        SetDefault("OPENBLAS_THREAD_TIMEOUT", "20");
    }

    private static void SetDefault(string name, string value) => _ = SetVariable(name, value, overwrite: 0);

    [LibraryImport("libc", EntryPoint = "_exit")]
    internal static partial void Exit(int exitCode);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}
