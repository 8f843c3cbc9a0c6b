using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Prefer.Data;

/// <summary>A prompt and n responses, of which the best is wanted.</summary>
public sealed record Slate
{
    /// <summary>The conversation before the responses; empty where the row has none.</summary>
    public ImmutableArray<Message> Prompt { get; init; } = [];

    /// <summary>The n responses, as the row lists them.</summary>
    public required ImmutableArray<Response> Responses { get; init; }

    /// <summary>See <see cref="Candidate.Id"/>.</summary>
    public string? Id { get; init; }

    /// <summary>See <see cref="Candidate.Extra"/>.</summary>
    public JsonObject? Extra { get; init; }

    /// <summary>Where it was read.</summary>
    public RowOrigin? Origin { get; init; }

    /// <summary>See <see cref="Candidate.PassedThrough"/>.</summary>
    public JsonObject PassedThrough() => RowId.PassedThrough(Id, Extra);

    /// <summary>Each response as a row to be scored.</summary>
    public IReadOnlyList<Candidate> Candidates() => [.. Responses.Select(response => new Candidate { Prompt = Prompt, Response = response, Origin = Origin })];
}
