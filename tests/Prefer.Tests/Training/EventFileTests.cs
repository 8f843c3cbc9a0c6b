using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using Prefer.Tests.Statistics;
using Prefer.Training;
using Xunit;

namespace Prefer.Tests.Training;

/// <summary>TensorBoard event files, read back by a reader of their format that is written here, bit by bit.</summary>
public sealed class EventFileTests : IDisposable
{
    private readonly SmallRun run = new();

    public void Dispose() => run.Dispose();

    [Fact]
    public void Checksums_are_crc32c()
    {
        // The check value of CRC-32C's definition (RFC 3720, B.4 has more of them), and the first bytes of every event file that TensorFlow writes.
        Assert.Equal(0xE3069283u, Crc32C(Encoding.ASCII.GetBytes("123456789")));
        Assert.Equal(0x8A9136AAu, Crc32C(new byte[32]));
        Assert.Equal(0x224B7FA3u, Masked([24, 0, 0, 0, 0, 0, 0, 0]));
    }

    [Fact]
    public void A_file_begins_as_tensorflows_do_and_holds_the_scalars()
    {
        string path;
        using (var file = new EventFile(run.File("events"), 0, new FixedClock(DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_250))))
        {
            path = file.Path;
            file.Write(300, [("train/loss", 0.625), ("train/größe", -1e30)]);
        }

