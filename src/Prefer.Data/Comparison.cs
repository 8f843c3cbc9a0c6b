using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Prefer.Data;

/// <summary>One comparison: a prompt and two responses, of which <see cref="Chosen"/> is preferred with probability <see cref="Label"/>.</summary>
public sealed record Comparison
{
    /// <summary>The conversation up to the responses; empty when pre-tokenised or when the row has none.</summary>
    public ImmutableArray<Message> Prompt { get; init; } = [];

    /// <summary>The first response; the preferred one whenever <see cref="Label"/> is above one half.</summary>
    public required Response Chosen { get; init; }

    /// <summary>The second response.</summary>
    public required Response Rejected { get; init; }

    /// <summary>P(chosen is preferred), in [0.5, 1] after reading (rows below one half are turned round); 0.5 is a tie.</summary>
    public double Label { get; init; } = 1;

    /// <summary>The reward difference that the loss asks for beyond zero; null when the row gives none.</summary>
    public double? Margin { get; init; }

    /// <summary>Non-negative weight of this comparison in the loss.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>The subset it is reported under, or null.</summary>
    public string? Subset { get; init; }

    /// <summary>The row's own id as text, or null. An id that was a number is in <see cref="Extra"/> too, as it stood, and is written back so.</summary>
    public string? Id { get; init; }

    /// <summary>Fields of the row that Prefer does not use, kept and written back unchanged; null when there are none.</summary>
    public JsonObject? Extra { get; init; }

    /// <summary>Where it was read, or null for one made in code.</summary>
    public RowOrigin? Origin { get; init; }

    /// <summary>True for y = 0.5: trains as a soft label, is outside strict accuracy.</summary>
    public bool IsTie => Label == 0.5;

    /// <summary>True when both responses are the same, which teaches nothing.</summary>
    public bool IsIdentical => Chosen.SameAs(Rejected);

    /// <summary>True when training leaves it out and accuracy does not count it: a side is empty, or both are the same.</summary>
    public bool TeachesNothing => HasEmptySide || IsIdentical;

    /// <summary>True when a response has no content, which teaches nothing about preference.</summary>
    public bool HasEmptySide => Chosen.IsEmpty || Rejected.IsEmpty;
}
