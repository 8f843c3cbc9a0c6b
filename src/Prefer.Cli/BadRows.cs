using Prefer.Data;

namespace Prefer.Cli;

/// <summary>Tells of the rows that <c>--on-bad-row skip</c> left out.</summary>
internal static class BadRows
{
    private const int ShownCount = 100;

    /// <summary>The first of them, and how many more there were.</summary>
    public static void Tell(IReadOnlyCollection<BadRow> badRows, long rowCount, Terminal terminal)
    {
        foreach (var row in badRows.Take(ShownCount))
        {
            terminal.Warn($"left out {row}");
        }

        if (badRows.Count > ShownCount)
        {
            terminal.Warn($"and {badRows.Count - ShownCount} more of {rowCount} rows were left out");
        }
    }
}
