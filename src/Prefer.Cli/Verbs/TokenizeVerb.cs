using System.ComponentModel;
using Prefer.Data;
using Prefer.Text;

namespace Prefer.Cli.Verbs;

/// <summary>What <c>prefer tokenize</c> is asked for.</summary>
internal sealed record TokenizeOptions
{
    [Description("Rows with a text: files, globs, or - for standard input.")]
    public required IReadOnlyList<string> Data { get; init; }

    [Description("Folder with a tokenizer.json, or the file itself.")]
    public required string Model { get; init; }

    [Description("Leave out the special tokens that the tokenizer puts around a text.")]
    public bool Special { get; init; } = true;

    [Description("Other names of columns, ours first: prompt=question,chosen=better. Dots lead into nested ones.")]
    public string? Columns { get; init; }

    [Description("What to do with a row that cannot be read.")]
    public OnBadRow OnBadRow { get; init; } = OnBadRow.Stop;
}

/// <summary><c>prefer tokenize</c>: the ids of texts, one line out for each row in.</summary>
internal static class TokenizeVerb
{
    public static Verb Verb { get; } = Verb.Of<TokenizeOptions>("tokenize", "Show the token ids of texts.", Run, nameof(TokenizeOptions.Data));

    private static int Run(TokenizeOptions options, Terminal terminal)
    {
        var path = Directory.Exists(options.Model) ? Path.Combine(options.Model, "tokenizer.json") : options.Model;
        var tokenizer = Tokenizer.Load(path);
        var source = DataSource.Open(options.Data, options.OnBadRow, columns: ColumnMap.Parse(options.Columns));
        foreach (var row in source.Candidates())
        {
            if (row is not { Prompt.IsEmpty: true, Response.Turns: [{ Role: "text" } turn] })
            {
                throw new DataException($"{row.Origin}: found a row for scoring, expected {{\"text\": …}}; tokenize takes plain texts");
            }

            var ids = tokenizer.Encode(turn.Content, options.Special);
            if (terminal.IsJson)
            {
                var line = row.PassedThrough();
                line["ids"] = new System.Text.Json.Nodes.JsonArray([.. ids.Select(id => System.Text.Json.Nodes.JsonValue.Create(id))]);
                terminal.Json(line);
            }
            else
            {
                terminal.Result(string.Join(' ', ids.Select(id => $"{id}:{tokenizer.IdToToken(id)}")));
            }
        }

        BadRows.Tell(source.Report.BadRows, source.Report.RowCount, terminal);
        return 0;
    }
}
