using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Prefer.Training;

/// <summary>
/// A TensorBoard event file: records of <c>length (8 bytes), masked CRC-32C of it (4), an Event message, masked CRC-32C of that (4)</c>, little-endian, as TensorFlow's
/// <c>record_writer</c> frames them; messages as <c>event.proto</c> and <c>summary.proto</c> number their fields. Scalars only.
/// </summary>
internal sealed class EventFile : IDisposable
{
    private readonly FileStream stream;
    private readonly TimeProvider clock;

    /// <summary>Begins a new file.</summary>
    /// <param name="folder">Made where it is missing. Files that are there stay: TensorBoard reads them all.</param>
    /// <param name="step">Steps taken before; above 0 TensorBoard is told to forget what older files have from the step after it on, which a killed run wrote after its last checkpoint.</param>
    /// <param name="clock">Time, for the name and the events.</param>
    internal EventFile(string folder, int step, TimeProvider clock)
    {
        this.clock = clock;
        Directory.CreateDirectory(folder);
        var name = string.Create(CultureInfo.InvariantCulture, $"events.out.tfevents.{clock.GetUtcNow().ToUnixTimeMilliseconds()}.{Environment.MachineName}.{Environment.ProcessId}");
        stream = new FileStream(System.IO.Path.Combine(folder, name), FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        Write(message => message.Text(FileVersionField, "brain.Event:2"));
        if (step > 0)
        {
            Write(message => message.Number(StepField, (ulong)step + 1).Nested(SessionLogField, new Message().Number(StatusField, StatusStart)));
        }
    }

    // Field numbers of Event, SessionLog, Summary and Summary.Value.
    private const int WallTimeField = 1, StepField = 2, FileVersionField = 3, SummaryField = 5, SessionLogField = 7;
    private const int StatusField = 1, ValueField = 1, TagField = 1, SimpleValueField = 2;
    private const ulong StatusStart = 1;

    internal string Path => stream.Name;

    /// <summary>Adds the scalars of a step, and hands them to the system, so that a TensorBoard that watches shows them.</summary>
    internal void Write(int step, IEnumerable<(string Tag, double Value)> scalars)
    {
        var summary = new Message();
        foreach (var (tag, value) in scalars)
        {
            summary.Nested(ValueField, new Message().Text(TagField, tag).Float(SimpleValueField, (float)value));
        }

        Write(message => message.Number(StepField, (ulong)step).Nested(SummaryField, summary));
    }

    public void Dispose() => stream.Dispose();

    private void Write(Action<Message> fill)
    {
        var message = new Message().Double(WallTimeField, clock.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0);
        fill(message);
        var data = message.ToArray();
        var record = new byte[data.Length + 16];
        BinaryPrimitives.WriteUInt64LittleEndian(record, (ulong)data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), MaskedChecksum(record.AsSpan(0, 8)));
        data.CopyTo(record, 12);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(12 + data.Length), MaskedChecksum(data));
        stream.Write(record);
        stream.Flush();
    }

    /// <summary>CRC-32C, rotated and shifted by a constant, as the format stores it so that checksums of data that hold checksums stay useful.</summary>
    private static uint MaskedChecksum(ReadOnlySpan<byte> data)
    {
        var checksum = uint.MaxValue;
        foreach (var value in data)
        {
            checksum = BitOperations.Crc32C(checksum, value);
        }

        return BitOperations.RotateRight(~checksum, 15) + 0xa282ead8;
    }

    /// <summary>A protocol buffer message in the making: fields in the order they are added.</summary>
    private sealed class Message
    {
        private readonly List<byte> bytes = [];

        private enum Wire
        {
            Varint = 0,
            Fixed64 = 1,
            Delimited = 2,
            Fixed32 = 5,
        }

        internal byte[] ToArray() => [.. bytes];

        internal Message Number(int field, ulong value)
        {
            Tag(field, Wire.Varint);
            Varint(value);
            return this;
        }

        internal Message Double(int field, double value)
        {
            Tag(field, Wire.Fixed64);
            Span<byte> fixed64 = stackalloc byte[8];
            BinaryPrimitives.WriteDoubleLittleEndian(fixed64, value);
            bytes.AddRange(fixed64);
            return this;
        }

        internal Message Float(int field, float value)
        {
            Tag(field, Wire.Fixed32);
            Span<byte> fixed32 = stackalloc byte[4];
            BinaryPrimitives.WriteSingleLittleEndian(fixed32, value);
            bytes.AddRange(fixed32);
            return this;
        }

        internal Message Text(int field, string value) => Delimited(field, Encoding.UTF8.GetBytes(value));

        internal Message Nested(int field, Message value) => Delimited(field, value.ToArray());

        private Message Delimited(int field, byte[] value)
        {
            Tag(field, Wire.Delimited);
            Varint((ulong)value.Length);
            bytes.AddRange(value);
            return this;
        }

        private void Tag(int field, Wire wire) => Varint(((ulong)field << 3) | (ulong)wire);

        private void Varint(ulong value)
        {
            while (value >= 0x80)
            {
                bytes.Add((byte)(value | 0x80));
                value >>= 7;
            }

            bytes.Add((byte)value);
        }
    }
}
