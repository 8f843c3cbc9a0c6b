using System.Buffers.Binary;

namespace Prefer.Text.Conversion;

/// <summary>
/// Reads the fields of one protocol-buffer message in order: <see cref="Next"/>, then one of the values, or nothing to skip the field.
/// Every length is checked against what is left.
/// </summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message)
{
    private enum WireType
    {
        Varint = 0,
        Fixed64 = 1,
        Bytes = 2,
        Fixed32 = 5,
    }

    private ReadOnlySpan<byte> _rest = message;
    private ReadOnlySpan<byte> _bytes;
    private WireType _type;
    private ulong _number;

    /// <summary>The number of the field that was read last.</summary>
    public int Field { get; private set; }

    /// <summary>Reads the next field; false at the end of the message.</summary>
    /// <exception cref="InvalidDataException">The message is not a protocol buffer.</exception>
    public bool Next()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        var key = ReadVarint();
        Field = key >> 3 is > 0 and < 1 << 29 ? (int)(key >> 3) : throw new InvalidDataException($"a field has the number {key >> 3}");
        _type = (WireType)(key & 7);
        switch (_type)
        {
            case WireType.Varint:
                _number = ReadVarint();
                break;
            case WireType.Fixed64:
                _number = BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
                break;
            case WireType.Fixed32:
                _number = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
                break;
            case WireType.Bytes:
                _bytes = Take(ReadVarint());
                break;
            default:
                throw new InvalidDataException($"field {Field} has the wire type {(int)_type}");
        }

        return true;
    }

    /// <summary>The field's bytes: a text, a nested message or plain bytes.</summary>
    public readonly ReadOnlySpan<byte> Bytes() => Expect(WireType.Bytes) ? _bytes : default;

    public readonly int Integer() => Expect(WireType.Varint) ? (int)_number : 0;

    public readonly bool Flag() => Expect(WireType.Varint) && _number != 0;

    public readonly float Single() => Expect(WireType.Fixed32) ? BitConverter.UInt32BitsToSingle((uint)_number) : 0;

    private readonly bool Expect(WireType type) => _type == type
        ? true
        : throw new InvalidDataException($"field {Field} has the wire type {(int)_type}, expected {(int)type}");

    private ulong ReadVarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var part = Take(1)[0];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException("a number has more than 64 bits");
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)_rest.Length)
        {
            throw new InvalidDataException($"a field wants {count} bytes where {_rest.Length} are left");
        }

        var taken = _rest[..(int)count];
        _rest = _rest[(int)count..];
        return taken;
    }
}
