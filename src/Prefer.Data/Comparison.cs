using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Prefer.Data;

/// <summary>One turn of a conversation.</summary>
/// <param name="Role">Who speaks: <c>system</c>, <c>user</c> or <c>assistant</c>; other roles are passed through.</param>
/// <param name="Content">What is said, as text.</param>
public sealed record Message(string Role, string Content);

/// <summary>Where a row was read, for messages that point at it.</summary>
/// <param name="File">The path as the user gave it; <c>-</c> for standard input.</param>
/// <param name="Line">1-based line of the row's first character.</param>
public sealed record RowOrigin(string File, long Line)
{
    /// <summary>The form used in messages: <c>file:line</c>.</summary>
    public override string ToString() => $"{File}:{Line}";
}

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

    /// <summary>True when there is nothing to score: no ids, and no turn with a character that is not white space.</summary>
    public bool IsEmpty => !IsTokenized && Turns.All(turn => string.IsNullOrWhiteSpace(turn.Content));

    /// <summary>Equal content: the same turns and the same ids (records compare arrays by reference).</summary>
    public bool SameAs(Response other) =>
        Turns.AsSpan().SequenceEqual(other.Turns.AsSpan()) && InputIds.AsSpan().SequenceEqual(other.InputIds.AsSpan())
        && TokenTypeIds.AsSpan().SequenceEqual(other.TokenTypeIds.AsSpan());
}

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

    /// <summary>The row's own id, or null.</summary>
    public string? Id { get; init; }

    /// <summary>Fields of the row that Prefer does not use, kept and written back unchanged; null when there are none.</summary>
    public JsonObject? Extra { get; init; }

    /// <summary>Where it was read, or null for one made in code.</summary>
    public RowOrigin? Origin { get; init; }

    /// <summary>True for y = 0.5: trains as a soft label, is outside strict accuracy.</summary>
    public bool IsTie => Label == 0.5;

    /// <summary>True when both responses are the same, which teaches nothing.</summary>
    public bool IsIdentical => Chosen.SameAs(Rejected);

    /// <summary>True when a response has no content, which teaches nothing about preference.</summary>
    public bool HasEmptySide => Chosen.IsEmpty || Rejected.IsEmpty;
}

/// <summary>A prompt with k responses in order of preference, ties allowed.</summary>
public sealed record Ranking
{
    /// <summary>The conversation up to the responses.</summary>
    public ImmutableArray<Message> Prompt { get; init; } = [];

    /// <summary>The k responses, as the row lists them.</summary>
    public required ImmutableArray<Response> Responses { get; init; }

    /// <summary>One score a response, higher is better, equal is a tie. Ranks (1 = best) are read as their negatives.</summary>
    public required ImmutableArray<double> Scores { get; init; }

    /// <summary>Weight of each of its pairs.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>The subset it is reported under, or null.</summary>
    public string? Subset { get; init; }

    /// <summary>The row's own id, or null.</summary>
    public string? Id { get; init; }

    /// <summary>Fields that Prefer does not use, kept.</summary>
    public JsonObject? Extra { get; init; }

    /// <summary>Where it was read.</summary>
    public RowOrigin? Origin { get; init; }
}

/// <summary>One row to be scored.</summary>
public sealed record Candidate
{
    /// <summary>The conversation before the response; empty for plain text and for token ids.</summary>
    public ImmutableArray<Message> Prompt { get; init; } = [];

    /// <summary>What is scored: turns, or <see cref="Response.InputIds"/>. For a <c>text</c> row a single turn with role <c>text</c> and no prompt, encoded as it stands.</summary>
    public required Response Response { get; init; }

    /// <summary>The row's own id, or null.</summary>
    public string? Id { get; init; }

    /// <summary>Every field of the row apart from those that were read, passed through to the output.</summary>
    public JsonObject? Extra { get; init; }

    /// <summary>Where it was read.</summary>
    public RowOrigin? Origin { get; init; }
}
