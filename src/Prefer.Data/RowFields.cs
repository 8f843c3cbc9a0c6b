using System.Text.Json;

namespace Prefer.Data;

/// <summary>A row as it stands.</summary>
/// <param name="Origin">Where it was read.</param>
/// <param name="Fields">A JSON object without duplicate fields.</param>
public sealed record RowFields(RowOrigin Origin, JsonElement Fields);
