namespace Prefer.Torch;

/// <summary>An argument of an operator. Converts implicitly from what operators take; <c>default</c> is None.</summary>
internal readonly struct Value
{
    private Value(ValueKind kind, long bits, object? content = null) => (Kind, Bits, Content) = (kind, bits, content);

    internal ValueKind Kind { get; }

    internal long Bits { get; }

    /// <summary>The tensor, tensor list, integer list or string; null for scalars.</summary>
    internal object? Content { get; }

    public static implicit operator Value(Tensor? tensor) => tensor is null ? default : new(ValueKind.Tensor, 0, tensor);

    public static implicit operator Value(long value) => new(ValueKind.Int, value);

    public static implicit operator Value(double value) => new(ValueKind.Double, BitConverter.DoubleToInt64Bits(value));

    public static implicit operator Value(bool value) => new(ValueKind.Bool, value ? 1 : 0);

    public static implicit operator Value(DType value) => new(ValueKind.Int, (long)value);

    public static implicit operator Value(long[] values) => new(ValueKind.IntList, 0, values);

    public static implicit operator Value(Tensor[] values) => new(ValueKind.TensorList, 0, values);

    internal static Value Device(string name) => new(ValueKind.Device, 0, name);

    internal static Value Text(string text) => new(ValueKind.String, 0, text);

    /// <summary>How the argument reads in a message: the shape of a tensor, the value of a scalar.</summary>
    public override string ToString() => Kind switch
    {
        ValueKind.None => "None",
        ValueKind.Tensor => ((Tensor)Content!).Describe(),
        ValueKind.Int => Bits.ToString(System.Globalization.CultureInfo.InvariantCulture),
        ValueKind.Double => BitConverter.Int64BitsToDouble(Bits).ToString(System.Globalization.CultureInfo.InvariantCulture),
        ValueKind.Bool => Bits != 0 ? "true" : "false",
        ValueKind.IntList => $"[{string.Join(", ", (long[])Content!)}]",
        ValueKind.TensorList => $"[{string.Join(", ", ((Tensor[])Content!).Select(tensor => tensor.Describe()))}]",
        _ => (string)Content!,
    };
}
