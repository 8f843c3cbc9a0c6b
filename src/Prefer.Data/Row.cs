using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace Prefer.Data;

/// <summary>
/// One JSON object of a file. Every field that is taken is remembered, and <see cref="Rest"/> gives the others. A field that is null counts
/// as absent.
/// </summary>
internal sealed class Row : IDisposable
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private readonly JsonDocument document;
    private readonly ColumnMap columns;
    private readonly HashSet<string> taken = new(StringComparer.Ordinal);
    private JsonElement? mappedId;

    private Row(JsonDocument document, ColumnMap columns, RowOrigin origin)
    {
        this.document = document;
        this.columns = columns;
        Origin = origin;
    }

    /// <summary>Where the row begins.</summary>
    public RowOrigin Origin { get; }

    /// <summary>The names of all fields, as the row lists them.</summary>
    public IEnumerable<string> FieldNames => document.RootElement.EnumerateObject().Select(property => property.Name);

    /// <summary>Reads the bytes of one row, which must stay as they are while the row is used.</summary>
    public static Row Parse(ReadOnlyMemory<byte> bytes, ColumnMap columns, RowOrigin origin)
    {
        if (!Utf8.IsValid(bytes.Span))
        {
            int at = FirstInvalid(bytes.Span);
            throw new BadRowException($"bytes that are not UTF-8 (0x{bytes.Span[at]:X2} at byte {at + 1} of the row)", "UTF-8 text", "convert the file, for instance with 'iconv -f latin1 -t utf-8'");
        }

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(bytes, Strict);

            // Only an escape \uD800–\uDFFF can hide half a character, which .NET refuses to give as text: as a name when parsing, as a value when asked.
            if (bytes.Span.IndexOf("\\ud"u8) >= 0 || bytes.Span.IndexOf("\\uD"u8) >= 0)
            {
                DecodeTexts(document.RootElement);
            }
        }
        catch (JsonException error)
        {
            throw BrokenJson(bytes.Span, error);
        }
        catch (InvalidOperationException)
        {
            throw new BadRowException("half a character (a lone \\uD800–\\uDFFF escape)", "whole characters", "write the text again from its source");
        }

        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            string found = Kind(document.RootElement);
            document.Dispose();
            throw new BadRowException($"{found} as a row", "an object with named fields", "write each row as {\"prompt\": …, \"chosen\": …, \"rejected\": …}");
        }

        try
        {
            columns.Require(document.RootElement);
            return new Row(document, columns, origin);
        }
        catch (BadRowException)
        {
            document.Dispose();
            throw;
        }
    }

    /// <summary>All fields, as a copy that outlives the row.</summary>
    public RowFields Fields() => new(Origin, document.RootElement.Clone());

    /// <summary>Gives the memory of the row back; what was taken from it as an element is void then.</summary>
    public void Dispose() => document.Dispose();

    /// <summary>True when the field is there and not null.</summary>
    public bool Has(string name) => columns.TryGet(document.RootElement, name, out JsonElement value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>The field's value, or null when it is absent or null.</summary>
    public JsonElement? Take(string name)
    {
        taken.Add(name);
        return columns.TryGet(document.RootElement, name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    /// <summary>A field of text, or null.</summary>
    public string? TakeText(string name) => Take(name) is not JsonElement value
        ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString() : throw Wrong(name, value, "a string");

    /// <summary>A finite number in a range, or null.</summary>
    public double? TakeNumber(string name, double least, double most, string expected) =>
        Take(name) is JsonElement value ? Number(name, value, least, most, expected) : null;

    /// <summary>The number that a value is; refuses anything else.</summary>
    public static double FiniteNumber(string name, JsonElement value) => Number(name, value, double.NegativeInfinity, double.PositiveInfinity, "a finite number");

    /// <summary>A list of finite numbers, or null.</summary>
    public ImmutableArray<double>? TakeNumbers(string name)
    {
        if (Take(name) is not JsonElement list)
        {
            return null;
        }

        RequireList(name, list, "a list of numbers");
        return [.. list.EnumerateArray().Select((value, index) => FiniteNumber($"{name}[{index}]", value))];
    }

    /// <summary>A list of token ids (whole numbers from 0), or an empty array when the field is absent.</summary>
    public ImmutableArray<int> TakeIds(string name)
    {
        if (Take(name) is not JsonElement list)
        {
            return [];
        }

        RequireList(name, list, "a list of token ids");
        return [.. list.EnumerateArray().Select((value, index) => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int id) && id >= 0
            ? id
            : throw Wrong($"{name}[{index}]", value, "a token id, a whole number from 0"))];
    }

    /// <summary>
    /// The row's <c>id</c> as text, or null. An id that is a number stays in <see cref="Rest"/> too, so that it is written back as it stood.
    /// </summary>
    public string? TakeId()
    {
        switch (Take(RowId.Field))
        {
            case null:
                return null;
            case { ValueKind: JsonValueKind.String } text:
                return text.GetString();
            case { ValueKind: JsonValueKind.Number } number:
                taken.Remove(RowId.Field);
                mappedId = columns.Maps(RowId.Field) ? number : null;
                return number.GetRawText();
            case JsonElement other:
                throw Wrong(RowId.Field, other, "a string or a number");
        }
    }

    /// <summary>The fields that were not taken, as copies; null when there are none.</summary>
    public JsonObject? Rest()
    {
        JsonObject? rest = mappedId is JsonElement id ? new JsonObject { [RowId.Field] = Node(id) } : null;
        foreach (JsonProperty field in document.RootElement.EnumerateObject())
        {
            if (!taken.Contains(field.Name) && !columns.Covers(field.Name))
            {
                (rest ??= [])[field.Name] = Node(field.Value);
            }
        }

        return rest;
    }

    /// <summary>The complaint about a value of the wrong type.</summary>
    public static BadRowException Wrong(string name, JsonElement value, string expected) =>
        new($"{Kind(value)} in '{name}'", expected, "correct the field");

    /// <summary>What a value is, with the value itself where it is short.</summary>
    public static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "a string",
        JsonValueKind.Number => $"the number {value.GetRawText()}",
        JsonValueKind.Array => "a list",
        JsonValueKind.Object => "an object",
        JsonValueKind.Null => "null",
        _ => value.GetRawText(),
    };

    private static double Number(string name, JsonElement value, double least, double most, string expected) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number) && number >= least && number <= most
            ? number
            : throw Wrong(name, value, expected);

    private static void RequireList(string name, JsonElement value, string expected)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            throw Wrong(name, value, expected);
        }
    }

    private static JsonNode? Node(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.Object => JsonObject.Create(value.Clone()),
        JsonValueKind.Array => JsonArray.Create(value.Clone()),
        _ => JsonValue.Create(value.Clone()),
    };

    private static BadRowException BrokenJson(ReadOnlySpan<byte> bytes, JsonException error)
    {
        long line = error.LineNumber ?? 0;
        long column = error.BytePositionInLine ?? 0;
        ReadOnlySpan<byte> rest = bytes;
        for (long skipped = 0; skipped < line; skipped++)
        {
            rest = rest[(rest.IndexOf((byte)'\n') + 1)..];
        }

        rest = rest[(int)Math.Min(rest.Length, Math.Max(0, column - 1))..];
        foreach (string name in (ReadOnlySpan<string>)["NaN", "Infinity"])
        {
            if (System.Text.Encoding.UTF8.GetString(rest[..Math.Min(rest.Length, name.Length + 1)]).Contains(name, StringComparison.Ordinal))
            {
                return new BadRowException($"{name}, which is not JSON", "finite numbers", "write a number, or leave the field out") { IsBrokenJson = true, LineOffset = line };
            }
        }

        int end = error.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        string reason = (end < 0 ? error.Message : error.Message[..end]).TrimEnd('.', ' ');
        return new BadRowException($"broken JSON at byte {column + 1} of the line ({reason})", "one whole JSON object a row", "repair the row") { IsBrokenJson = true, LineOffset = line };
    }

    private static int FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        int at = 0;
        while (System.Text.Rune.DecodeFromUtf8(bytes[at..], out _, out int consumed) == System.Buffers.OperationStatus.Done)
        {
            at += consumed;
        }

        return at;
    }

    private static void DecodeTexts(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (JsonProperty property in value.EnumerateObject())
                {
                    DecodeTexts(property.Value);
                }

                break;
            case JsonValueKind.Array:
                foreach (JsonElement element in value.EnumerateArray())
                {
                    DecodeTexts(element);
                }

                break;
            case JsonValueKind.String:
                value.GetString();
                break;
        }
    }
}
