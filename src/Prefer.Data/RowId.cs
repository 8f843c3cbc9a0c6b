using System.Text.Json;
using System.Text.Json.Nodes;

namespace Prefer.Data;

/// <summary>An id as it is written back: as the number it was, where <c>Extra</c> still holds one of the same text, else as a string.</summary>
internal static class RowId
{
    public const string Field = "id";

    /// <summary>A node of its own, or null without an id.</summary>
    public static JsonNode? Node(string? id, JsonObject? extra) =>
        id is null ? null
        : extra?[Field] is JsonValue given && given.GetValueKind() == JsonValueKind.Number && given.ToJsonString() == id ? given.DeepClone()
        : JsonValue.Create(id);

    /// <summary>A fresh object of the id, which comes first, and every other field of <paramref name="extra"/>.</summary>
    public static JsonObject PassedThrough(string? id, JsonObject? extra)
    {
        var fields = new JsonObject();
        if (Node(id, extra) is JsonNode node)
        {
            fields[Field] = node;
        }

        foreach ((string name, JsonNode? value) in extra ?? [])
        {
            if (name != Field)
            {
                fields[name] = value?.DeepClone();
            }
        }

        return fields;
    }
}
