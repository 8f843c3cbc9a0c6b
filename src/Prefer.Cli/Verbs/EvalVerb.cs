using System.ComponentModel;
using Prefer.Data;
using Prefer.Evaluation;

namespace Prefer.Cli.Verbs;

/// <summary>The scorers of <c>prefer eval</c> that are no model.</summary>
internal enum ScorerKind
{
    Length,
    Refusal,
    Bow,
    Random,
}

/// <summary>What <c>prefer eval</c> is asked for.</summary>
internal sealed record EvalOptions : RewardOptions
{
    [Description("The model folder; needed unless --scorer names a baseline to measure. Folders with commas between are one ensemble; further ones are set beside the first.")]
    public IReadOnlyList<string> Model { get; init; } = [];

    [Description("How the rewards of an ensemble become one: their mean, the lowest, or their mean less their standard deviation.")]
    public CombineRule Combine { get; init; }

    [Description("Files of comparisons; globs; '-' for standard input.")]
    public required IReadOnlyList<string> Data { get; init; }

    [Description("Baselines to set beside the model, or to measure alone: the longer response, the one that refuses, a bag of words fitted on --fit, numbers drawn with --seed.")]
    public IReadOnlyList<ScorerKind> Scorer { get; init; } = [];

    [Description("Files of comparisons that the bag of words is fitted on.")]
    public IReadOnlyList<string> Fit { get; init; } = [];

    [Description("Seed of what is drawn: random rewards, resamples.")]
    public ulong Seed { get; init; }

    [Description("Other names of columns, ours first: prompt=question,chosen=better. Dots lead into nested ones.")]
    public string? Columns { get; init; }

    [Description("What to do with a row that cannot be read: stop, or skip it and say so.")]
    public OnBadRow OnBadRow { get; init; }
}

/// <summary><c>prefer eval</c>: how well a reward model, or a baseline, tells chosen from rejected. docs/metrics.md defines the numbers.</summary>
internal static partial class EvalVerb
{
    public static Verb Verb { get; } = Verb.Of<EvalOptions>("eval", "Measure how well a reward model tells chosen from rejected, and how much better than a baseline.", Run);

    private static int Run(EvalOptions options, Terminal terminal)
    {
        CheckCombination(options);
        var source = DataSource.Open(options.Data, options.OnBadRow, columns: ColumnMap.Parse(options.Columns));
        if (source.Files.Contains("-") && options.Scorer.Count + options.Model.Count > 1)
        {
            throw new UsageException("--data -: standard input can be read once, and several scorers were asked for. Give files, or one scorer.");
        }

        var baselines = options.Scorer.Distinct().Select(kind => (Name: NameOf(kind), Scorer: (IScorer)Baseline(kind, options, terminal))).ToList();
        using var models = EvaluatedModels.Load(options, terminal);
        List<(string Name, IScorer Scorer)> scorers = [.. models.Scorers, .. baselines];

        var count = CountAhead(source);
        var passes = scorers.Select((scorer, index) => Measure(source, scorer.Scorer, options.OnBadRow, index == 0 ? count : null, terminal)).ToList();
        var result = EvaluationResult.Of(passes[0].Scored, passes[0].BadRows) with
        {
            Baselines = scorers.Zip(passes).Skip(1).ToDictionary(other => other.First.Name, other => BaselineMetrics.Of(passes[0].Scored, other.Second.Scored)),
        };
        if (terminal.IsJson)
        {
            terminal.Json(result);
        }
        else
        {
            Show(scorers[0].Name, result, models.MaxLength, terminal);
        }

        return 0;
    }

    private static void CheckCombination(EvalOptions options)
    {
        if (options.Model.Count == 0 && options.Scorer.Count == 0)
        {
            throw new UsageException("--model is missing, expected a model folder. Or name a baseline with --scorer length, refusal, bow or random.");
        }

        if (options.Scorer.Contains(ScorerKind.Bow) == (options.Fit.Count == 0))
        {
            throw new UsageException(options.Fit.Count == 0
                ? "--fit is missing: --scorer bow needs files of comparisons to be fitted on, other ones than those of --data."
                : "--fit was given, but only --scorer bow is fitted.");
        }
    }

    private static (ScoredComparisons Scored, int BadRows) Measure(DataSource source, IScorer scorer, OnBadRow onBadRow, long? count, Terminal terminal)
    {
        List<BadRow>? skipped = onBadRow == OnBadRow.Skip ? [] : null;
        ScoredComparisons scored;
        using (var progress = count is { } total ? terminal.Progress("evaluating", total) : null)
        {
            scored = PairEvaluation.Run(source.Rankings(), scorer, skipped, TimeProvider.System, done => progress?.Report(done));
        }

        skipped?.InsertRange(0, source.Report.BadRows);
        BadRows.Tell(skipped ?? [], source.Report.RowCount, terminal);
        return (scored, skipped?.Count ?? 0);
    }

    private static BaselineScorer Baseline(ScorerKind kind, EvalOptions options, Terminal terminal) => kind switch
    {
        ScorerKind.Length => BaselineScorer.Length,
        ScorerKind.Refusal => BaselineScorer.Refusal,
        ScorerKind.Random => BaselineScorer.Random(options.Seed),
        _ => BaselineScorer.Of(Fit(options, terminal)),
    };

    private static string NameOf(ScorerKind kind) => kind.ToString().ToLowerInvariant();

    /// <summary>Reads the files once before the model runs: a bad row at their end is told at the beginning. Null for standard input.</summary>
    private static long? CountAhead(DataSource source) => source.Files.Contains("-") ? null : source.Comparisons().LongCount();

    private static BagOfWords Fit(EvalOptions options, Terminal terminal)
    {
        var source = DataSource.Open(options.Fit, options.OnBadRow, columns: ColumnMap.Parse(options.Columns));
        var words = BagOfWords.Fit(source.Comparisons());
        BadRows.Tell(source.Report.BadRows, source.Report.RowCount, terminal);
        terminal.Note($"Fitted {words.WordCount} words on {words.ComparisonCount} comparisons in {words.Iterations} Newton steps.");
        return words;
    }
}
