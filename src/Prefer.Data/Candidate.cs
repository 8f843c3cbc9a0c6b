using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Prefer.Data;

/// <summary>One row to be scored.</summary>
public sealed record Candidate
{
    /// <summary>The conversation before the response; empty for plain text and for token ids.</summary>
    public ImmutableArray<Message> Prompt { get; init; } = [];

    /// <summary>What is scored: turns, or <see cref="Response.InputIds"/>. For a <c>text</c> row a single turn with role <c>text</c> and no prompt, encoded as it stands.</summary>
    public required Response Response { get; init; }

    /// <summary>The row's own id as text, or null. An id that was a number is in <see cref="Extra"/> too, as it stood, and is written back so.</summary>
    public string? Id { get; init; }

    /// <summary>Every field of the row apart from those that were read, passed through to the output.</summary>
    public JsonObject? Extra { get; init; }

    /// <summary>Where it was read.</summary>
    public RowOrigin? Origin { get; init; }

    /// <summary>A fresh object of the fields to pass through: <c>id</c> first, as it stood in the file, then every other field of <see cref="Extra"/>.</summary>
    public JsonObject PassedThrough() => RowId.PassedThrough(Id, Extra);
}