        var bytes = File.ReadAllBytes(path);
        Assert.Equal([0x18, 0, 0, 0, 0, 0, 0, 0, 0xa3, 0x7f, 0x4b, 0x22, 0x09], bytes[..13]);
        Assert.Equal([0x1a, 0x0d, .. "brain.Event:2"u8], bytes[21..36]);
        Assert.StartsWith("events.out.tfevents.1700000000250.", Path.GetFileName(path), StringComparison.Ordinal);
        var events = Read(path);
        Assert.Equal([1_700_000_000.25, 1_700_000_000.25], events.Select(found => found.WallTime));
        Assert.Equal((300L, false), (events[1].Step, events[1].IsStart));
        Assert.Equal([("train/loss", 0.625f), ("train/größe", -1e30f)], events[1].Scalars);
    }

    [Fact]
    public void A_run_writes_the_figures_of_its_log()
    {
        Assert.Equal(0, TrainingProcess.Run(run.Arguments("out", "--tensorboard", run.File("events"))).ExitCode);

        var events = Read(Assert.Single(Directory.GetFiles(run.File("events"))));
        var lines = File.ReadLines(Path.Combine(run.File("out"), "metrics.jsonl")).Select(line => JsonNode.Parse(line)!.AsObject()).ToArray();
        Assert.Equal(lines.Length, events.Count - 1);
        foreach (var (line, found) in lines.Zip(events.Skip(1)))
        {
            var group = line.ContainsKey("eval_loss") ? "eval" : "train";
            Assert.Equal((int)line["step"]!, found.Step);
            var expected = line.Where(figure => figure.Key is not ("step" or "seconds") && figure.Value is not null).Select(figure => ($"{group}/{figure.Key.Replace("eval_", "", StringComparison.Ordinal)}", (float)(double)figure.Value!));
            Assert.Equal(expected, found.Scalars);
        }

        Assert.Contains(events, found => found.Scalars.Any(scalar => scalar.Tag == "eval/loss"));
        Assert.Contains(events, found => found.Scalars.Any(scalar => scalar.Tag == "train/grad_norm"));
    }

    [Fact]
    public void A_resumed_run_tells_tensorboard_what_to_forget()
    {
        Assert.Equal(0, TrainingProcess.Run(run.Arguments("out", "--tensorboard", run.File("events"))).ExitCode);
        SmallRun.Reopen(run.File("out"));
        Directory.Delete(Directory.GetDirectories(run.File("out"), "checkpoint-*").MaxBy(folder => int.Parse(folder[(folder.LastIndexOf('-') + 1)..], System.Globalization.CultureInfo.InvariantCulture))!, recursive: true);

        Assert.Equal(0, TrainingProcess.Run(run.Arguments("out", "--tensorboard", run.File("events"), "--resume")).ExitCode);

        string[] files = [.. Directory.GetFiles(run.File("events")).Order(StringComparer.Ordinal)];
        Assert.Equal(2, files.Length);
        var (first, second) = (Read(files[0]), Read(files[1]));
        Assert.DoesNotContain(first, found => found.IsStart);
        Assert.True(second[1].IsStart);
        Assert.InRange(second[1].Step, 2, SmallRun.TotalSteps);
        Assert.All(second.Skip(2), found => Assert.True(found.Step >= second[1].Step));
        Assert.Equal(first[^1].Scalars.Select(scalar => scalar.Tag), second[^1].Scalars.Select(scalar => scalar.Tag));
        Relative.Equal(first[^1].Scalars[0].Value, second[^1].Scalars[0].Value, 1e-6);
    }

    private sealed record Event(double WallTime, long Step, bool IsStart, List<(string Tag, float Value)> Scalars);

    private static List<Event> Read(string path)
    {
        var bytes = File.ReadAllBytes(path).AsSpan();
        var events = new List<Event>();
        while (bytes.Length > 0)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            Assert.Equal(Masked(bytes[..8]), BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]));
            var data = bytes.Slice(12, length);
            Assert.Equal(Masked(data), BinaryPrimitives.ReadUInt32LittleEndian(bytes[(12 + length)..]));
            events.Add(ReadEvent(Fields(data)));
            bytes = bytes[(16 + length)..];
        }

        return events;
    }

    private static Event ReadEvent(List<(int Number, byte[] Value)> fields)
    {
        byte[]? One(int number) => fields.SingleOrDefault(field => field.Number == number).Value;
        var scalars = One(5) is { } summary
            ? Fields(summary).Select(value => Fields(value.Value)).Select(value => (Encoding.UTF8.GetString(value[0].Value), BinaryPrimitives.ReadSingleLittleEndian(value[1].Value))).ToList()
            : [];
        return new Event(
            BinaryPrimitives.ReadDoubleLittleEndian(One(1)!), One(2) is { } step ? BinaryPrimitives.ReadInt64LittleEndian(step) : 0,
            One(7) is { } session && Fields(session) is [(1, [1, ..])], scalars);
    }

    /// <summary>Numbers and contents of a message's fields; a varint as 8 bytes.</summary>
    private static List<(int Number, byte[] Value)> Fields(ReadOnlySpan<byte> message)
    {
        var fields = new List<(int, byte[])>();
        while (message.Length > 0)
        {
            var key = Varint(ref message);
            var length = (key & 7) switch { 0 => 0, 1 => 8, 5 => 4, 2 => (int)Varint(ref message), var wire => throw new InvalidDataException($"wire type {wire}") };
            fields.Add(((int)(key >> 3), (key & 7) == 0 ? BitConverter.GetBytes(Varint(ref message)) : message[..length].ToArray()));
            message = message[length..];
        }

        return fields;
    }

    private static ulong Varint(ref ReadOnlySpan<byte> bytes)
    {
        var (value, index) = (0UL, 0);
        do
        {
            value |= (ulong)(bytes[index] & 0x7f) << (7 * index);
        }
        while (bytes[index++] >= 0x80);
        bytes = bytes[index..];
        return value;
    }

    private static uint Masked(ReadOnlySpan<byte> data)
    {
        var crc = Crc32C(data);
        return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
    }

    /// <summary>By its definition, a bit at a time.</summary>
    private static uint Crc32C(ReadOnlySpan<byte> data)
    {
        var crc = 0xFFFFFFFFu;
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 1 ? (crc >> 1) ^ 0x82F63B78u : crc >> 1;
            }
        }

        return ~crc;
    }

    private sealed class FixedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
