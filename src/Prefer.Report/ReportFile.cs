using Prefer.Models.Files;
using Prefer.Report.Evaluation;
using Prefer.Report.Training;

namespace Prefer.Report;

/// <summary><c>report.html</c>: makes the page of a run or of an evaluation from what they left on disk.</summary>
public static class ReportFile
{
    /// <summary>What the page is called unless another name is asked for.</summary>
    public const string PageName = "report.html";

    /// <summary>Writes the page, whole or not at all.</summary>
    /// <param name="source">The folder of a run or of an evaluation; or the file in it, run.json or result.json, where it holds both.</param>
    /// <param name="output">The page; null for <see cref="PageName"/> in that folder.</param>
    /// <returns>The path of the page.</returns>
    /// <exception cref="ReportException">There is nothing to report on, or it is damaged.</exception>
    public static string Write(string source, string? output = null)
    {
        var (file, folder) = Find(source);
        var page = Path.GetFileName(file) == TrainingRecord.RunName ? TrainingReport.Of(folder, TrainingRecord.Read(folder)) : EvaluationFolder.Page(file);
        var path = output ?? Path.Combine(folder, PageName);
        AtomicFile.WriteText(path, page.ToHtml());
        return path;
    }

    /// <summary>Writes the card of a model with what <paramref name="source"/> holds: the evaluation, or the run.</summary>
    /// <inheritdoc cref="ModelCard.Write"/>
    public static bool WriteCard(string source, string folder, string? license = null)
    {
        var (file, _) = Find(source);
        if (Path.GetFileName(file) == TrainingRecord.RunName)
        {
            return ModelCard.Write(folder, license: license);
        }
        var (result, about) = EvaluationFolder.Read(file);
        return ModelCard.Write(folder, result, about, license);
    }

    private static (string File, string Folder) Find(string source)
    {
        if (File.Exists(source))
        {
            return (source, Path.GetDirectoryName(Path.GetFullPath(source))!);
        }
        var (run, result) = (Path.Combine(source, TrainingRecord.RunName), Path.Combine(source, EvaluationFolder.ResultName));
        return (File.Exists(run), File.Exists(result)) switch
        {
            (true, false) => (run, source),
            (false, true) => (result, source),
            (true, true) => throw new ReportException($"{source}: found the records of a run and of an evaluation; expected one; name the file, {run} or {result}"),
            _ => throw new ReportException($"{source}: found neither {TrainingRecord.RunName} of prefer train nor {EvaluationFolder.ResultName} of prefer eval --output; expected one of them; name their folder"),
        };
    }
}
