using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Prefer.Training;

/// <summary><c>metrics.jsonl</c>: a line per logged window and per evaluation, see docs/metrics.md; and the same figures for TensorBoard, where they are wanted.</summary>
internal sealed class MetricsLog : IDisposable
{
    /// <summary>Figures that are no curve of their own: the axes.</summary>
    private static readonly string[] Axes = ["step", "seconds"];

    private readonly FileStream stream;
    private readonly EventFile? events;

    /// <summary>Opens the log and cuts it to a length: what a killed run wrote after its last checkpoint is written again.</summary>
    /// <param name="path">The file.</param>
    /// <param name="length">Its length at the last checkpoint; 0 for a run that begins.</param>
    /// <param name="events">Gets the same figures; disposed of with the log. Null for none.</param>
    internal MetricsLog(string path, long length, EventFile? events = null)
    {
        this.events = events;
        stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
        if (stream.Length < length)
        {
            Dispose();
            throw new TrainingException($"{path}: {stream.Length} bytes, but the checkpoint was written when it had {length}. Restore it, or begin anew with --overwrite.", isUsage: true);
        }
        stream.SetLength(length);
        stream.Seek(0, SeekOrigin.End);
    }

    internal const string FileName = "metrics.jsonl";

    /// <summary>Bytes so far.</summary>
    internal long Length => stream.Length;

    internal void Write(JsonObject line)
    {
        stream.Write(Encoding.UTF8.GetBytes(line.ToJsonString() + "\n"));
        stream.Flush();
        events?.Write((int)line["step"]!, Scalars(line));
    }

    /// <summary>Puts on disk what was written.</summary>
    internal void Sync() => stream.Flush(flushToDisk: true);

    public void Dispose()
    {
        stream.Dispose();
        events?.Dispose();
    }

    /// <summary>Tags as Hugging Face's Trainer groups them: <c>train/loss</c>, <c>eval/loss</c>.</summary>
    private static IEnumerable<(string Tag, double Value)> Scalars(JsonObject line)
    {
        const string evaluation = "eval_";
        var group = line.Any(figure => figure.Key.StartsWith(evaluation, StringComparison.Ordinal)) ? "eval" : "train";
        return from figure in line
               where !Axes.Contains(figure.Key) && figure.Value is not null
               select ($"{group}/{(figure.Key.StartsWith(evaluation, StringComparison.Ordinal) ? figure.Key[evaluation.Length..] : figure.Key)}", double.Parse(figure.Value.ToJsonString(), CultureInfo.InvariantCulture));
    }
}
