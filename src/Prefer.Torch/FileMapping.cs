using Microsoft.Win32.SafeHandles;

namespace Prefer.Torch;

/// <summary>
/// A file as memory: its pages are read when they are first touched, are the system's cache of the file, which every process that maps it
/// shares, and are copied one by one where a tensor over them is written; the file never is. Tensors over it outlive it, and the file's name:
/// replacing the file by renaming another over it leaves them as they were. A file that is shortened or overwritten in place pulls the memory from
/// under them: other values, or the end of the process by a bus error.
/// </summary>
public sealed unsafe class FileMapping : IDisposable
{
    private nint handle;

    private FileMapping(nint handle) => this.handle = handle;

    /// <summary>Maps the beginning of an open file, which may be closed afterwards.</summary>
    /// <param name="file">Opened for reading.</param>
    /// <param name="length">Bytes; no more than the file has.</param>
    /// <exception cref="TorchException">The system refuses.</exception>
    public static FileMapping Open(SafeFileHandle file, long length)
    {
        Native.Check(Native.MappingOpen(file, length, out var handle), "mapping a file into memory");
        return new FileMapping(handle);
    }

    /// <summary>The first byte; there until <see cref="Dispose"/>.</summary>
    public byte* Start => Native.MappingData(Handle);

    private nint Handle => handle != 0 ? handle : throw new ObjectDisposedException(nameof(FileMapping));

    /// <summary>A tensor that is the bytes from <paramref name="offset"/> on.</summary>
    /// <param name="offset">A multiple of the element's size.</param>
    /// <param name="dtype">Element type.</param>
    /// <param name="shape">Sizes.</param>
    public Tensor Tensor(long offset, DType dtype, ReadOnlySpan<long> shape)
    {
        fixed (long* sizes = shape)
        {
            Native.Check(Native.MappingTensor(Handle, offset, sizes, shape.Length, (int)dtype, out var result), $"tensor of {dtype} over a mapped file");
            return new Tensor(result);
        }
    }

    /// <summary>Lets the process's hold on a part of the file go, together with what was written over it; touched again, it is read again.</summary>
    public void Forget(long offset, long length) => Native.MappingForget(Handle, offset, length);

    /// <summary>Gives the mapping up; it stays as long as a tensor is over it.</summary>
    public void Dispose()
    {
        if (handle != 0)
        {
            Native.MappingFree(handle);
            handle = 0;
        }
    }
}
