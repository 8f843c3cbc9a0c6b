using System.Text.Json.Nodes;

namespace Prefer.Models.Files;

/// <summary>From the config spelling of transformers 5 to that of 4, which both read. What 4 has no words for stays as it is.</summary>
internal static class OlderSpelling
{
    /// <summary><c>rope_parameters</c> → a base and <c>rope_scaling</c> (null for plain rotary positions).</summary>
    /// <param name="json">Changed in place; left alone where the spelling is the older one already.</param>
    /// <param name="thetaKey">The family's name of the base.</param>
    /// <param name="partKey">The family's name of the turned part of a head, or null.</param>
    /// <param name="writesNull">Whether the family writes <c>rope_scaling</c> where there is none.</param>
    internal static void Rope(JsonObject json, string thetaKey = "rope_theta", string? partKey = null, bool writesNull = true)
    {
        if (json["rope_parameters"] is not JsonObject rope || rope.Any(pair => pair.Value is JsonObject))
        {
            return;
        }
        json.Remove("rope_parameters");
        if (json["rope_scaling"] is JsonObject { Count: > 0 })
        {
            // Hugging Face reads rope_scaling before rope_parameters.
            return;
        }
        json[thetaKey] = rope["rope_theta"]?.DeepClone() ?? json[thetaKey]?.DeepClone() ?? 10000.0;
        if (partKey is not null && rope["partial_rotary_factor"] is { } part)
        {
            json[partKey] = part.DeepClone();
        }
        var scaling = Scaling(rope);
        json.Remove("rope_scaling");
        if (scaling is not null || writesNull)
        {
            json["rope_scaling"] = scaling;
        }
    }

    /// <summary>The scaling of one set of rotary parameters without its base and part, or null where it is plain.</summary>
    internal static JsonObject? Scaling(JsonObject rope)
    {
        if ((rope["rope_type"] ?? rope["type"])?.ToString() is null or "default")
        {
            return null;
        }
        var scaling = rope.DeepClone().AsObject();
        scaling.Remove("rope_theta");
        scaling.Remove("partial_rotary_factor");
        return scaling;
    }

    /// <summary>Drops <c>layer_types</c> where the family's older switches say the same.</summary>
    internal static void LayerTypes(JsonObject json, IEnumerable<string> usual)
    {
        if (json["layer_types"] is JsonArray types && types.Select(type => type?.ToString()).SequenceEqual(usual))
        {
            json.Remove("layer_types");
        }
    }
}
