using System.Text.Json.Nodes;
using Prefer.Statistics;

namespace Prefer.Report.Evaluation;

/// <summary>Values with their intervals, one a row, as web/charts/whiskers.js reads them.</summary>
internal static class Whiskers
{
    /// <param name="unit">Below the axis.</param>
    /// <param name="level">Where an upright rule stands, or null.</param>
    /// <param name="rows">From top to bottom.</param>
    public static JsonObject Data(string unit, double? level, IEnumerable<(string Name, double? Value, Interval? Interval)> rows)
    {
        var data = new JsonObject
        {
            ["kind"] = "whiskers", ["x"] = unit,
            ["rows"] = new JsonArray([.. rows.Select(row => new JsonObject { ["name"] = row.Name, ["value"] = row.Value, ["low"] = row.Interval?.Low, ["high"] = row.Interval?.High })]),
        };
        if (level is { } value)
        {
            data["level"] = value;
        }
        return data;
    }
}
