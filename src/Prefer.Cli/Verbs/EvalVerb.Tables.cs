using System.Globalization;
using Prefer.Evaluation;
using Prefer.Statistics;

namespace Prefer.Cli.Verbs;

// What a person sees of an evaluation.
internal static partial class EvalVerb
{
    private static void Show(string name, EvaluationResult result, int? maxLength, Terminal terminal)
    {
        List<(string Name, PairMetrics Metrics)> rows = [("all", result), .. result.Sections.Select(section => ($"{section.Key}/", section.Value)), .. result.Subsets.Select(subset => (subset.Key, subset.Value))];
        terminal.Table("accuracy", ["subset", "pairs", "accuracy", "95 %", "loss", "margin"], [.. rows.Select(row => Accuracy(row.Name, row.Metrics))]);
        terminal.Table("against length", ["subset", "longer wins", "gain on it", "95 %", "shorter chosen", "accuracy there"], [.. rows.Select(row => Length(row.Name, row.Metrics))]);

        (long Count, string What)[] remarks =
        [
            (result.Ties, "ties, in the loss only"),
            (result.Empty, "with an empty side, not scored"),
            (result.Identical, "with identical responses, not scored"),
            (result.EqualRewards, "with equal rewards"),
            (result.BecameIdenticalByTruncation, "made identical by truncation"),
        ];
        foreach (var (count, what) in remarks.Where(remark => remark.Count > 0))
        {
            terminal.Note($"pairs {what}: {count}");
        }

        if (result.Truncated > 0)
        {
            terminal.Note($"responses truncated to {maxLength} tokens: {result.Truncated}");
        }

        if (result.TieAwareAccuracy is { } tieAware)
        {
            terminal.Note(string.Create(CultureInfo.InvariantCulture, $"with ties counted: accuracy {tieAware:0.000}, a tie being a difference of at most {result.TieThreshold:0.####} (fitted to these pairs)"));
        }

        if (result.Ensemble is { } ensemble)
        {
            ShowEnsemble(ensemble, terminal);
        }

        var tokens = result.TokensPerSecond is { } rate ? string.Create(CultureInfo.InvariantCulture, $" and {rate:0} tokens") : "";
        terminal.Note(string.Create(CultureInfo.InvariantCulture, $"{result.PairsPerSecond:0.#} pairs{tokens} per second"));
        if (result.Baselines.Count > 0)
        {
            ShowBeside(name, result, terminal);
        }
    }

    private static void ShowEnsemble(EnsembleMetrics ensemble, Terminal terminal) => terminal.Table("members of the ensemble", ["pairs", "share", "accuracy", "95 %"],
    [
        .. ensemble.MemberAccuracies.Select((accuracy, index) => (string[])[$"all, by member {index + 1}", "", Share(accuracy), ""]),
        ["all members prefer the same", Share(ensemble.UnanimousShare), Share(ensemble.UnanimousAccuracy), Ends(ensemble.UnanimousAccuracyCi95)],
        ["they disagree", Share(1 - ensemble.UnanimousShare), Share(ensemble.SplitAccuracy), Ends(ensemble.SplitAccuracyCi95)],
    ]);

    private static void ShowBeside(string name, EvaluationResult result, Terminal terminal)
    {
        terminal.Table("beside baselines", ["scorer", "accuracy", "95 %", "pairs", $"{name} is better by", "95 % by prompt"],
        [
            [name, Share(result.Accuracy), Ends(result.AccuracyCi95), Count(result.AccuracyPairs), "", ""],
            ["chance", "0.500", "", "", Share(result.Accuracy - 0.5), Ends(OverChance(result))],
            .. result.Baselines.Select(other => (string[])
                [other.Key, Share(other.Value.Accuracy), Ends(other.Value.AccuracyCi95), Count(other.Value.AccuracyPairs), Share(other.Value.Difference), Ends(other.Value.DifferenceCi95)]),
        ]);
        var subject = name == "model" ? "The model" : $"'{name}'";
        terminal.Note(Verdict(subject, "chance", OverChance(result)));
        foreach (var (baseline, metrics) in result.Baselines)
        {
            terminal.Note(Verdict(subject, $"'{baseline}'", metrics.DifferenceCi95));
        }
    }

    /// <summary>What an interval of a difference in accuracy says, in words.</summary>
    internal static string Verdict(string subject, string baseline, Interval? difference) => difference switch
    {
        null => $"{subject} and {baseline}: a single prompt does not tell which is better.",
        { Low: > 0 } => $"{subject} is better than {baseline}: the interval of the difference lies above 0.",
        { High: < 0 } => $"{subject} is worse than {baseline}: the interval of the difference lies below 0.",
        _ => $"{subject} is not shown to be better than {baseline}: the interval of the difference holds 0.",
    };

    private static Interval? OverChance(EvaluationResult result) => result.AccuracyCi95ByPrompt is { } ends ? new Interval(ends.Low - 0.5, ends.High - 0.5) : null;

    private static string[] Accuracy(string name, PairMetrics metrics) =>
        [name, Count(metrics.Pairs), Share(metrics.Accuracy), Ends(metrics.AccuracyCi95), Number(metrics.Loss), Number(metrics.Margin)];

    private static string[] Length(string name, PairMetrics metrics) =>
    [
        name, Share(metrics.LengthBaselineAccuracy), Share(metrics.LengthDifference), Ends(metrics.LengthDifferenceCi95), Count(metrics.ShorterChosenPairs),
        Share(metrics.ShorterChosenAccuracy),
    ];

    private static string Count(long count) => count.ToString(CultureInfo.InvariantCulture);

    private static string Number(double? value) => value?.ToString("0.0000", CultureInfo.InvariantCulture) ?? "";

    private static string Share(double? value) => value?.ToString("0.000", CultureInfo.InvariantCulture) ?? "";

    private static string Ends(Interval? interval) => interval is { } ends ? string.Create(CultureInfo.InvariantCulture, $"{ends.Low:0.000} – {ends.High:0.000}") : "";
}
