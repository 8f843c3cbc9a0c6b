using System.Text.Json.Nodes;
using Prefer.Statistics;

namespace Prefer.Report.Evaluation;

/// <summary>Values with their intervals, one a row, as web/charts/whiskers.js reads them.</summary>
internal static class Whiskers
{
    /// <param name="unit">Below the axis.</param>
    /// <param name="level">Where an upright rule stands, or null.</param>
    /// <param name="rows">From top to bottom.</param>
    /// <param name="lowest">The least that a value can be. An interval that reaches past it, as one of few prompts may, is drawn up to it.</param>
    public static JsonObject Data(string unit, double? level, IEnumerable<(string Name, double? Value, Interval? Interval)> rows, double lowest = -1)
    {
        var data = new JsonObject
        {
            ["kind"] = "whiskers", ["x"] = unit, ["bounds"] = new JsonArray(lowest, 1),
            ["rows"] = new JsonArray([.. rows.Select(row => new JsonObject { ["name"] = row.Name, ["value"] = row.Value, ["low"] = row.Interval?.Low, ["high"] = row.Interval?.High })]),
        };
        if (level is { } value)
        {
            data["level"] = value;
        }
        return data;
    }
}
