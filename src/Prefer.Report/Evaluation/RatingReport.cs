using System.Collections.Immutable;
using Prefer.Evaluation;
using Prefer.Report.Page;

namespace Prefer.Report.Evaluation;

/// <summary>The page of rewards beside ratings.</summary>
internal static class RatingReport
{
    public static ReportPage Of(RatingResult result, EvaluationAbout? about) => new()
    {
        Title = $"Ratings and {about?.Scorer ?? "a scorer"}",
        Subtitle = EvaluationReport.Subtitle(about),
        KeyFigures = [.. result.Dimensions.Select(dimension => new KeyFigure(
            $"rank correlation, {dimension.Key}", NumberText.Signed(dimension.Value.Rewards.Spearman?.Value), dimension.Value.Rewards.Spearman?.Ci95ByPrompt is { } ends ? $"95 %: {NumberText.SignedEnds(ends)}" : ""))],
        Sections =
        [
            .. result.Dimensions.Select((dimension, index) => Section(dimension.Key, dimension.Value, index)),
            .. new[] { AboutSection.Configuration(about), AboutSection.Machine(result.Seconds, null, null, about) }.OfType<ReportSection>(),
        ],
    };

    private static ReportSection Section(string name, DimensionMetrics metrics, int index)
    {
        ImmutableArray<(string Name, RatingMetrics Metrics)> parts = [("all", metrics), .. metrics.Subsets.Select(subset => (subset.Key, subset.Value))];
        var chart = new Chart($"spearman-{index}", $"Rank correlation of rewards and {name}",
            Whiskers.Data("Spearman's correlation", 0, parts.Select(part => (part.Name, part.Metrics.Rewards.Spearman?.Value, part.Metrics.Rewards.Spearman?.Ci95ByPrompt))),
            new DataTable($"Rewards and {name}", ["subset", "ratings", "prompts", "Pearson", "Spearman", "95 % by prompt", "Kendall", "mean score", "mean reward"],
            [
                .. parts.Select(ImmutableArray<string> (part) =>
                [
                    part.Name, NumberText.Count(part.Metrics.Ratings), NumberText.Count(part.Metrics.Prompts), NumberText.Signed(part.Metrics.Rewards.Pearson?.Value), NumberText.Signed(part.Metrics.Rewards.Spearman?.Value),
                    NumberText.SignedEnds(part.Metrics.Rewards.Spearman?.Ci95ByPrompt), NumberText.Signed(part.Metrics.Rewards.Kendall?.Value), NumberText.Number(part.Metrics.MeanScore), NumberText.Number(part.Metrics.MeanReward),
                ]),
            ]))
        { Remark = "With 95 % intervals by prompt." };
        return new ReportSection($"dimension-{index}", $"Rewards and {name}") { Charts = [chart], Body = Markup.Of($"{chart.ToMarkup()}{Raters(metrics)}") };
    }

    private static Markup Raters(RatingMetrics metrics)
    {
        (string Name, CorrelationMetrics? Metrics)[] rows = [("rewards and scores", metrics.Rewards), ("rewards in a rater's place", metrics.RewardsAsRater), ("one rater and the others: the ceiling", metrics.Ceiling)];
        return new DataTable(metrics.Raters < 2 ? "Correlations" : $"Correlations, up to {metrics.Raters} raters a response", ["of", "Pearson", "95 %", "Spearman", "95 %, Spearman", "Kendall", "95 %, Kendall"],
        [
            .. rows.Where(row => row.Metrics is not null).Select(ImmutableArray<string> (row) =>
                [row.Name, .. Cells(row.Metrics!.Pearson), .. Cells(row.Metrics.Spearman), .. Cells(row.Metrics.Kendall)]),
            ["rewards and scores, length held fixed", .. Cells(metrics.PearsonGivenLength), NumberText.None, NumberText.None, NumberText.None, NumberText.None],
        ]).ToMarkup();
    }

    private static ImmutableArray<string> Cells(CorrelationEstimate? estimate) => [NumberText.Signed(estimate?.Value), NumberText.SignedEnds(estimate?.Ci95ByPrompt ?? estimate?.Ci95)];
}
