using System.Globalization;
using Prefer.Evaluation;
using Prefer.Evaluation.Diagnosis;
using Prefer.Evaluation.Robustness;

namespace Prefer.Cli.Verbs;

// What a person sees of the analyses beside accuracy: the few figures that decide; report.html and --json have all.
internal static partial class EvalVerb
{
    private static void ShowFurther(EvaluationResult result, Terminal terminal)
    {
        terminal.Table("beyond accuracy", ["", "value", "95 %"], [.. Beyond(result)]);
        foreach (var (name, comparison) in result.Models)
        {
            ShowComparison(name, comparison, terminal);
        }

        if (result.BestOfN.Count > 1)
        {
            terminal.Table("best of n", ["n", "KL", "score", "gain on one", "95 % by prompt", "share of the possible"],
                [.. result.BestOfN.Select(point => (string[])[Count(point.N), Number(point.KullbackLeibler), Number(point.Score), Number(point.Gain), Ends(point.GainCi95ByPrompt), Share(point.GainShare)])]);
        }

        if (result.Robustness is { } robustness)
        {
            ShowRobustness(robustness, terminal);
        }

        Finding[] findings = [.. result.Diagnosis?.Findings ?? [], .. result.Contamination?.Finding is { } finding ? [finding] : Array.Empty<Finding>()];
        foreach (var found in findings)
        {
            var text = $"{found.What} {found.Advice}";
            if (found.Severity == Severity.Note)
            {
                terminal.Note(text);
            }
            else
            {
                terminal.Warn(text);
            }
        }
    }

    private static IEnumerable<string[]> Beyond(EvaluationResult result)
    {
        if (result.Calibration is { } calibration)
        {
            yield return ["calibration error (ECE)", Share(calibration.Ece), ""];
            yield return ["Brier score", Share(calibration.Brier.Score), ""];
            yield return ["temperature, from half of the prompts", Number(calibration.Temperature.Temperature), ""];
            yield return ["loss on the other half, before", Number(calibration.Temperature.LossBefore), ""];
            yield return ["loss on the other half, after", Number(calibration.Temperature.LossAfter), ""];
        }

        if (result.Length is { } length)
        {
            yield return ["accuracy at equal lengths", Share(length.ControlledAccuracy), Ends(length.ControlledAccuracyCi95ByPrompt)];
            yield return ["correlation of reward and length, quality held fixed", Share(length.PartialCorrelation), Ends(length.PartialCorrelationCi95ByPrompt)];
        }

        if (result.Style is { } style)
        {
            yield return ["accuracy at equal lengths and marks", Share(style.ControlledAccuracy), Ends(style.ControlledAccuracyCi95ByPrompt)];
        }

        if (result.Rankings is { TopAccuracy: not null } rankings)
        {
            yield return [$"top choice of {rankings.Rankings} rankings (by chance {Share(rankings.TopAccuracyByChance)})", Share(rankings.TopAccuracy), Ends(rankings.TopAccuracyCi95ByPrompt)];
            yield return ["mean reciprocal rank", Share(rankings.MeanReciprocalRank), Ends(rankings.MeanReciprocalRankCi95ByPrompt)];
            yield return ["Kendall's tau within rankings", Share(rankings.KendallTau), Ends(rankings.KendallTauCi95ByPrompt)];
        }

        if (result.Agreement is { } agreement)
        {
            yield return [$"agreement with the votes of {agreement.Items} comparisons", Share(agreement.ModelAgreement), Ends(agreement.ModelAgreementCi95)];
            yield return ["the annotators with one another", Share(agreement.All.Annotators), ""];
            yield return ["the model minus an annotator", Share(agreement.All.Difference), Ends(agreement.All.DifferenceCi95)];
        }
    }

    private static void ShowComparison(string name, ModelComparison comparison, Terminal terminal)
    {
        terminal.Table($"the first model beside {name}", ["", "value", "95 %"],
        [
            ["pairs that both get right", Count(comparison.BothRight), ""],
            ["only the first", Count(comparison.OnlyFirstRight), ""],
            ["only the second", Count(comparison.OnlySecondRight), ""],
            ["neither", Count(comparison.NeitherRight), ""],
            ["difference in accuracy", Share(comparison.Difference), Ends(comparison.DifferenceCi95)],
            ["the same by drawing prompts again", Share(comparison.Difference), Ends(comparison.DifferenceBootstrapCi95)],
            ["difference in loss", Number(comparison.LossDifference), Ends(comparison.LossDifferenceCi95)],
            ["p of McNemar's exact test", comparison.McnemarP?.ToString("0.####", CultureInfo.InvariantCulture) ?? "", ""],
        ]);
    }

    private static void ShowRobustness(RobustnessMetrics robustness, Terminal terminal)
    {
        terminal.Table($"changes that must not matter, on {robustness.Pairs} comparisons", ["change", "responses", "verdicts turned", "95 %", "mean change", "mean size"],
            [.. robustness.MustNotMatter.Select(change => (string[])[change.Key, Count(change.Value.Responses), Share(change.Value.FlipRate), Ends(change.Value.FlipRateCi95), .. Moved(change.Value.Change)])]);
        terminal.Table("changes for the worse", ["change", "comparisons", "reward fell", "95 %", "mean change", "mean size"],
            [.. robustness.MustMatter.Select(change => (string[])[change.Key, Count(change.Value.Pairs), Share(change.Value.FallRate), Ends(change.Value.FallRateCi95), .. Moved(change.Value.Change)])]);
    }

    private static string[] Moved(RewardChange? change) => [Share(change?.Mean), Share(change?.MeanAbsolute)];
}
