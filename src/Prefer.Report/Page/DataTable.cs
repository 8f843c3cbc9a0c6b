using System.Collections.Immutable;

namespace Prefer.Report.Page;

/// <summary>A table whose first column names the row. The other columns are aligned to the right where all they hold is numbers.</summary>
/// <param name="Caption">What the table is, read out before it.</param>
/// <param name="Columns">Headings.</param>
/// <param name="Rows">Cells as text, as many a row as there are columns.</param>
internal sealed record DataTable(string Caption, ImmutableArray<string> Columns, ImmutableArray<ImmutableArray<string>> Rows)
{
    /// <summary>False where the caption only repeats a heading right above the table: it is then for screen readers.</summary>
    public bool ShowsCaption { get; init; } = true;

    /// <summary>In a box of its own that scrolls sideways where the window is narrow; the keyboard can reach it for that.</summary>
    public Markup ToMarkup()
    {
        var isNumeric = Columns.Select((_, column) => Rows.Length > 0 && Rows.All(row => LooksNumeric(row[column]))).ToArray();
        return Markup.Of($"""
            <div class="table" role="group" tabindex="0" aria-label="{Caption}"><table>
            <caption{Markup.Trusted(ShowsCaption ? "" : " class=\"unseen\"")}>{Caption}</caption>
            <thead><tr>{Columns.Select((name, column) => Markup.Of($"""<th scope="col"{Class(column)}>{name}</th>"""))}</tr></thead>
            <tbody>
            {Rows.Select(row => Markup.Of($"""<tr><th scope="row"{Class(0)}>{row[0]}</th>{row.Skip(1).Select((cell, index) => Markup.Of($"<td{Class(index + 1)}>{cell}</td>"))}</tr>{"\n"}"""))}</tbody>
            </table></div>

            """);

        Markup Class(int column) => Markup.Trusted(isNumeric[column] ? " class=\"number\"" : "");
    }

    private static bool LooksNumeric(string cell) => cell.Length == 0 || cell == NumberText.None
        || (cell.Any(char.IsAsciiDigit) && cell.Replace(" to ", "", StringComparison.Ordinal).All(character => char.IsAsciiDigit(character) || " .,+-−e%".Contains(character)));
}
