using System.Reflection;
using System.Runtime.InteropServices;

namespace Prefer.Torch;

/// <summary>The C ABI of <c>native/</c>, one declaration an entry, and where the library is looked for.</summary>
internal static unsafe partial class Native
{
    private const string Library = "prefer_torch";

    static Native() => NativeLibrary.SetDllImportResolver(typeof(Native).Assembly, Resolve);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library)
        {
            return 0;
        }
        const string file = "libprefer_torch.so";
        var asked = Environment.GetEnvironmentVariable("PREFER_NATIVE");
        var found = !string.IsNullOrEmpty(asked) ? asked : Candidates(file).FirstOrDefault(File.Exists);
        if (found is null)
        {
            throw new TorchException(
                $"{file} was not found beside {AppContext.BaseDirectory} nor in native/build of a folder above it. Build it with eng/setup, or set PREFER_NATIVE to its path.");
        }
        ProcessEnvironment.Prepare();
        if (!NativeLibrary.TryLoad(found, out var handle))
        {
            throw new TorchException(
                $"{found} could not be loaded: libtorch, or a library it needs, is missing or another version. Run eng/setup to build it against the libtorch on this machine.");
        }
        return handle;
    }

    private static IEnumerable<string> Candidates(string file)
    {
        yield return Path.Combine(AppContext.BaseDirectory, file);
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            yield return Path.Combine(folder.FullName, "native", "build", file);
        }
    }

    internal static void Check(int status, string what)
    {
        if (status != 0)
        {
            throw new TorchException($"{what}: {LastError()}");
        }
    }

    internal static string LastError() => Marshal.PtrToStringUTF8(LastErrorText())!.Trim();

    [LibraryImport(Library, EntryPoint = "pt_last_error")] private static partial nint LastErrorText();
    [LibraryImport(Library, EntryPoint = "pt_free")] internal static partial void Free(nint memory);
    [LibraryImport(Library, EntryPoint = "pt_version")] internal static partial nint Version();
    [LibraryImport(Library, EntryPoint = "pt_build_configuration")] internal static partial nint BuildConfiguration();
    [LibraryImport(Library, EntryPoint = "pt_library_path")] internal static partial nint LibraryPath();
    [LibraryImport(Library, EntryPoint = "pt_cuda_device_count")] internal static partial int CudaDeviceCount(out int count);
    [LibraryImport(Library, EntryPoint = "pt_set_threads")] internal static partial int SetThreads(int count);
    [LibraryImport(Library, EntryPoint = "pt_get_threads")] internal static partial int GetThreads();
    [LibraryImport(Library, EntryPoint = "pt_get_kernel_threads")] internal static partial int GetKernelThreads();
    [LibraryImport(Library, EntryPoint = "pt_kernel_instructions")] internal static partial nint KernelInstructions();
    [LibraryImport(Library, EntryPoint = "pt_get_blas_threads")] internal static partial int GetBlasThreads();
    [LibraryImport(Library, EntryPoint = "pt_set_blas_threads")] internal static partial void SetBlasThreads(int count);
    [LibraryImport(Library, EntryPoint = "pt_live_tensors")] internal static partial long LiveTensors();
    [LibraryImport(Library, EntryPoint = "pt_tensor_free")] internal static partial void TensorFree(nint tensor);
    [LibraryImport(Library, EntryPoint = "pt_allocated_bytes")] internal static partial long AllocatedBytes();
    [LibraryImport(Library, EntryPoint = "pt_peak_allocated_bytes")] internal static partial long PeakAllocatedBytes();
    [LibraryImport(Library, EntryPoint = "pt_reset_peak_allocated_bytes")] internal static partial void ResetPeakAllocatedBytes();
    [LibraryImport(Library, EntryPoint = "pt_idle_bytes")] internal static partial long IdleBytes();
    [LibraryImport(Library, EntryPoint = "pt_release_idle")] internal static partial void ReleaseIdle();

    [LibraryImport(Library, EntryPoint = "pt_tensor_from", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int TensorFrom(void* data, long bytes, long* sizes, int rank, int dtype, string device, out nint result);

    [LibraryImport(Library, EntryPoint = "pt_tensor_copy_to")] internal static partial int TensorCopyTo(nint tensor, void* data, long bytes);
    [LibraryImport(Library, EntryPoint = "pt_tensor_rank")] internal static partial int TensorRank(nint tensor);
    [LibraryImport(Library, EntryPoint = "pt_tensor_sizes")] internal static partial void TensorSizes(nint tensor, long* sizes);
    [LibraryImport(Library, EntryPoint = "pt_tensor_dtype")] internal static partial int TensorDType(nint tensor);
    [LibraryImport(Library, EntryPoint = "pt_tensor_device")] internal static partial int TensorDevice(nint tensor, byte* text, int capacity);

    [LibraryImport(Library, EntryPoint = "pt_mapping_open")] internal static partial int MappingOpen(SafeHandle file, long length, out nint result);
    [LibraryImport(Library, EntryPoint = "pt_mapping_free")] internal static partial void MappingFree(nint mapping);
    [LibraryImport(Library, EntryPoint = "pt_mapping_data")] internal static partial byte* MappingData(nint mapping);
    [LibraryImport(Library, EntryPoint = "pt_mapping_forget")] internal static partial void MappingForget(nint mapping, long offset, long bytes);
    [LibraryImport(Library, EntryPoint = "pt_mapping_tensor")] internal static partial int MappingTensor(nint mapping, long offset, long* sizes, int rank, int dtype, out nint result);

    [LibraryImport(Library, EntryPoint = "pt_op_find", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int OpFind(string name, string overload, out nint result);

    [LibraryImport(Library, EntryPoint = "pt_op_call")]
    internal static partial int OpCall(nint op, NativeValue* arguments, int argumentCount, NativeValue* results, int capacity, out int count);

    [LibraryImport(Library, EntryPoint = "pt_set_requires_grad")] internal static partial int SetRequiresGrad(nint tensor, int on);
    [LibraryImport(Library, EntryPoint = "pt_requires_grad")] internal static partial int RequiresGrad(nint tensor);
    [LibraryImport(Library, EntryPoint = "pt_grad")] internal static partial int Grad(nint tensor, out nint result);
    [LibraryImport(Library, EntryPoint = "pt_clear_grad")] internal static partial int ClearGrad(nint tensor);
    [LibraryImport(Library, EntryPoint = "pt_backward")] internal static partial int Backward(nint tensor, nint gradient);
    [LibraryImport(Library, EntryPoint = "pt_checkpoint")]
    internal static partial int Checkpoint(nint* inputs, int count, nint function, delegate* unmanaged<nint, nint*, int, int, nint, nint> run, delegate* unmanaged<nint, void> release, out nint result);

    [LibraryImport(Library, EntryPoint = "pt_checkpoint_result")] internal static partial void CheckpointResult(nint slot, nint tensor);
    [LibraryImport(Library, EntryPoint = "pt_grad_enabled")] internal static partial int GradEnabled();
    [LibraryImport(Library, EntryPoint = "pt_set_grad_enabled")] internal static partial void SetGradEnabled(int on);
    [LibraryImport(Library, EntryPoint = "pt_manual_seed")] internal static partial int ManualSeed(ulong seed);

    [LibraryImport(Library, EntryPoint = "pt_generator_state", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int GeneratorState(string device, out nint result);

    [LibraryImport(Library, EntryPoint = "pt_set_generator_state", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int SetGeneratorState(string device, nint state);
}

/// <summary>The kind of a value on the boxed stack; mirrors <c>Kind</c> in prefer_torch.cpp.</summary>
internal enum ValueKind
{
    None = 0,
    Tensor = 1,
    Int = 2,
    Double = 3,
    Bool = 4,
    IntList = 5,
    TensorList = 6,
    String = 7,
    Device = 8,
}

/// <summary>One value as it crosses the ABI: kind, element count of a list or bytes of a string, 64 bits of content.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeValue
{
    public ValueKind Kind;
    public int Count;
    public long Bits;
}
