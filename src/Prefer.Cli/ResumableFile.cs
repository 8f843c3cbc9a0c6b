using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Prefer.Data;
using Prefer.Models.Files;

namespace Prefer.Cli;

/// <summary>How far a file of results is: a place where a run can go on as if it had not stopped.</summary>
internal sealed record OutputPosition
{
    /// <summary>Rows of the input behind it, bad ones included.</summary>
    public long Rows { get; init; }

    /// <summary>Lines of the output before it.</summary>
    public long Lines { get; init; }

    /// <summary>Bytes of the output before it.</summary>
    public long Bytes { get; init; }

    /// <summary>Of the lines, those of truncated rows.</summary>
    public long Truncated { get; init; }

    /// <summary>Rows that the scorer could not read and left out.</summary>
    public ImmutableArray<BadRow> LeftOut { get; init; } = [];
}

/// <summary>
/// JSON Lines that appear whole or not at all: written to <c>FILE.partial</c>, which is renamed at the end. Beside it <c>FILE.partial.json</c> says what run it is of and the
/// latest place where that run can go on; what stands behind that place is cut off then. A file of a run that cannot go on (of standard input) has no such record.
/// </summary>
internal sealed class ResumableFile : IDisposable
{
    private const int BufferSize = 1 << 16;
    private static readonly TimeSpan SaveInterval = TimeSpan.FromSeconds(1);

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true };

    private readonly string path;
    private readonly JsonObject? run;
    private readonly TimeProvider clock;
    private readonly FileStream stream;
    private long? savedAt;
    private bool isSaved = true, isComplete;

    private ResumableFile(string path, JsonObject? run, OutputPosition position, TimeProvider clock)
    {
        (this.path, this.run, this.clock, Position) = (path, run, clock, position);
        stream = new FileStream(PartialPath, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, BufferSize);
        stream.SetLength(position.Bytes);
        stream.Seek(0, SeekOrigin.End);
    }

    /// <summary>The latest place where the run can go on.</summary>
    public OutputPosition Position { get; private set; }

    /// <summary>Where the lines are until the file is complete.</summary>
    public string PartialPath => PartialOf(path);

    /// <summary>Begins a file, or goes on with one.</summary>
    /// <param name="path">What the complete file is named.</param>
    /// <param name="run">What must be the same for a run to go on: an object of <c>model</c>, <c>data</c> and <c>options</c>; null where it cannot.</param>
    /// <param name="resume">Goes on where there is something to go on with.</param>
    /// <param name="overwrite">Begins anew whatever is there.</param>
    /// <param name="clock">Time.</param>
    /// <exception cref="UsageException">A file is in the way, or the one that is there is of another run.</exception>
    public static ResumableFile Open(string path, JsonObject? run, bool resume, bool overwrite, TimeProvider clock)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path));
        if (Directory.Exists(path) || !Directory.Exists(folder))
        {
            throw new UsageException($"--output {path}: {(Directory.Exists(path) ? "found a folder" : $"found no folder '{folder}' to write into")}, expected the name of a file in a folder that is there.");
        }

        var hasPartial = File.Exists(PartialOf(path));
        if (hasPartial && !resume && !overwrite)
        {
            throw new UsageException($"--output {path}: found {PartialOf(path)}, which a run left that did not end. Go on with it with --resume, begin anew with --overwrite, or name another file.");
        }

        if (File.Exists(path) && !hasPartial && !overwrite)
        {
            throw new UsageException($"--output {path}: the file is there already{(resume ? ", and no run that did not end" : "")}. Replace it with --overwrite, or name another file.");
        }

        var position = hasPartial && resume ? Recorded(path, run!) : new OutputPosition();
        var file = new ResumableFile(path, run, position, clock);
        if (position.Lines == 0)
        {
            File.Delete(RecordOf(path));
        }

        return file;
    }

    /// <summary>Adds a line.</summary>
    public void Write(string line)
    {
        stream.Write(Encoding.UTF8.GetBytes(line));
        stream.WriteByte((byte)'\n');
    }

    /// <summary>Says that a run can go on behind what was written so far. It is saved at most once a second, and when the file is closed.</summary>
    public void Mark(OutputPosition position)
    {
        Position = position with { Bytes = stream.Position };
        isSaved = false;
        if (savedAt is not { } before || clock.GetElapsedTime(before) >= SaveInterval)
        {
            Save();
        }
    }

    /// <summary>Makes it the file.</summary>
    public void Complete()
    {
        stream.Flush(flushToDisk: true);
        stream.Dispose();
        File.Move(PartialPath, path, overwrite: true);
        File.Delete(RecordOf(path));
        isComplete = true;
    }

    /// <summary>Leaves what a run can go on with, or nothing where there is nothing yet.</summary>
    public void Dispose()
    {
        if (isComplete)
        {
            return;
        }

        if (!isSaved)
        {
            Save();
        }

        stream.Dispose();
        if (Position.Lines == 0)
        {
            File.Delete(PartialPath);
        }
    }

    private static string PartialOf(string path) => $"{path}.partial";

    private static string RecordOf(string path) => $"{path}.partial.json";

    private void Save()
    {
        stream.Flush(flushToDisk: true);
        if (run is not null)
        {
            AtomicFile.WriteText(RecordOf(path), JsonSerializer.Serialize(new RunRecord(run, Position), Json) + "\n");
        }

        (isSaved, savedAt) = (true, clock.GetTimestamp());
    }

    /// <summary>Where the run that left a file can go on.</summary>
    private static OutputPosition Recorded(string path, JsonObject run)
    {
        var (partial, record) = (PartialOf(path), RecordOf(path));
        if (!File.Exists(record))
        {
            throw new UsageException($"--resume: {partial} has no {record} beside it, which says what run it is of. Begin anew with --overwrite.");
        }

        try
        {
            var (before, position) = JsonSerializer.Deserialize<RunRecord>(File.ReadAllBytes(record), Json) ?? throw new JsonException("an object was expected");
            CheckSame(partial, before, run);
            return new System.IO.FileInfo(partial).Length >= position.Bytes
                ? position
                : throw new UsageException($"--resume: {partial} is shorter than the {position.Bytes} bytes that the run had written. Begin anew with --overwrite.");
        }
        catch (JsonException error)
        {
            throw new UsageException($"--resume: {record} is not what a run leaves: {error.Message} Begin anew with --overwrite.", error);
        }
    }

    private static void CheckSame(string partial, JsonObject before, JsonObject now)
    {
        foreach (var part in (ReadOnlySpan<string>)["verb", "model", "data"])
        {
            if (!JsonNode.DeepEquals(before[part], now[part]))
            {
                throw new UsageException($"--resume: {partial} was begun with another {part} than this one. Resume with the one it began with, or begin anew with --overwrite.");
            }
        }

        foreach (var (name, value) in now["options"]!.AsObject())
        {
            if (before["options"] is not JsonObject options || !JsonNode.DeepEquals(options[name], value))
            {
                throw new UsageException($"--resume: {partial} was begun with --{name} {Text(before["options"]?[name])}, now it is {Text(value)}. Resume with the options it began with, or begin anew with --overwrite.");
            }
        }
    }

    private static string Text(JsonNode? value) => value?.ToString() ?? "unset";

    private sealed record RunRecord(JsonObject Run, OutputPosition Position);
}
