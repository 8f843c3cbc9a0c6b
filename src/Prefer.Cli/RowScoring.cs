using System.Collections.Immutable;
using System.ComponentModel;
using System.Text.Json.Nodes;
using Prefer.Data;
using Prefer.Evaluation;
using Prefer.Models;

namespace Prefer.Cli;

/// <summary>The options of a verb that scores rows and gives a line for each.</summary>
internal abstract record RowScoringOptions : RewardOptions
{
    [Description("The model folder.")]
    public required string Model { get; init; }

    public abstract required IReadOnlyList<string> Data { get; init; }

    [Description("Other names of columns, ours first: prompt=question,chosen=better. Dots lead into nested ones.")]
    public string? Columns { get; init; }

    [Description("What to do with a row that cannot be read: stop, or skip it and say so.")]
    public OnBadRow OnBadRow { get; init; }

    [Description("What is given out for a reward: raw, normalized to deviations above the mean of reference responses, or the probability of being preferred to an average one. The last two need prefer calibrate.")]
    public RewardForm Reward { get; init; }

    [Description("A file for the lines, as JSON, in place of standard output: it appears when it is complete, and shows its progress until then.")]
    public string? Output { get; init; }

    [Description("Go on with the --output of a run that did not end.")]
    public bool Resume { get; init; }

    [Description("Replace the --output that is there, of a run that ended or did not.")]
    public bool Overwrite { get; init; }
}

/// <summary>What a verb does with its rows.</summary>
/// <param name="Name">The verb's name.</param>
/// <param name="Read">The rows of a source, one a row of the input, but for bad ones.</param>
/// <param name="Candidates">What is scored of a row.</param>
/// <param name="ToJson">The line of a row and its responses' rewards, which the scale turns into what is given out.</param>
/// <param name="ToText">The same for people.</param>
internal sealed record RowVerb<T>(
    string Name, Func<DataSource, IEnumerable<T>> Read, Func<T, IReadOnlyList<Candidate>> Candidates, Func<T, ImmutableArray<double>, RewardScale, JsonObject> ToJson, Func<T, ImmutableArray<double>, RewardScale, string> ToText);

/// <summary>What a verb prints with <c>--json</c> when the lines go to a file.</summary>
/// <param name="Output">The file.</param>
/// <param name="Rows">Rows of the input.</param>
/// <param name="Lines">Lines of the output.</param>
/// <param name="BadRows">Rows that were left out.</param>
/// <param name="Truncated">Of the lines, those of truncated rows.</param>
internal sealed record WrittenRows(string Output, long Rows, long Lines, long BadRows, long Truncated);

/// <summary>
/// The run of a verb that scores rows: one line a row, in the order of the rows, to standard output or to a file. Rows stream: the model reads some thousand
/// tokens ahead and no row is held longer. A run that writes a file can be interrupted and resumed, and leaves the same bytes.
/// </summary>
internal static class RowScoring
{
    /// <summary>How long a row from standard input waits for others to be scored with.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);

