using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Prefer.Benchmarks.Cases;

/// <summary>One thing that is measured, in a process of its own.</summary>
/// <param name="Name">What, of which model, on which data, in which precision, which way; as far as each applies.</param>
/// <param name="Measure">Gives the figures.</param>
internal sealed record Case(string Name, Func<Preparation, JsonObject> Measure)
{
    // Shapes have a plus in their names.
    private static readonly JsonSerializerOptions Format = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The figures as one line of JSON, or the reason why there are none.</summary>
    /// <param name="preparation">What was made ready.</param>
    /// <param name="round">0-based.</param>
    internal string Run(Preparation preparation, int round)
    {
        var line = new JsonObject { ["case"] = Name, ["round"] = round };
        try
        {
            foreach (var (name, value) in Measure(preparation))
            {
                line[name] = value?.DeepClone();
            }
            line["peak_memory_bytes"] = ProcessMemory.Peak();
        }
        catch (NotAvailableException reason)
        {
            line["not_available"] = reason.Message;
        }
        return line.ToJsonString(Format);
    }
}

/// <summary>A case cannot be measured with this version or on this machine; the message says why.</summary>
internal sealed class NotAvailableException(string message) : Exception(message);

/// <summary>The command was wrong.</summary>
internal sealed class UsageException(string message) : Exception(message);
