using System.Runtime.InteropServices;
using System.Text;

namespace Prefer.Torch;

/// <summary>
/// A libtorch tensor: owns one native handle. Made inside a <see cref="TensorScope"/> it belongs to that scope, elsewhere to
/// the caller. There is no finalizer: a tensor that nobody disposes of shows in <see cref="TorchRuntime.LiveTensorCount"/>.
/// </summary>
public sealed unsafe partial class Tensor : IDisposable
{
    private nint handle;
    private long[]? shape;

    internal Tensor(nint handle)
    {
        this.handle = handle;
        TensorScope.Own(this);
    }

    internal nint Handle => handle != 0 ? handle : throw WithoutHandle();

    /// <summary>Sizes of the dimensions; empty for a scalar.</summary>
    public IReadOnlyList<long> Shape => shape ??= ReadShape();

    /// <summary>Element type.</summary>
    public DType DType => (DType)Native.TensorDType(Handle);

    /// <summary>Where it lives: <c>cpu</c>, <c>cuda:0</c>, …</summary>
    public string Device
    {
        get
        {
            const int capacity = 32;
            var text = stackalloc byte[capacity];
            Native.Check(Native.TensorDevice(Handle, text, capacity), "device");
            return Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text));
        }
    }

    /// <summary>Elements in all.</summary>
    public long ElementCount => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>A new tensor with a copy of the values, in row-major order.</summary>
    /// <exception cref="TorchException">The number of values is not the product of the shape.</exception>
    public static Tensor From<T>(ReadOnlySpan<T> values, ReadOnlySpan<long> shape, string device = "cpu") where T : unmanaged =>
        FromBytes(MemoryMarshal.AsBytes(values), DTypes.Of<T>(), shape, device);

    /// <summary>A vector with a copy of the values.</summary>
    public static Tensor From<T>(ReadOnlySpan<T> values, string device = "cpu") where T : unmanaged => From(values, [values.Length], device);

    /// <summary>A new tensor whose elements are read from raw little-endian bytes.</summary>
    public static Tensor FromBytes(ReadOnlySpan<byte> bytes, DType dtype, ReadOnlySpan<long> shape, string device = "cpu")
    {
        fixed (byte* data = bytes)
        {
            return FromMemory(data, bytes.Length, dtype, shape, device);
        }
    }

    /// <summary>A new tensor with a copy of raw little-endian bytes, of any number.</summary>
    /// <param name="data">The first byte; must stay where it is during the call.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="dtype">Their element type.</param>
    /// <param name="shape">Sizes, whose product is the number of elements.</param>
    /// <param name="device">Where the copy goes.</param>
    public static Tensor FromMemory(byte* data, long length, DType dtype, ReadOnlySpan<long> shape, string device = "cpu")
    {
        fixed (long* sizes = shape)
        {
            Native.Check(Native.TensorFrom(data, length, sizes, shape.Length, (int)dtype, device, out var result), $"tensor of {dtype} {Text(shape)}");
            return new Tensor(result);
        }
    }

    /// <summary>The elements in row-major order, copied from whatever device.</summary>
    /// <typeparam name="T">Must be the tensor's element type.</typeparam>
    public T[] ToArray<T>() where T : unmanaged
    {
        if (DType != DTypes.Of<T>())
        {
            throw new InvalidOperationException($"{Describe()} cannot be read as {typeof(T).Name}");
        }
        var values = new T[ElementCount];
        CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    /// <summary>Copies the elements' bytes, row-major, little-endian.</summary>
    public void CopyTo(Span<byte> bytes)
    {
        fixed (byte* data = bytes)
        {
            Native.Check(Native.TensorCopyTo(Handle, data, bytes.Length), $"reading {Describe()}");
        }
        GC.KeepAlive(this);
    }

    /// <summary>The value of a one-element tensor, as a double.</summary>
    public double Item()
    {
        using var scope = new TensorScope();
        return To(DType.Float64).ToArray<double>() is [var value]
            ? value
            : throw new InvalidOperationException($"{Describe()} has not exactly one element");
    }

    /// <summary>Type and shape, as messages show them: <c>Float32[2, 3]</c>.</summary>
    internal string Describe() => $"{(quantized is null ? DType.ToString() : "quantized matrix ")}{Text(Shape.ToArray())}";

    /// <inheritdoc/>
    public override string ToString() => handle == 0 && quantized is null ? "Tensor (freed)" : Describe();

    /// <summary>Frees the handle; the memory goes when no other tensor or graph uses it. A second call does nothing.</summary>
    public void Dispose()
    {
        if (handle != 0)
        {
            Native.TensorFree(handle);
            handle = 0;
            DropCast();
        }
        quantized?.Dispose();
        quantized = null;
    }

    private InvalidOperationException WithoutHandle() => quantized is not null
        ? new InvalidOperationException($"{Describe()} can only be multiplied with, by Linear or AffineColumns, and looked up in, by Embedding")
        : new ObjectDisposedException(nameof(Tensor), "the tensor was freed, by Dispose or by the end of its scope");

    private long[] ReadShape()
    {
        var sizes = new long[Native.TensorRank(Handle)];
        fixed (long* first = sizes)
        {
            Native.TensorSizes(Handle, first);
        }
        return sizes;
    }

    private static string Text(ReadOnlySpan<long> shape) => $"[{string.Join(", ", shape.ToArray())}]";
}
