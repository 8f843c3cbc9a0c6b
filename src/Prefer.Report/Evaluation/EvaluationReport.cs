using System.Globalization;
using Prefer.Evaluation;
using Prefer.Report.Page;

namespace Prefer.Report.Evaluation;

/// <summary>The page of an evaluation: a section for each part of the result; a part that the result does not have is left out.</summary>
internal static class EvaluationReport
{
    public static ReportPage Of(EvaluationResult result, EvaluationAbout? about) => new()
    {
        Title = $"Evaluation of {about?.Scorer ?? "a scorer"}",
        Subtitle = Subtitle(about),
        KeyFigures = [.. KeyFigures(result)],
        Sections =
        [
            .. new[]
            {
                AccuracySection.Of(result),
                BaselineSection.Of(result),
                ModelSection.Of(result.Models),
                EnsembleSection.Of(result.Ensemble),
                CalibrationSection.Of(result.Calibration),
                MarginSection.Of(result.Margins),
                TraitSection.Length(result, result.Length, result.RewardByLength),
                TraitSection.Style(result, result.Style),
                RankingSection.Of(result.Rankings, result.BestOfN),
                AgreementSection.Of(result.Agreement),
                RobustnessSection.Of(result.Robustness),
                DiagnosisSection.Of(result.Diagnosis, result.Contamination),
                MistakeSection.Of(result.Diagnosis?.Wrong),
                AboutSection.Data(result, about),
                AboutSection.Configuration(about),
                AboutSection.Machine(result.Seconds, result.PairsPerSecond, result.Tokens, about),
            }.OfType<ReportSection>(),
        ],
    };

    /// <summary>On what, and when.</summary>
    internal static string Subtitle(EvaluationAbout? about) =>
        about is null ? "" : $"on {string.Join(", ", about.Data)} · {about.Date.ToUniversalTime().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)}";

    private static IEnumerable<KeyFigure> KeyFigures(PairMetrics all)
    {
        var interval = all.AccuracyCi95ByPrompt ?? all.AccuracyCi95;
        yield return new KeyFigure("accuracy", NumberText.Share(all.Accuracy), interval is null ? "" : $"95 %: {NumberText.Ends(interval)}");
        yield return new KeyFigure("loss", NumberText.Number(all.Loss), "0.693 knows nothing");
        yield return new KeyFigure("gain on “longer wins”", NumberText.Signed(all.LengthDifference), all.LengthDifferenceCi95 is null ? "" : $"95 %: {NumberText.SignedEnds(all.LengthDifferenceCi95)}");
        yield return new KeyFigure("pairs", NumberText.Count(all.AccuracyPairs), all.Pairs == all.AccuracyPairs ? "" : $"of {NumberText.Count(all.Pairs)} read");
    }
}
