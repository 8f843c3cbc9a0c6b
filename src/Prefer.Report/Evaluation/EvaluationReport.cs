using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Prefer.Evaluation;
using Prefer.Report.Page;

namespace Prefer.Report.Evaluation;

/// <summary>The page of an evaluation. It is made from the JSON of the result, whichever process wrote it; a part that a result does not have is left out of the page.</summary>
internal static class EvaluationReport
{
    /// <exception cref="ReportException">A part has not the form that this version writes.</exception>
    public static ReportPage Of(JsonObject result)
    {
        var all = Read<PairMetrics>(result, "the result");
        var about = Part<EvaluationAbout>(result, EvaluationFolder.AboutName);
        var subsets = Part<SortedDictionary<string, PairMetrics>>(result, "subsets") ?? [];
        return new ReportPage
        {
            Title = $"Evaluation of {about?.Scorer ?? "a reward model"}",
            Subtitle = about is null ? "" : $"on {string.Join(", ", about.Data)} · {about.Date.ToString("yyyy-MM-dd HH:mm 'UTC'z", CultureInfo.InvariantCulture)}",
            KeyFigures = [.. KeyFigures(all)],
            Sections =
            [
                .. new[]
                {
                    AccuracySection.Of(all, subsets),
                    BaselineSection.Of(all, result["baselines"] as JsonObject),
                    LengthSection.Of(all, subsets),
                    AboutSection.Data(all, about),
                    AboutSection.Configuration(about),
                    AboutSection.Machine(about, result),
                }.OfType<ReportSection>(),
            ],
        };
    }

    /// <summary>A part of the result as its record; null where the result has none.</summary>
    /// <exception cref="ReportException">It has another form.</exception>
    internal static T? Part<T>(JsonObject result, string name) where T : class => result[name] is { } node ? Read<T>(node, $"'{name}'") : null;

    private static T Read<T>(JsonNode node, string name)
    {
        try
        {
            return node.Deserialize<T>(ResultJson.Options)!;
        }
        catch (JsonException error)
        {
            throw new ReportException($"found {name} in a form that this version of Prefer does not write ({error.Message}); expected the form of docs/result.schema.json; evaluate again", error);
        }
    }

    private static IEnumerable<KeyFigure> KeyFigures(PairMetrics all)
    {
        var interval = all.AccuracyCi95ByPrompt ?? all.AccuracyCi95;
        yield return new KeyFigure("accuracy", NumberText.Share(all.Accuracy), interval is null ? "" : $"95 %: {NumberText.Ends(interval)}");
        yield return new KeyFigure("loss", NumberText.Number(all.Loss), "0.693 knows nothing");
        yield return new KeyFigure("better than length by", NumberText.Signed(all.LengthDifference), all.LengthDifferenceCi95 is null ? "" : $"95 %: {NumberText.SignedEnds(all.LengthDifferenceCi95)}");
        yield return new KeyFigure("pairs", NumberText.Count(all.AccuracyPairs), all.Pairs == all.AccuracyPairs ? "" : $"of {NumberText.Count(all.Pairs)} read");
    }
}
