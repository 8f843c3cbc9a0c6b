using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Prefer.Data;
using Prefer.Evaluation;
using Prefer.Statistics;

namespace Prefer.Cli.Verbs;

/// <summary>What <c>prefer data agreement</c> is asked for.</summary>
internal sealed record DataAgreementOptions
{
    [Description("Files of comparisons with votes, globs, or - for standard input.")]
    public required IReadOnlyList<string> Data { get; init; }

    [Description("Other names of columns, ours first: model_a=left,model_b=right. Dots lead into nested ones.")]
    public string? Columns { get; init; }

    [Description("What to do with a row that cannot be read.")]
    public OnBadRow OnBadRow { get; init; } = OnBadRow.Stop;

    [Description("Penalty on squared strengths of systems; needed where votes between systems leave a strength infinite.")]
    [Range(0, double.MaxValue)]
    public double StrengthPenalty { get; init; }

    [Description("Seed of the intervals.")]
    public int Seed { get; init; } = 42;
}

/// <summary><c>prefer data agreement</c>: how far annotators agree, and which systems their votes prefer.</summary>
internal static class DataAgreementVerb
{
    private const int MostAnnotators = 30;

    public static Verb Verb { get; } = Verb.Of<DataAgreementOptions>(
        "agreement", "Say how far annotators agree, and how strong the systems are that they compared.", Run, nameof(DataAgreementOptions.Data));

    private static int Run(DataAgreementOptions options, Terminal terminal)
    {
        var (comparisons, report) = ComparisonFiles.Load(options.Data, options.OnBadRow, options.Columns, terminal);
        var metrics = VoteMetrics.Of(comparisons, options.StrengthPenalty, options.Seed);
        if (terminal.IsJson)
        {
            terminal.Json(new { report.RowCount, BadRowCount = report.BadRows.Length, Metrics = metrics });
        }
        else
        {
            Show(metrics, terminal);
        }

        if (metrics.Systems is { Penalty: 0, Groups.Count: > 1 } systems)
        {
            terminal.Warn("no strengths of systems: all votes between these groups are for one side, or there are none: "
                + $"{string.Join(" | ", systems.Groups.Select(group => string.Join(", ", group)))}; leave systems out, or give --strength-penalty 0.1.");
        }

        return 0;
    }

    private static void Show(VoteMetrics metrics, Terminal terminal)
    {
        terminal.Table(null, ["comparisons", Count(metrics.Comparisons)],
        [
            ["with votes", Count(metrics.Voted)],
            ["with two or more", Count(metrics.Agreement.Items)],
            ["votes", Count(metrics.Votes)],
            ["votes for a tie", Count(metrics.TieVotes)],
            ["missing votes", Count(metrics.MissingVotes)],
        ]);
        var agreement = metrics.Agreement;
        (string Name, double? Value, Interval? Ends)[] coefficients =
        [
            ("equal votes", agreement.Raw, agreement.RawCi95),
            ("Fleiss's kappa", agreement.FleissKappa, agreement.FleissKappaCi95),
            ("Krippendorff's alpha, nominal", agreement.AlphaNominal, agreement.AlphaNominalCi95),
            ("Krippendorff's alpha, ordinal", agreement.AlphaOrdinal, agreement.AlphaOrdinalCi95), // of votes the same as interval
            .. metrics.CohenKappa is { } two ? [("Cohen's kappa", two.Kappa, two.KappaCi95)] : Array.Empty<(string, double?, Interval?)>(),
        ];
        terminal.Table("agreement", ["", "value", "95 %"], [.. coefficients.Select(row => (string[])[row.Name, Number(row.Value), Ends(row.Ends)])]);

        var most = metrics.Annotators.OrderByDescending(row => row.Votes).Take(MostAnnotators).ToArray();
        terminal.Table("annotators", ["", "votes", "agrees with others", "reliability"],
            [.. most.Select(row => (string[])[row.Annotator, Count(row.Votes), Number(row.Agreement), Number(row.Reliability)])]);
        if (metrics.Annotators.Count > most.Length)
        {
            terminal.Note($"and {metrics.Annotators.Count - most.Length} annotators with fewer votes (--json lists all)");
        }

        if (metrics.Systems is { } systems)
        {
            terminal.Table("systems", ["", "votes", "win rate", "strength", "95 %", "rating", "95 %"],
            [
                .. systems.Table.Select(row => (string[])
                [
                    row.System, Count(row.Votes), Number(row.WinRate), Number(row.Strength), Ends(row.StrengthCi95), Points(row.Rating),
                    row.RatingCi95 is { } ends ? $"{Points(ends.Low)} – {Points(ends.High)}" : "",
                ]),
            ]);
        }
    }

    private static string Count(long count) => count.ToString(CultureInfo.InvariantCulture);

    private static string Number(double? value) => value?.ToString("0.000", CultureInfo.InvariantCulture) ?? "";

    private static string Points(double? value) => value?.ToString("0", CultureInfo.InvariantCulture) ?? "";

    private static string Ends(Interval? interval) => interval is { } ends ? $"{Number(ends.Low)} – {Number(ends.High)}" : "";
}
