using System.Text.Json;
using System.Text.Json.Serialization;
using Prefer.Statistics;

namespace Prefer.Cli;

/// <summary>Writes an interval as <c>[low, high]</c>.</summary>
internal sealed class IntervalConverter : JsonConverter<Interval>
{
    public override void Write(Utf8JsonWriter writer, Interval value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, new[] { value.Low, value.High }, options);

    /// <summary>Results are written here and never read back.</summary>
    public override Interval Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();
}
