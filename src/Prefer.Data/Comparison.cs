using System.Collections.Immutable;

namespace Prefer.Data;

/// <summary>One comparison: a prompt and two responses, of which <see cref="Chosen"/> is preferred with probability <see cref="Label"/>.</summary>
public sealed record Comparison : Judgement
{
    /// <summary>The first response; the preferred one whenever <see cref="Label"/> is above one half.</summary>
    public required Response Chosen { get; init; }

    /// <summary>The second response.</summary>
    public required Response Rejected { get; init; }

    /// <summary>P(chosen is preferred), in [0.5, 1] after reading (rows below one half are turned round); 0.5 is a tie.</summary>
    public double Label { get; init; } = 1;

    /// <summary>The reward difference that the loss asks for beyond zero; null when the row gives none.</summary>
    public double? Margin { get; init; }

    /// <summary>What annotators voted, in the row's order, missing votes included; empty where the row has none. Nothing trains on them: the label says what counts.</summary>
    public ImmutableArray<Vote> Votes { get; init; } = [];

    /// <summary>The systems that wrote the responses, or null.</summary>
    public SystemPair? Systems { get; init; }

    /// <summary>True for y = 0.5: trains as a soft label, is outside strict accuracy.</summary>
    public bool IsTie => Label == 0.5;

    /// <summary>True when both responses are the same, which teaches nothing.</summary>
    public bool IsIdentical => Chosen.SameAs(Rejected);

    /// <summary>True when training leaves it out and accuracy does not count it: a side is empty, or both are the same.</summary>
    public bool TeachesNothing => HasEmptySide || IsIdentical;

    /// <summary>True when a response has no content, which teaches nothing about preference.</summary>
    public bool HasEmptySide => Chosen.IsEmpty || Rejected.IsEmpty;

    /// <inheritdoc/>
    public override IEnumerable<Response> AllResponses => [Chosen, Rejected];
}
