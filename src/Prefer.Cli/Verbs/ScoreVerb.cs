using System.ComponentModel;
using System.Globalization;
using Prefer.Data;
using Prefer.Evaluation;

namespace Prefer.Cli.Verbs;

/// <summary>What <c>prefer score</c> is asked for.</summary>
internal sealed record ScoreOptions : EngineOptions
{
    [Description("The model folder.")]
    public required string Model { get; init; }

    [Description("Files of rows with messages, prompt and response, text, or input_ids; globs; '-' for standard input.")]
    public required IReadOnlyList<string> Data { get; init; }

    [Description("Other names of columns, ours first: prompt=question,chosen=better. Dots lead into nested ones.")]
    public string? Columns { get; init; }

    [Description("What to do with a row that cannot be read: stop, or skip it and say so.")]
    public OnBadRow OnBadRow { get; init; }
}

/// <summary>
/// <c>prefer score</c>: one line a row, in the order of the rows. Rows stream: the model reads a few thousand tokens ahead and no row is held longer.
/// </summary>
internal static class ScoreVerb
{
    public static Verb Verb { get; } = Verb.Of<ScoreOptions>("score", "Reward responses: one line out for each row in.", Run);

    private static int Run(ScoreOptions options, Terminal terminal)
    {
        var source = DataSource.Open(options.Data, options.OnBadRow, columns: ColumnMap.Parse(options.Columns));
        using var model = Engine.Load(options.Model, options, terminal);
        List<BadRow>? skipped = options.OnBadRow == OnBadRow.Skip ? [] : null;
        long truncated = 0, scored = 0;
        foreach (var (candidate, responses) in new ModelScorer(model).Score(source.Candidates(), candidate => [candidate], skipped))
        {
            var response = responses[0];
            scored++;
            truncated += response.Tokens is { RemovedCount: > 0 } ? 1 : 0;
            if (terminal.IsJson)
            {
                var line = candidate.PassedThrough();
                line["reward"] = response.Reward;
                terminal.Json(line);
            }
            else
            {
                terminal.Result(string.Create(CultureInfo.InvariantCulture, $"{response.Reward:0.######}\t{candidate.Id ?? Preview.Of(Text(candidate.Response))}"));
            }
        }

        BadRow[] bad = [.. source.Report.BadRows, .. skipped ?? []];
        BadRows.Tell(bad, source.Report.RowCount, terminal);
        if (scored == 0)
        {
            throw new DataException($"found no row that can be scored; repair the rows, beginning with {bad[0]}");
        }

        if (truncated > 0)
        {
            terminal.Warn($"truncated {truncated} of {scored} rows to {model.Encoder.Options.MaxLength} tokens.");
        }

        return 0;
    }

    private static string Text(Response response) => response.IsTokenized ? string.Join(' ', response.InputIds) : response.Text;
}
