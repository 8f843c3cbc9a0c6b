using Prefer.Data;

namespace Prefer.Cli;

/// <summary>Shows the rows that <c>--on-bad-row skip</c> left out.</summary>
internal static class BadRows
{
    private const int ShownCount = 10;

    /// <summary>The first of them, and how many there were.</summary>
    public static void Show(IReadOnlyCollection<BadRow> rows, Terminal terminal)
    {
        foreach (var row in rows.Take(ShownCount))
        {
            terminal.Warn(row.ToString());
        }

        if (rows.Count > 0)
        {
            terminal.Warn($"left out {rows.Count} bad row{(rows.Count == 1 ? "" : "s")}{(rows.Count > ShownCount ? $", of which the first {ShownCount} are shown" : "")}.");
        }
    }
}
