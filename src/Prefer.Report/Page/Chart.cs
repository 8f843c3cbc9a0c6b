using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Prefer.Report.Page;

/// <summary>A line of the legend: the colour's name in report.css, and whether the line is dashed, so that colour alone tells nothing.</summary>
internal sealed record LegendEntry(string Name, string Colour, bool IsDashed = false);

/// <summary>A chart that the page's script draws, with the same numbers in a table below it.</summary>
/// <param name="Id">Names it in the page.</param>
/// <param name="Title">What is drawn.</param>
/// <param name="Data">What the script reads; <c>kind</c> chooses the function in web/charts.</param>
/// <param name="Table">The numbers.</param>
internal sealed record Chart(string Id, string Title, JsonObject Data, DataTable Table)
{
    public ImmutableArray<LegendEntry> Legend { get; init; } = [];

    /// <summary>What is to be seen, in a sentence or two; also what a screen reader says in place of the picture.</summary>
    public string Remark { get; init; } = "";

    public Markup ToMarkup() => Markup.Of($"""
        <figure id="{Id}">
        <figcaption><strong>{Title}.</strong> {Remark}</figcaption>
        {LegendMarkup()}<div class="plot" data-chart="{Id}" role="img" aria-label="{Title}. {Remark} The numbers are in the table below."><p class="aside">This chart is drawn by a script, which does not run here.</p></div>
        <details><summary>Numbers of “{Title}”</summary>
        {Table.ToMarkup()}</details>
        </figure>

        """);

    private Markup LegendMarkup() => Legend.IsEmpty ? Markup.Empty : Markup.Of($"""
        <ul class="legend">{Legend.Select(entry => Markup.Of($"""
            <li><svg width="28" height="10" aria-hidden="true"><line x1="0" y1="5" x2="28" y2="5" stroke="var(--{entry.Colour})" stroke-width="2.5"{Markup.Trusted(entry.IsDashed ? " stroke-dasharray=\"6,3\"" : "")}/></svg>{entry.Name}</li>
            """))}</ul>

        """);
}
