using System.Collections.Immutable;
using Prefer.Data;

namespace Prefer.Cli;

/// <summary>Reads what <c>--data</c> names, and tells of the rows that were left out.</summary>
internal static class ComparisonFiles
{
    /// <summary>All comparisons of the files.</summary>
    /// <exception cref="DataException">A file or row cannot be read.</exception>
    public static (ImmutableArray<Comparison> Comparisons, ReadReport Report) Load(IEnumerable<string> data, OnBadRow onBadRow, string? columns, Terminal terminal)
    {
        var source = DataSource.Open(data, onBadRow, columns: ColumnMap.Parse(columns));
        ImmutableArray<Comparison> comparisons = [.. source.Comparisons()];
        BadRows.Tell(source.Report.BadRows, source.Report.RowCount, terminal);
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
