using System.Globalization;
using Prefer.Data;
using Prefer.Evaluation;
using Prefer.Report.Evaluation;

namespace Prefer.Cli.Verbs;

// Ratings instead of comparisons: what is scored, and what a person sees of it.
internal static partial class EvalVerb
{
    private static int RunRatings(EvalOptions options, DataSource source, List<(string Name, IScorer Scorer)> scorers, Terminal terminal)
    {
        long? count = source.Files.Contains("-") ? null : source.RatingsByDimension().Select(rating => rating.Response).Distinct(ReferenceEqualityComparer.Instance).LongCount();
        var results = scorers.ToDictionary(scorer => scorer.Name, scorer => MeasureRatings(source, scorer.Scorer, options.OnBadRow, count, terminal));
        if (options.Output is { } folder)
        {
            terminal.Note($"The report is {EvaluationFolder.Write(folder, results[scorers[0].Name], About(options, scorers[0].Name))}.");
        }

        if (terminal.IsJson)
        {
            terminal.Json(results.Count == 1 ? (object)results.Values.Single() : results);
            return 0;
        }

        foreach (var (name, result) in results)
        {
            foreach (var (dimension, metrics) in result.Dimensions)
            {
                terminal.Table($"{name}: {dimension}, {metrics.Ratings} ratings of {metrics.Prompts} prompts", ["", "Pearson", "95 % by prompt", "Spearman", "95 % by prompt", "Kendall", "95 % by prompt"],
                [
                    ["rewards and scores", .. Correlations(metrics.Rewards)],
                    .. metrics.RewardsAsRater is { } asRater ? [["rewards and all raters but one", .. Correlations(asRater)]] : Array.Empty<string[]>(),
                    .. metrics.Ceiling is { } ceiling ? [["one rater and the others", .. Correlations(ceiling)]] : Array.Empty<string[]>(),
                ]);
                if (metrics.PearsonGivenLength is { } given)
                {
                    terminal.Note(string.Create(CultureInfo.InvariantCulture, $"Pearson with the responses' length held fixed: {given.Value:0.000}"));
                }
            }

            if (result.Empty > 0)
            {
                terminal.Note($"empty responses, not scored: {result.Empty}");
            }
        }

        return 0;
    }

    private static RatingResult MeasureRatings(DataSource source, IScorer scorer, OnBadRow onBadRow, long? count, Terminal terminal)
    {
        List<BadRow>? skipped = onBadRow == OnBadRow.Skip ? [] : null;
        RatingResult result;
        using (var progress = terminal.Progress("evaluating", count))
        {
            result = RatingEvaluation.Run(source.RatingsByDimension(), scorer, skipped, TimeProvider.System, done => progress.Report(done));
        }

        skipped?.InsertRange(0, source.Report.BadRows);
        BadRows.Tell(skipped ?? [], source.Report.RowCount, terminal);
        return result with { BadRows = skipped?.Count ?? 0 };
    }

    private static string[] Correlations(CorrelationMetrics metrics) =>
        [.. new[] { metrics.Pearson, metrics.Spearman, metrics.Kendall }.SelectMany(estimate => (string[])[Share(estimate?.Value), Ends(estimate?.Ci95ByPrompt)])];
}