    /// <returns>The exit code.</returns>
    public static int Run<T>(RowVerb<T> verb, RowScoringOptions options, Terminal terminal)
    {
        var source = DataSource.Open(options.Data, options.OnBadRow, columns: ColumnMap.Parse(options.Columns));
        var isFinite = !source.Files.Contains("-");
        CheckCombination(options, isFinite);
        using var file = options.Output is { } path
            ? ResumableFile.Open(path, isFinite ? RunFingerprint.Of(verb.Name, options, source.Files) : null, options.Resume, options.Overwrite, TimeProvider.System)
            : null;
        using var interruption = file is null ? null : new Interruption();
        long? total = file is not null && isFinite ? source.CountRows() : null;
        using var model = Engine.Load(options.Model, options, terminal);
        var scale = RewardScale.Of(options.Reward, model);

        var position = file?.Position ?? new OutputPosition();
        List<BadRow>? skipped = options.OnBadRow == OnBadRow.Skip ? [.. position.LeftOut] : null;
        var rows = verb.Read(source).Select(row => (Row: row, Number: source.RowCount)).SkipWhile(row => row.Number <= position.Rows);
        var scorer = new ModelScorer(model, new ScoringOptions { Patience = isFinite ? null : Patience, Stop = interruption?.Token ?? default });
        var (lines, truncated, hasEnded) = (position.Lines, position.Truncated, false);
        try
        {
            using var progress = file is null ? null : terminal.Progress(verb.Name, total, position.Rows);
            foreach (var scored in scorer.Score(rows, row => verb.Candidates(row.Row), skipped))
            {
                lines++;
                truncated += scored.Responses.Any(response => response.Tokens is { RemovedCount: > 0 }) ? 1 : 0;
                Show(verb, scored.Row.Row, [.. scored.Responses.Select(response => response.Reward)], scale, file, terminal);
                if (scored.EndsWindow)
                {
                    file?.Mark(new OutputPosition { Rows = scored.Row.Number, Lines = lines, Truncated = truncated, LeftOut = [.. skipped ?? []] });
                }

                progress?.Report(scored.Row.Number);
            }

            progress?.Report(source.RowCount);
            hasEnded = true;
        }
        catch (OperationCanceledException) when (interruption is { Token.IsCancellationRequested: true })
        {
            return Interruption.ExitCode;
        }
        finally
        {
            if (!hasEnded && file is not null)
            {
                terminal.Note(file.Position.Lines == 0 ? "Stopped before the first rows were scored."
                    : $"Stopped: {file.Position.Lines} lines are in {file.PartialPath}.{(isFinite ? " Go on with the same command and --resume." : "")}");
            }
        }

        BadRow[] bad = [.. source.Report.BadRows, .. skipped ?? []];
        BadRows.Tell(bad, source.RowCount, terminal);
        if (lines == 0)
        {
            throw new DataException($"found no row that can be scored; repair the rows, beginning with {bad[0]}");
        }

        if (truncated > 0)
        {
            terminal.Warn($"truncated {truncated} of {lines} rows to {model.Encoder.Options.MaxLength} tokens.");
        }

        if (file is not null)
        {
            file.Complete();
            if (terminal.IsJson)
            {
                terminal.Json(new WrittenRows(options.Output!, source.RowCount, lines, bad.Length, truncated));
            }
            else
            {
                terminal.Note($"{lines} lines are in {options.Output}.");
            }
        }

        return 0;
    }

    private static void Show<T>(RowVerb<T> verb, T row, ImmutableArray<double> rewards, RewardScale scale, ResumableFile? file, Terminal terminal)
    {
        if (file is not null)
        {
            file.Write(Terminal.JsonLine(verb.ToJson(row, rewards, scale)));
        }
        else if (terminal.IsJson)
        {
            terminal.Json(verb.ToJson(row, rewards, scale));
        }
        else
        {
            terminal.Result(verb.ToText(row, rewards, scale));
        }
    }

    private static void CheckCombination(RowScoringOptions options, bool isFinite)
    {
        if (options.Output is null && (options.Resume || options.Overwrite))
        {
            throw new UsageException($"{(options.Resume ? "--resume" : "--overwrite")} was given without --output, the file that it is about.");
        }

        if (options.Resume && options.Overwrite)
        {
            throw new UsageException("--overwrite was given beside --resume; either go on or begin anew.");
        }

        if (options.Resume && !isFinite)
        {
            throw new UsageException("--resume: standard input can't be read again from its beginning. Write the rows to a file, and name it with --data.");
        }

        if (options.Output?.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) == true)
        {
            throw new UsageException($"--output {options.Output}: found a name of a gzip file, expected one of plain JSON Lines, which a stopped run can go on with. Compress it when it is complete.");
        }
    }
}
