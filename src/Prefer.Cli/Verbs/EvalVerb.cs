using System.ComponentModel;
using System.Globalization;
using Prefer.Data;
using Prefer.Evaluation;
using Prefer.Statistics;

namespace Prefer.Cli.Verbs;

/// <summary>What rewards in <c>prefer eval</c>.</summary>
internal enum ScorerKind
{
    Model,
    Length,
    Refusal,
    Bow,
}

/// <summary>What <c>prefer eval</c> is asked for.</summary>
internal sealed record EvalOptions : EngineOptions
{
    [Description("The model folder; needed unless --scorer is a baseline.")]
    public string? Model { get; init; }

    [Description("Files of comparisons; globs; '-' for standard input.")]
    public required IReadOnlyList<string> Data { get; init; }

    [Description("What rewards: the model, or a baseline: the longer response, the one that refuses, or a bag of words fitted on --fit.")]
    public ScorerKind Scorer { get; init; }

    [Description("Files of comparisons that the bag of words is fitted on.")]
    public IReadOnlyList<string> Fit { get; init; } = [];

    [Description("What to do with a row that cannot be read: stop, or skip it and say so.")]
    public OnBadRow OnBadRow { get; init; }
}

/// <summary><c>prefer eval</c>: how well a reward model, or a baseline, tells chosen from rejected. docs/metrics.md defines the numbers.</summary>
internal static class EvalVerb
{
    public static Verb Verb { get; } = Verb.Of<EvalOptions>("eval", "Measure how well a reward model tells chosen from rejected.", Run);

    private static int Run(EvalOptions options, Terminal terminal)
    {
        CheckCombination(options);
        var source = DataSource.Open(options.Data, options.OnBadRow);
        using var model = options.Scorer == ScorerKind.Model ? Engine.Load(options.Model!, options, terminal) : null;
        IScorer scorer = options.Scorer switch
        {
            ScorerKind.Length => BaselineScorer.Length,
            ScorerKind.Refusal => BaselineScorer.Refusal,
            ScorerKind.Bow => BaselineScorer.Of(Fit(options, terminal)),
            _ => new ModelScorer(model!),
        };

        List<BadRow>? skipped = options.OnBadRow == OnBadRow.Skip ? [] : null;
        EvaluationResult result;
        using (var progress = CountAhead(source) is { } count ? terminal.Progress("evaluating", count) : null)
        {
            result = PairEvaluation.Run(source.Comparisons(), scorer, skipped, TimeProvider.System, done => progress?.Report(done));
        }

        skipped?.InsertRange(0, source.Report.BadRows);
        result = result with { BadRows = skipped?.Count ?? 0 };
        BadRows.Tell(skipped ?? [], source.Report.RowCount, terminal);
        if (terminal.IsJson)
        {
            terminal.Json(result);
        }
        else
        {
            Show(result, model?.Encoder.Options.MaxLength, terminal);
        }

        return 0;
    }

    private static void CheckCombination(EvalOptions options)
    {
        if (options.Scorer == ScorerKind.Model == (options.Model is null))
        {
            throw new UsageException(options.Model is null
                ? "--model is missing, expected a model folder. Or name a baseline with --scorer length, refusal or bow."
                : "--model and a baseline were given, expected one of them: --scorer length, refusal and bow use no model.");
        }

        if (options.Scorer == ScorerKind.Bow == (options.Fit.Count == 0))
        {
            throw new UsageException(options.Fit.Count == 0
                ? "--fit is missing: --scorer bow needs files of comparisons to be fitted on, other ones than those of --data."
                : "--fit was given, but only --scorer bow is fitted.");
        }
    }

    /// <summary>Reads the files once before the model runs: a bad row at their end is told at the beginning. Null for standard input.</summary>
    private static long? CountAhead(DataSource source) => source.Files.Contains("-") ? null : source.Comparisons().LongCount();

    private static BagOfWords Fit(EvalOptions options, Terminal terminal)
    {
        var source = DataSource.Open(options.Fit, options.OnBadRow);
        var words = BagOfWords.Fit(source.Comparisons());
        BadRows.Tell(source.Report.BadRows, source.Report.RowCount, terminal);
        terminal.Note($"Fitted {words.WordCount} words on {words.ComparisonCount} comparisons in {words.Iterations} Newton steps.");
        return words;
    }

    private static void Show(EvaluationResult result, int? maxLength, Terminal terminal)
    {
        List<(string Name, PairMetrics Metrics)> rows = [("all", result), .. result.Subsets.Select(subset => (subset.Key, subset.Value))];
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

        var tokens = result.TokensPerSecond is { } rate ? string.Create(CultureInfo.InvariantCulture, $" and {rate:0} tokens") : "";
        terminal.Note(string.Create(CultureInfo.InvariantCulture, $"{result.PairsPerSecond:0.#} pairs{tokens} per second"));
    }

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
