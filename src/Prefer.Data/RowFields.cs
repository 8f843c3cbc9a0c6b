using System.Collections.Immutable;
using System.Text.Json;

namespace Prefer.Data;

/// <summary>A row as it stands. What it is asked for and does not have is a <see cref="DataException"/> that names file, line and field.</summary>
/// <param name="Origin">Where it was read.</param>
/// <param name="Fields">A JSON object without duplicate fields.</param>
public sealed record RowFields(RowOrigin Origin, JsonElement Fields)
{
    /// <summary>The field's value, or null when it is absent or null.</summary>
    public JsonElement? Find(string name) => Fields.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>The field's value.</summary>
    /// <param name="expected">What should be there, for the message.</param>
    public JsonElement Require(string name, string expected) => Find(name)
        ?? throw Wrong($"no '{name}' among {string.Join(", ", Fields.EnumerateObject().Select(field => field.Name))}", $"{expected} there", "give files of that layout");

    /// <summary>A field of text.</summary>
    public string Text(string name) => Text(name, Require(name, "a string"));

    /// <summary>A field of several texts, at least one.</summary>
    public ImmutableArray<string> Texts(string name)
    {
        const string expected = "a list of one string or more";
        var list = Require(name, expected);
        return list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > 0
            ? [.. list.EnumerateArray().Select((value, index) => Text($"{name}[{index}]", value))]
            : throw WrongField(name, list, expected);
    }

    /// <summary>A field of a whole number, both ends allowed.</summary>
    public int Whole(string name, int least, int most)
    {
        var expected = $"a whole number from {least} to {most}";
        var value = Require(name, expected);
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= least && number <= most ? number : throw WrongField(name, value, expected);
    }

    /// <summary>The complaint about a row.</summary>
    public DataException Wrong(string found, string expected, string remedy) => new($"{Origin}: found {found}; expected {expected}; {remedy}");

    /// <summary>The complaint about a value.</summary>
    public DataException WrongField(string name, JsonElement value, string expected) => Wrong($"{Row.Kind(value)} in '{name}'", expected, "correct the field");

    private string Text(string name, JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : throw WrongField(name, value, "a string");
}
