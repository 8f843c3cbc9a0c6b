using System.Text.Json;
using System.Text.Json.Serialization;
using Prefer.Models;

namespace Prefer.Training;

/// <summary>The best evaluation so far.</summary>
/// <param name="Step">Steps taken when it was made; its checkpoint bears the number.</param>
/// <param name="Value">The deciding figure.</param>
public sealed record BestEvaluation(int Step, double Value);

/// <summary>What a run must remember besides weights and optimizer to go on bit for bit: <c>state.json</c> of a checkpoint.</summary>
internal sealed record RunState
{
    internal static readonly JsonSerializerOptions JsonOptions = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>Optimizer steps taken; with the seed, the position in the data.</summary>
    public int Step { get; init; }

    /// <summary>Tokens of the sequences trained on so far, unpadded and unshared.</summary>
    public long TokenCount { get; init; }

    /// <summary>Sums since the last logged line.</summary>
    public StepFigures Window { get; init; } = new();

    /// <summary>The best evaluation, or null before the first.</summary>
    public BestEvaluation? Best { get; init; }

    /// <summary>Evaluations in a row that were not better.</summary>
    public int EvaluationsWithoutBetter { get; init; }

    /// <summary>Bytes of metrics.jsonl that belong to the steps taken.</summary>
    public long MetricsLength { get; init; }

    /// <summary>The run's precision, which --precision auto chose once; null in a checkpoint of a version that had only one.</summary>
    public Precision? Precision { get; init; }

    /// <summary>State of libtorch's generator.</summary>
    public byte[] Generator { get; init; } = [];

    /// <summary>Fingerprint of the training data, which must be the same on resume.</summary>
    public string DataFingerprint { get; init; } = "";

    /// <summary>Fingerprint of the evaluation data, likewise; null without any.</summary>
    public string? EvalFingerprint { get; init; }

    /// <summary>SHA-256 of the checkpoint's other files, by name.</summary>
    public Dictionary<string, string> Files { get; init; } = [];
}
