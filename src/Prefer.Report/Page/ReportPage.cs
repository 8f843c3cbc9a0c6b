using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Prefer.Report.Page;

/// <summary>A number in large type at the head of a report.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">The number.</param>
/// <param name="Remark">Its interval, or what to hold it against.</param>
internal sealed record KeyFigure(string Name, string Value, string Remark = "");

/// <summary>
/// A report as one HTML file that opens without a network: style, script and numbers are in it, and its content security policy lets nothing in and no other
/// script run. It says everything without the script too.
/// </summary>
internal sealed record ReportPage
{
    private static readonly string Style = Resource("report.css");
    private static readonly string Script = "\n" + Resource("report.js");
    private static readonly string ScriptHash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Script)));

    /// <summary>The heading and the window's title.</summary>
    public required string Title { get; init; }

    /// <summary>A line below it.</summary>
    public required string Subtitle { get; init; }

    public ImmutableArray<KeyFigure> KeyFigures { get; init; } = [];

    public required ImmutableArray<ReportSection> Sections { get; init; }

    /// <summary>The whole file.</summary>
    public string ToHtml() => Markup.Of($"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{Markup.Trusted(ScriptHash)}'; img-src data:; base-uri 'none'; form-action 'none'">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="generator" content="Prefer {ProductVersion.Text}">
        <title>{Title}</title>
        <style>
        {Markup.Trusted(Style)}</style>
        </head>
        <body>
        <a class="skip" href="#content">Skip to the report</a>
        <header>
        <h1>{Title}</h1>
        <p class="subtitle">{Subtitle}</p>
        {KeyFigureList()}</header>
        <nav aria-label="Contents"><ol>
        {Sections.Select(section => Markup.Of($"<li><a href=\"#{section.Id}\">{section.Title}</a></li>\n"))}</ol></nav>
        <main id="content" tabindex="-1">
        {Sections.Select(section => Markup.Of($"""
            <section id="{section.Id}" aria-labelledby="{section.Id}-title">
            <h2 id="{section.Id}-title">{section.Title}</h2>
            {section.Body}</section>

            """))}</main>
        <footer><p>Made by Prefer {ProductVersion.Text}. docs/metrics.md of Prefer defines every number.</p></footer>
        <script type="application/json" id="charts">{Markup.Trusted(ChartData())}</script>
        <script>{Markup.Trusted(Script)}</script>
        </body>
        </html>

        """).ToString();

    // The default encoder writes '<' as \u003C, so that no text can end the element.
    private string ChartData() => new JsonObject(Sections.SelectMany(section => section.Charts).Select(chart => KeyValuePair.Create(chart.Id, (JsonNode?)chart.Data))).ToJsonString();

    private Markup KeyFigureList() => KeyFigures.IsEmpty ? Markup.Empty : Markup.Of($"""
        <dl class="key-figures">
        {KeyFigures.Select(figure => Markup.Of($"""<div><dt>{figure.Name}</dt><dd><span class="value">{figure.Value}</span> <span class="aside">{figure.Remark}</span></dd></div>{"\n"}"""))}</dl>

        """);

    private static string Resource(string name)
    {
        using var reader = new StreamReader(typeof(ReportPage).Assembly.GetManifestResourceStream(name)!, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
