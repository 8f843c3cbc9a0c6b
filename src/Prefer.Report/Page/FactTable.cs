using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Prefer.Report.Page;

/// <summary>The names and values of a JSON object as a table of two columns: configuration, machine, counts.</summary>
internal static class FactTable
{
    /// <param name="caption">What the object is.</param>
    /// <param name="json">Objects in it are flattened, their names joined by dots; what is null is left out.</param>
    public static DataTable Of(string caption, JsonObject json) => new(caption, ["name", "value"], [.. Flatten("", json)]) { ShowsCaption = false };

    /// <summary>Several objects with the same names side by side.</summary>
    public static DataTable Beside(string caption, params (string Name, JsonObject Json)[] objects)
    {
        var columns = objects.Select(entry => Flatten("", entry.Json).ToDictionary(row => row[0], row => row[1])).ToArray();
        return new DataTable(caption, ["name", .. objects.Select(entry => entry.Name)],
            [.. columns.SelectMany(column => column.Keys).Distinct().Select(ImmutableArray<string> (name) => [name, .. columns.Select(column => column.GetValueOrDefault(name, NumberText.None))])])
        { ShowsCaption = false };
    }

    private static IEnumerable<ImmutableArray<string>> Flatten(string prefix, JsonObject json)
    {
        foreach (var (name, value) in json)
        {
            if (value is JsonObject inner)
            {
                foreach (var row in Flatten($"{prefix}{name}.", inner))
                {
                    yield return row;
                }
            }
            else if (value is not (null or JsonArray { Count: 0 }))
            {
                yield return [prefix + name, Text(value)];
            }
        }
    }

    private static string Text(JsonNode value) => value switch
    {
        JsonArray list => string.Join(", ", list.Select(item => item is null ? NumberText.None : Text(item))),
        JsonValue when value.GetValueKind() == JsonValueKind.True => "yes",
        JsonValue when value.GetValueKind() == JsonValueKind.False => "no",
        JsonValue single when single.TryGetValue<long>(out var whole) => NumberText.Count(whole),
        JsonValue when value.GetValueKind() == JsonValueKind.Number => value.ToJsonString(),
        _ => value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString(),
    };
}
