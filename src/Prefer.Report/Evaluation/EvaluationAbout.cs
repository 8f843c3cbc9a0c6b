using System.Text.Json.Nodes;
using Prefer.Data;

namespace Prefer.Report.Evaluation;

/// <summary>What an evaluation was made of, kept beside its figures under <c>about</c>.</summary>
public sealed record EvaluationAbout
{
    /// <summary>What was measured: a model folder, or the name of a baseline.</summary>
    public required string Scorer { get; init; }

    /// <summary>The files of comparisons, as they were named.</summary>
    public required IReadOnlyList<string> Data { get; init; }

    /// <summary>When it ended.</summary>
    public required DateTimeOffset Date { get; init; }

    /// <summary>Every option of the command.</summary>
    public JsonObject? Options { get; init; }

    /// <summary>Versions, processor, threads and memory, by name.</summary>
    public JsonObject? Machine { get; init; }

    /// <summary>What the data holds; null where it was not counted.</summary>
    public DataStatistics? Statistics { get; init; }
}
