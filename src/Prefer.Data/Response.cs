using System.Collections.Immutable;

namespace Prefer.Data;

/// <summary>One answer to a prompt: as turns of text, or as token ids of the whole sequence, prompt included.</summary>
public sealed record Response
{
    /// <summary>The turns that follow the prompt; usually one assistant turn. Empty when the row is pre-tokenised.</summary>
    public ImmutableArray<Message> Turns { get; init; } = [];

    /// <summary>Token ids of prompt and response together, special tokens included; empty when the row is text.</summary>
    public ImmutableArray<int> InputIds { get; init; } = [];

    /// <summary>Segment ids beside <see cref="InputIds"/> (same length), or empty for all zero.</summary>
    public ImmutableArray<int> TokenTypeIds { get; init; } = [];

    /// <summary>An answer of one assistant turn.</summary>
    public static Response FromText(string text) => new() { Turns = [new Message("assistant", text)] };

    /// <summary>True when the row gave token ids instead of text.</summary>
    public bool IsTokenized => !InputIds.IsEmpty;

    /// <summary>The contents of all turns, joined by newlines.</summary>
    public string Text => Turns.Length == 1 ? Turns[0].Content : string.Join('\n', Turns.Select(turn => turn.Content));

    /// <summary>Characters (Unicode code points) of all turns' contents; for token ids their number.</summary>
    public int Length => IsTokenized ? InputIds.Length : Turns.Sum(turn => turn.Length);

    /// <summary>True when there is nothing to score: no ids, and no turn with a character that is not white space.</summary>
    public bool IsEmpty => !IsTokenized && Turns.All(turn => string.IsNullOrWhiteSpace(turn.Content));

    /// <summary>Equal content: the same turns and the same ids (records compare arrays by reference).</summary>
    public bool SameAs(Response other) =>
        Turns.AsSpan().SequenceEqual(other.Turns.AsSpan()) && InputIds.AsSpan().SequenceEqual(other.InputIds.AsSpan())
        && TokenTypeIds.AsSpan().SequenceEqual(other.TokenTypeIds.AsSpan());
}
