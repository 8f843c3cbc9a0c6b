using System.ComponentModel;
using System.Globalization;
using Prefer.Data;

namespace Prefer.Cli.Verbs;

/// <summary>What <c>prefer data stats</c> is asked for.</summary>
internal sealed record DataStatsOptions
{
    [Description("Files of comparisons, globs, or - for standard input.")]
    public required IReadOnlyList<string> Data { get; init; }

    [Description("Other names of columns, ours first: prompt=question,chosen=better. Dots lead into nested ones.")]
    public string? Columns { get; init; }

    [Description("What to do with a row that cannot be read.")]
    public OnBadRow OnBadRow { get; init; } = OnBadRow.Stop;
}

/// <summary><c>prefer data stats</c>: how much there is, how long it is, and what in it teaches nothing.</summary>
internal static class DataStatsVerb
{
    public static Verb Verb { get; } = Verb.Of<DataStatsOptions>("stats", "Count comparisons, prompts, ties, duplicates and lengths.", Run, nameof(DataStatsOptions.Data));

    private static int Run(DataStatsOptions options, Terminal terminal)
    {
        var (comparisons, report) = ComparisonFiles.Load(options.Data, options.OnBadRow, options.Columns, terminal);
        var statistics = DataStatistics.Of(comparisons);
        if (terminal.IsJson)
        {
            terminal.Json(new { report.RowCount, BadRowCount = report.BadRows.Length, Statistics = statistics });
            return 0;
        }

        terminal.Table(null, ["comparisons", Count(statistics.PairCount)],
        [
            ["distinct prompts", Count(statistics.PromptCount)],
            ["ties", Count(statistics.TieCount)],
            ["an empty side", Count(statistics.EmptySideCount)],
            ["identical sides", Count(statistics.IdenticalCount)],
            ["repeats of an earlier one", Count(statistics.DuplicateCount)],
            ["several turns in a response", Count(statistics.SeveralTurnsCount)],
            ["pre-tokenised", Count(statistics.TokenizedCount)],
            ["sum of weights", statistics.WeightSum.ToString("0.##", CultureInfo.InvariantCulture)],
            ["chosen is the longer", statistics.LongerChosenShare is { } share ? string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.0}%") : "–"],
            ["rows read", Count(report.RowCount)],
            ["rows left out", Count(report.BadRows.Length)],
        ]);
        (string, LengthSummary?)[] lengths =
        [
            ("prompt, characters", statistics.PromptLength),
            ("chosen, characters", statistics.ChosenLength),
            ("rejected, characters", statistics.RejectedLength),
            ("chosen, ids", statistics.ChosenIds),
            ("rejected, ids", statistics.RejectedIds),
        ];
        terminal.Table("Lengths", ["", "min", "median", "mean", "p95", "max"],
        [
            .. from row in lengths
               where row.Item2 is not null
               let length = row.Item2
               select (string[])[row.Item1, Count(length.Min), length.Median.ToString("0.#", CultureInfo.InvariantCulture), length.Mean.ToString("0.#", CultureInfo.InvariantCulture), Count(length.P95), Count(length.Max)],
        ]);
        Distribution(terminal, "Turns", "turns", statistics.Turns.Select(entry => (Count(entry.Key), entry.Value)));
        Distribution(terminal, "Subsets", "subset", statistics.Subsets.Select(entry => (entry.Key.Length == 0 ? "(none)" : entry.Key, entry.Value)));
        return 0;
    }

    private static void Distribution(Terminal terminal, string title, string column, IEnumerable<(string Name, int Count)> entries) =>
        terminal.Table(title, [column, "comparisons"], [.. entries.Select(entry => (string[])[entry.Name, Count(entry.Count)])]);

    private static string Count(long count) => count.ToString(CultureInfo.InvariantCulture);
}
