using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using Prefer.Data;

namespace Prefer.Cli.Verbs;

/// <summary>What <c>prefer data inspect</c> is asked for.</summary>
internal sealed record DataInspectOptions
{
    [Description("Files of comparisons (JSON Lines or JSON, plain or gzip), globs, or - for standard input.")]
    public required IReadOnlyList<string> Data { get; init; }

    [Description("Other names of columns, ours first: prompt=question,chosen=better. Dots lead into nested ones.")]
    public string? Columns { get; init; }

    [Description("Rows to look at in each file.")]
    [Range(1, int.MaxValue)]
    public int Rows { get; init; } = 3;
}

/// <summary><c>prefer data inspect</c>: how files are written, and their first rows as Prefer reads them.</summary>
internal static class DataInspectVerb
{
    public static Verb Verb { get; } = Verb.Of<DataInspectOptions>("inspect", "Show how files are written and what their first rows are read as.", Run, nameof(DataInspectOptions.Data));

    private static int Run(DataInspectOptions options, Terminal terminal)
    {
        foreach (var file in DataInspection.Of(DataSource.Open(options.Data, columns: ColumnMap.Parse(options.Columns)), options.Rows))
        {
            if (terminal.IsJson)
            {
                terminal.Json(new
                {
                    file.File,
                    Format = file.IsArray ? "json" : "jsonl",
                    file.IsGzip,
                    file.Layouts,
                    file.Fields,
                    First = file.First.Select(comparison => JsonNode.Parse(ComparisonWriter.ToJson(comparison))),
                });
                continue;
            }

            terminal.Table(null, ["", file.File],
            [
                ["format", (file.IsArray ? "a JSON array" : "JSON Lines") + (file.IsGzip ? ", gzip" : "")],
                ["layout", string.Join("; ", file.Layouts.Select(layout => layout.Describe()))],
                ["fields", string.Join(", ", file.Fields)],
            ]);
            foreach (var comparison in file.First)
            {
                terminal.Result($"{comparison.Origin}\n{DataInspection.Render(comparison)}");
            }
        }

        return 0;
    }
}
