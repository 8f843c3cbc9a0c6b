using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Prefer.Data;

/// <summary>What one row says about responses to a prompt: a <see cref="Comparison"/>, a <see cref="Ranking"/> or a <see cref="Rating"/>.</summary>
public abstract record Judgement
{
    /// <summary>The conversation up to the responses; empty when pre-tokenised or when the row has none.</summary>
    public ImmutableArray<Message> Prompt { get; init; } = [];

    /// <summary>Non-negative weight in the loss; of a ranking that is read as its pairs, the weight of each.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>The subset it is reported under, or null.</summary>
    public string? Subset { get; init; }

    /// <summary>The row's own id as text, or null. An id that was a number is in <see cref="Extra"/> too, as it stood, and is written back so.</summary>
    public string? Id { get; init; }

    /// <summary>Fields of the row that Prefer does not use, kept and written back unchanged; null when there are none.</summary>
    public JsonObject? Extra { get; init; }

    /// <summary>Where it was read, or null for one made in code.</summary>
    public RowOrigin? Origin { get; init; }

    /// <summary>Every response it is about.</summary>
    public abstract IEnumerable<Response> AllResponses { get; }
}
