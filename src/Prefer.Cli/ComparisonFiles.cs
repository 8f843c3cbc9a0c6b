using System.Collections.Immutable;
using Prefer.Data;

namespace Prefer.Cli;

/// <summary>Reads what <c>--data</c> names, and tells of the rows that were left out.</summary>
internal static class ComparisonFiles
{
    private const int ShownBadRowCount = 5;

    /// <summary>All comparisons of the files.</summary>
    /// <exception cref="DataException">A file or row cannot be read.</exception>
    public static (ImmutableArray<Comparison> Comparisons, ReadReport Report) Load(IEnumerable<string> data, OnBadRow onBadRow, Terminal terminal)
    {
        var source = DataSource.Open(data, onBadRow);
        ImmutableArray<Comparison> comparisons = [.. source.Comparisons()];
        var badRows = source.Report.BadRows;
        foreach (var row in badRows.Take(ShownBadRowCount))
        {
            terminal.Warn($"left out {row}");
        }

        if (badRows.Length > ShownBadRowCount)
        {
            terminal.Warn($"and {badRows.Length - ShownBadRowCount} more of {source.Report.RowCount} rows were left out");
        }

        return (comparisons, source.Report);
    }

    /// <summary>Refuses to write over a file, unless told to.</summary>
    /// <exception cref="UsageException">There is one.</exception>
    public static void RefuseExisting(string path, bool overwrite)
    {
        if (!overwrite && Path.Exists(path))
        {
            throw new UsageException($"{path} exists; choose another name, or write over it with --overwrite.");
        }
    }
}
