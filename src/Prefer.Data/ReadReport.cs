using System.Collections.Immutable;

namespace Prefer.Data;

/// <summary>What to do with a row that cannot be read.</summary>
public enum OnBadRow
{
    /// <summary>Stop with a <see cref="DataException"/> that points at the row.</summary>
    Stop,

    /// <summary>Leave the row out and list it in the <see cref="ReadReport"/>.</summary>
    Skip,
}

/// <summary>A row that was left out.</summary>
/// <param name="Origin">Where it is.</param>
/// <param name="Reason">What was found, what was expected and what to do.</param>
public sealed record BadRow(RowOrigin Origin, string Reason)
{
    /// <summary>The line to print: <c>file:line: reason</c>.</summary>
    public override string ToString() => $"{Origin}: {Reason}";
}

/// <summary>What a reading has met so far.</summary>
/// <param name="RowCount">Rows seen, bad ones included. A ranking is one row, whatever the number of its pairs.</param>
/// <param name="BadRows">The rows left out, in order; always empty under <see cref="OnBadRow.Stop"/>.</param>
public sealed record ReadReport(long RowCount, ImmutableArray<BadRow> BadRows);
