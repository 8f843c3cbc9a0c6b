using System.ComponentModel;
using System.Globalization;
using Prefer.Data;
using Prefer.Evaluation;
using Prefer.Models;
using Prefer.Statistics;

namespace Prefer.Cli.Verbs;

/// <summary>What <c>prefer calibrate</c> is asked for.</summary>
internal sealed record CalibrateOptions : RewardOptions
{
    [Description("The model folder; its prefer.json takes what is found.")]
    public required string Model { get; init; }

    [Description("Files of comparisons or rankings that the model was not trained on; globs; '-' for standard input.")]
    public required IReadOnlyList<string> Data { get; init; }

    [Description("Other names of columns, ours first: prompt=question,chosen=better. Dots lead into nested ones.")]
    public string? Columns { get; init; }

    [Description("What to do with a row that cannot be read: stop, or skip it and say so.")]
    public OnBadRow OnBadRow { get; init; }
}

/// <summary><c>prefer calibrate</c>: gives rewards, whose zero and unit are the model's own, a meaning that <c>score</c> and others can ask for.</summary>
internal static class CalibrateVerb
{
    public static Verb Verb { get; } = Verb.Of<CalibrateOptions>("calibrate", "Measure what a model's rewards mean on reference responses, and keep it in the model folder.", Run);

    private static int Run(CalibrateOptions options, Terminal terminal)
    {
        var source = DataSource.Open(options.Data, options.OnBadRow, columns: ColumnMap.Parse(options.Columns));
        using var model = Engine.Load(options.Model, options, terminal);
        model.RequireOwnRewards();

        long? count = source.Files.Contains("-") ? null : source.Comparisons().LongCount();
        List<BadRow>? skipped = options.OnBadRow == OnBadRow.Skip ? [] : null;
        ReferenceCalibration result;
        using (var progress = terminal.Progress("calibrating", count))
        {
            result = ReferenceCalibration.Run(source.Rankings(), new ModelScorer(model), skipped, done => progress.Report(done));
        }

        skipped?.InsertRange(0, source.Report.BadRows);
        BadRows.Tell(skipped ?? [], source.Report.RowCount, terminal);
        result = result with { BadRows = skipped?.Count ?? 0 };
        model.SaveCalibration(result.Calibration);
        if (terminal.IsJson)
        {
            terminal.Json(result);
            return 0;
        }

        terminal.Table(null, ["", "value"],
        [
            ["distinct responses", $"{result.Responses}"], ["mean reward", Number(result.Mean)], ["deviation", Number(result.Deviation)],
            .. result.Quantiles.Select(quantile => (IReadOnlyList<string>)[string.Create(CultureInfo.InvariantCulture, $"quantile {quantile.Level:0.##}"), Number(quantile.Value)]),
            ["pairs", $"{result.Pairs}"], ["temperature", result.Temperature is { } value ? Number(value) : ""],
        ]);
        if (Reason(result.TemperatureMinimum) is { } reason)
        {
            terminal.Warn(reason);
        }

        terminal.Note($"{Path.Combine(options.Model, ModelRecord.FileName)} has it.");
        return 0;
    }

    /// <summary>Why there is no temperature; null where there is one.</summary>
    private static string? Reason(TemperatureMinimum minimum) => minimum switch
    {
        TemperatureMinimum.Finite => null,
        TemperatureMinimum.Zero => "no temperature: the model is right about every pair, so that the smaller it were the better. More or harder comparisons would give one.",
        TemperatureMinimum.Infinity => "no temperature: the model is no better than chance on these comparisons.",
        _ => "no temperature: both responses of every pair have the same reward.",
    };

    private static string Number(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);
}
