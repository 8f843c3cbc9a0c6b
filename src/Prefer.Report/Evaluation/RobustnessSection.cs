using System.Collections.Immutable;
using Prefer.Evaluation.Robustness;
using Prefer.Report.Page;

namespace Prefer.Report.Evaluation;

/// <summary>Changes that must not matter, and changes that must.</summary>
internal static class RobustnessSection
{
    public static ReportSection? Of(RobustnessMetrics? robustness)
    {
        if (robustness is null)
        {
            return null;
        }
        var harmless = new Chart("must-not-matter", "Changes that must not matter",
            Whiskers.Data("share of verdicts that turned", 0, robustness.MustNotMatter.Select(change => (Words(change.Key), change.Value.FlipRate, change.Value.FlipRateCi95ByPrompt ?? change.Value.FlipRateCi95)), lowest: 0),
            new DataTable("Changes that must not matter", ["change", "responses", "verdicts turned", "share", "95 %", "mean change of reward", "mean amount"],
            [
                .. robustness.MustNotMatter.Select(ImmutableArray<string> (change) =>
                [
                    Words(change.Key), NumberText.Count(change.Value.Responses), NumberText.Count(change.Value.Flips), NumberText.Share(change.Value.FlipRate),
                    NumberText.Ends(change.Value.FlipRateCi95ByPrompt ?? change.Value.FlipRateCi95), NumberText.Signed(change.Value.Change?.Mean), NumberText.Share(change.Value.Change?.MeanAbsolute),
                ]),
            ]))
        { Remark = "How often one changed response turns the verdict of its pair; 0 at best. With 95 % intervals." };
        var harmful = new Chart("must-matter", "Changes that must matter",
            Whiskers.Data("share of rewards that fell", 0.5, robustness.MustMatter.Select(change => (Words(change.Key), change.Value.FallRate, change.Value.FallRateCi95ByPrompt ?? change.Value.FallRateCi95)), lowest: 0),
            new DataTable("Changes that must matter", ["change", "pairs", "rewards fell", "share", "95 %", "mean change of reward", "median"],
            [
                .. robustness.MustMatter.Select(ImmutableArray<string> (change) =>
                [
                    Words(change.Key), NumberText.Count(change.Value.Pairs), NumberText.Count(change.Value.Falls), NumberText.Share(change.Value.FallRate),
                    NumberText.Ends(change.Value.FallRateCi95ByPrompt ?? change.Value.FallRateCi95), NumberText.Signed(change.Value.Change?.Mean), NumberText.Signed(change.Value.Change?.Median),
                ]),
            ]))
        { Remark = "How often the damaged chosen response gets a lower reward than the undamaged one; 1 at best. With 95 % intervals." };
        return new ReportSection("robustness", "Robustness")
        {
            Charts = [harmless, harmful],
            Body = Markup.Of($"""
                <p>On {NumberText.Count(robustness.Pairs)} comparisons, drawn with seed {robustness.Seed}. Changes of rewards are in standard deviations of the rewards ({NumberText.Number(robustness.RewardDeviation)}).</p>
                {harmless.ToMarkup()}{harmful.ToMarkup()}
                """),
        };
    }

    private static string Words(string name) => name.Replace('_', ' ').Replace('-', ' ');
}
