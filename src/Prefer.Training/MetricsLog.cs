using System.Text;
using System.Text.Json.Nodes;

namespace Prefer.Training;

/// <summary><c>metrics.jsonl</c>: a line per logged window and per evaluation. See docs/metrics.md.</summary>
internal sealed class MetricsLog : IDisposable
{
    private readonly FileStream stream;

    /// <summary>Opens the log and cuts it to a length: what a killed run wrote after its last checkpoint is written again.</summary>
    internal MetricsLog(string path, long length)
    {
        stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
        if (stream.Length < length)
        {
            stream.Dispose();
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
    }

    /// <summary>Puts on disk what was written.</summary>
    internal void Sync() => stream.Flush(flushToDisk: true);

    public void Dispose() => stream.Dispose();
}
