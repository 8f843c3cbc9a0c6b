using System.Buffers.Binary;
using System.Text.Json;
using Prefer.Torch;

namespace Prefer.Models.Files;

/// <summary>One tensor of a safetensors file.</summary>
/// <param name="DType">Element type.</param>
/// <param name="Shape">Sizes.</param>
/// <param name="Begin">First byte, counted from the end of the header.</param>
/// <param name="End">One past the last byte.</param>
internal sealed record SafetensorsEntry(DType DType, long[] Shape, long Begin, long End);

/// <summary>
/// A safetensors file, memory-mapped: 8 bytes of header length, a JSON header, then the tensors' bytes. The header is
/// checked whole before anything is read: lengths, types, shapes, and that the tensors cover the data without overlap or gap.
/// </summary>
internal sealed unsafe class SafetensorsFile : IDisposable
{
    // The format's own limit.
    private const long MaxHeaderLength = 100_000_000;

    private readonly FileMapping mapping;
    private readonly long dataStart;

    private SafetensorsFile(string path, FileMapping mapping, long dataStart, IReadOnlyDictionary<string, SafetensorsEntry> entries) =>
        (Path, this.mapping, this.dataStart, Entries) = (path, mapping, dataStart, entries);

    internal string Path { get; }

    internal IReadOnlyDictionary<string, SafetensorsEntry> Entries { get; }

    /// <exception cref="ModelException">The file is missing, truncated, or its header is not what the format says.</exception>
    internal static SafetensorsFile Open(string path)
    {
        if (!File.Exists(path))
        {
            throw new ModelException($"{path}: not found; a safetensors file was expected");
        }
        using var file = File.OpenHandle(path);
        var length = RandomAccess.GetLength(file);
        if (length < 8)
        {
            throw new ModelException($"{path}: {length} bytes; a safetensors file has at least 8 (its header's length). The file is truncated: copy it again.");
        }
        var mapping = FileMapping.Open(file, length);
        try
        {
            var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(mapping.Start, 8));
            if (headerLength > MaxHeaderLength || headerLength > (ulong)(length - 8))
            {
                throw new ModelException(
                    $"{path}: says its header has {headerLength} bytes, but {length - 8} follow and {MaxHeaderLength} are allowed. The file is truncated or not a safetensors file.");
            }
            var header = new ReadOnlySpan<byte>(mapping.Start + 8, (int)headerLength);
            var entries = ReadHeader(path, header, length - 8 - (long)headerLength);
            return new SafetensorsFile(path, mapping, 8 + (long)headerLength, entries);
        }
        catch
        {
            mapping.Dispose();
            throw;
        }
    }

    /// <summary>A tensor with memory of its own on the CPU, in the file's element type.</summary>
    internal Tensor Read(string name)
    {
        var entry = Entries[name];
        return Tensor.FromMemory(mapping.Start + dataStart + entry.Begin, entry.End - entry.Begin, entry.DType, entry.Shape);
    }

    /// <summary>A tensor that is the file's memory, which it keeps mapped; a copy where its elements do not lie at multiples of their size.</summary>
    internal Tensor Map(string name)
    {
        var entry = Entries[name];
        var start = dataStart + entry.Begin;
        return start % entry.DType.Size() == 0 ? mapping.Tensor(start, entry.DType, entry.Shape) : Read(name);
    }

    /// <summary>Says that a mapped tensor is not needed any more, so that its bytes do not count as this process's memory.</summary>
    internal void Forget(string name) => mapping.Forget(dataStart + Entries[name].Begin, Entries[name].End - Entries[name].Begin);

    public void Dispose() => mapping.Dispose();

    private static Dictionary<string, SafetensorsEntry> ReadHeader(string path, ReadOnlySpan<byte> header, long dataLength)
    {
        var entries = new Dictionary<string, SafetensorsEntry>(StringComparer.Ordinal);
        try
        {
            using var json = JsonDocument.Parse(header.ToArray());
            foreach (var property in json.RootElement.EnumerateObject())
            {
                if (property.Name != "__metadata__" && !entries.TryAdd(property.Name, ReadEntry(path, property, dataLength)))
                {
                    throw new ModelException($"{path}: {property.Name} stands twice in the header");
                }
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new ModelException($"{path}: the header is not the JSON that safetensors files have: {error.Message}", error);
        }
        long covered = 0;
        foreach (var (name, entry) in entries.OrderBy(pair => pair.Value.Begin).ThenBy(pair => pair.Value.End))
        {
            if (entry.Begin != covered)
            {
                throw new ModelException(
                    $"{path}: {name} begins at byte {entry.Begin} where {covered} was expected: the tensors {(entry.Begin < covered ? "overlap" : "leave a gap")}. The file is damaged.");
            }
            covered = entry.End;
        }
        return covered == dataLength
            ? entries
            : throw new ModelException($"{path}: the header describes {covered} bytes of tensors, the file holds {dataLength}. The file is truncated or damaged: copy it again.");
    }

    private static SafetensorsEntry ReadEntry(string path, JsonProperty property, long dataLength)
    {
        var type = property.Value.GetProperty("dtype").GetString();
        var dtype = SafetensorsTypes.Parse(type)
            ?? throw new ModelException($"{path}: {property.Name} has element type {type}; supported are {string.Join(", ", SafetensorsTypes.Names)}");
        var shape = property.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()).ToArray();
        var offsets = property.Value.GetProperty("data_offsets");
        if (offsets.GetArrayLength() != 2)
        {
            throw new ModelException($"{path}: {property.Name} has {offsets.GetArrayLength()} data_offsets; two were expected");
        }
        var (begin, end) = (offsets[0].GetInt64(), offsets[1].GetInt64());
        if (begin < 0 || end < begin || end > dataLength)
        {
            throw new ModelException(
                $"{path}: {property.Name} lies at bytes {begin} to {end} of {dataLength}. The file is truncated or damaged: copy it again.");
        }
        Int128 expected = dtype.Size();
        foreach (var size in shape)
        {
            expected = size >= 0 && expected <= long.MaxValue ? expected * size : throw new ModelException($"{path}: {property.Name} has shape [{string.Join(", ", shape)}]");
        }
        return expected == end - begin
            ? new SafetensorsEntry(dtype, shape, begin, end)
            : throw new ModelException($"{path}: {property.Name} is {type} [{string.Join(", ", shape)}], {expected} bytes, but {end - begin} are given to it");
    }
}

/// <summary>Names of element types in safetensors headers.</summary>
internal static class SafetensorsTypes
{
    private static readonly (string Name, DType DType)[] All =
    [
        ("F64", DType.Float64), ("F32", DType.Float32), ("F16", DType.Float16), ("BF16", DType.BFloat16),
        ("I64", DType.Int64), ("I32", DType.Int32), ("I8", DType.Int8), ("U8", DType.UInt8), ("BOOL", DType.Bool),
    ];

    internal static IEnumerable<string> Names => All.Select(type => type.Name);

    internal static DType? Parse(string? name) => All.Where(type => type.Name == name).Select(type => (DType?)type.DType).FirstOrDefault();

    internal static string NameOf(DType dtype) => All.First(type => type.DType == dtype).Name;
}
