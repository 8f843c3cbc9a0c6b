using System.Collections.Immutable;
using Prefer.Data;
using Prefer.Evaluation;
using Prefer.Report.Evaluation;

namespace Prefer.Cli.Verbs;

/// <summary><c>prefer eval</c>: how well a reward model, or a baseline, tells chosen from rejected. docs/metrics.md defines the numbers.</summary>
internal static partial class EvalVerb
{
    public static Verb Verb { get; } = Verb.Of<EvalOptions>("eval", "Measure how well a reward model tells chosen from rejected, and how much better than a baseline.", Run);

    private static int Run(EvalOptions options, Terminal terminal)
    {
        CheckCombination(options);
        var source = DataSource.Open(options.Data, options.OnBadRow, columns: ColumnMap.Parse(options.Columns));
        CheckReadOnce(options, isStandardInput: source.Files.Contains("-"));
        var baselines = options.Scorer.Distinct().Select(kind => (Name: NameOf(kind), Scorer: (IScorer)Baseline(kind, options, terminal))).ToList();
        using var models = EvaluatedModels.Load(options, terminal);
        List<(string Name, IScorer Scorer)> scorers = [.. models.Scorers, .. baselines];
        if (options.Benchmark is not null)
        {
            return RunBenchmark(options, scorers, terminal);
        }

        if (options.Calibrate)
        {
            models.Only!.Value.Model.RequireOwnRewards();
        }

        if (options.Ratings)
        {
            return RunRatings(options, source, scorers, terminal);
        }

        var ahead = ReadAhead(source, options);
        var closer = new CloserLook(options, scorers[0].Scorer, models.Only);
        var passes = scorers.Select((scorer, index) => Measure(source, scorer.Scorer, options.OnBadRow, index == 0 ? ahead.Count : null, terminal, index == 0 ? closer.Add : null)).ToList();
        var first = passes[0].Scored;
        var others = scorers.Zip(passes, (scorer, pass) => (scorer.Name, pass.Scored)).Skip(1).ToList();
        var result = EvaluationResult.Of(first, passes[0].BadRows, options.Seed) with
        {
            Baselines = others.ToDictionary(other => other.Name, other => BaselineMetrics.Of(first, other.Scored, options.Seed)),
            Models = others.Take(options.Model.Count - 1).ToDictionary(other => other.Name, other => ModelComparison.Of(first.Pairs, other.Scored.Pairs, options.Seed)),
            Diagnosis = closer.Diagnosis(),
            Robustness = closer.Robustness(terminal),
            Contamination = Contamination(source, options),
        };
        if (terminal.IsJson)
        {
            terminal.Json(result);
        }
        else
        {
            Show(scorers[0].Name, result, models.MaxLength, terminal);
            ShowFurther(result, terminal);
        }

        if (options.Calibrate)
        {
            Calibrate(models.Only!.Value.Model, result.Calibration, terminal);
        }

        Write(options, scorers[0].Name, result, ahead.Statistics, terminal);
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

        if (options.Benchmark is not null && options.Ratings)
        {
            throw new UsageException("--ratings was given beside --benchmark; either measure on ratings or on a benchmark's files.");
        }

        (bool IsGiven, string Flag)[] ofComparisons =
            [(options.Robustness > 0, "--robustness"), (options.Contamination.Count > 0, "--contamination"), (options.Calibrate, "--calibrate"), (options.Card, "--card")];
        if ((options.Benchmark is not null || options.Ratings) && ofComparisons.FirstOrDefault(option => option.IsGiven).Flag is { } flag)
        {
            throw new UsageException($"{flag} was given beside {(options.Ratings ? "--ratings" : "--benchmark")}, but it is for comparisons. Leave one of them out.");
        }

        if ((options.Calibrate || options.Card) && (options.Model.Count == 0 || options.Model[0].Contains(',', StringComparison.Ordinal)))
        {
            throw new UsageException($"{(options.Calibrate ? "--calibrate" : "--card")} writes into a model folder: give one first, --model DIR, no baseline and no ensemble.");
        }

        if (options.Output is { } folder && !options.Overwrite && File.Exists(Path.Combine(folder, EvaluationFolder.ResultName)))
        {
            throw new UsageException($"--output {folder}: holds an evaluation already. Name another folder, or replace it with --overwrite.");
        }
    }

    private static void CheckReadOnce(EvalOptions options, bool isStandardInput)
    {
        if (isStandardInput && options.Scorer.Count + options.Model.Count > 1)
        {
            throw new UsageException("--data -: standard input can be read once, and several scorers were asked for. Give files, or one scorer.");
        }

        if (isStandardInput && options.Contamination.Count > 0)
        {
            throw new UsageException("--data -: standard input can be read once, and --contamination reads the data again. Give files.");
        }
    }

    private static (ScoredComparisons Scored, int BadRows) Measure(DataSource source, IScorer scorer, OnBadRow onBadRow, long? count, Terminal terminal, Action<Comparison, ImmutableArray<ScoredResponse>, long>? onPair)
    {
        List<BadRow>? skipped = onBadRow == OnBadRow.Skip ? [] : null;
        ScoredComparisons scored;
        using (var progress = count is { } total ? terminal.Progress("evaluating", total) : null)
        {
            scored = PairEvaluation.Run(source.Rankings(), scorer, skipped, TimeProvider.System, done => progress?.Report(done), onPair);
        }

        skipped?.InsertRange(0, source.Report.BadRows);
        BadRows.Tell(skipped ?? [], source.Report.RowCount, terminal);
        return (scored, skipped?.Count ?? 0);
    }

    private static BaselineScorer Baseline(ScorerKind kind, EvalOptions options, Terminal terminal) => kind switch
    {
        ScorerKind.Length => BaselineScorer.Length,
        ScorerKind.Refusal => BaselineScorer.Refusal,
        ScorerKind.Random => BaselineScorer.Random((ulong)options.Seed),
        _ => BaselineScorer.Of(Fit(options, terminal)),
    };

    private static string NameOf(ScorerKind kind) => kind.ToString().ToLowerInvariant();

    /// <summary>Reads the files once before the model runs: a bad row at their end is told at the beginning. Nulls for standard input.</summary>
    private static (long? Count, DataStatistics? Statistics) ReadAhead(DataSource source, EvalOptions options)
    {
        if (source.Files.Contains("-"))
        {
            return (null, null);
        }

        if (options.Output is null)
        {
            return (source.Comparisons().LongCount(), null);
        }

        var statistics = DataStatistics.Of(source.Comparisons());
        return (statistics.PairCount, statistics);
    }

    private static BagOfWords Fit(EvalOptions options, Terminal terminal)
    {
        var source = DataSource.Open(options.Fit, options.OnBadRow, columns: ColumnMap.Parse(options.Columns));
        var words = BagOfWords.Fit(source.Comparisons());
        BadRows.Tell(source.Report.BadRows, source.Report.RowCount, terminal);
        terminal.Note($"Fitted {words.WordCount} words on {words.ComparisonCount} comparisons in {words.Iterations} Newton steps.");
        return words;
    }
}
