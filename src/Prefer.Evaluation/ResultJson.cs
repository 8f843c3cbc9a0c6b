using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Prefer.Statistics;

namespace Prefer.Evaluation;

/// <summary>How results are written as JSON and read back: properties in snake_case, enums in kebab-case, intervals as [low, high], NaN as a string.</summary>
public static class ResultJson
{
    /// <summary>On one line.</summary>
    public static JsonSerializerOptions Options { get; } = Make(isIndented: false);

    /// <summary>The same for a file that people look into.</summary>
    public static JsonSerializerOptions Indented { get; } = Make(isIndented: true);

    private static JsonSerializerOptions Make(bool isIndented)
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            WriteIndented = isIndented,
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower), new IntervalConverter() },
        };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    private sealed class IntervalConverter : JsonConverter<Interval>
    {
        public override void Write(Utf8JsonWriter writer, Interval value, JsonSerializerOptions options) => JsonSerializer.Serialize(writer, new[] { value.Low, value.High }, options);

        public override Interval Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            JsonSerializer.Deserialize<double[]>(ref reader, options) is [var low, var high] ? new Interval(low, high) : throw new JsonException("an interval is [low, high]");
    }
}
