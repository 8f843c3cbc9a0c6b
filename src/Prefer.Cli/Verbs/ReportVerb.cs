using System.ComponentModel;
using Prefer.Report;

namespace Prefer.Cli.Verbs;

/// <summary>What <c>prefer report</c> is asked for.</summary>
internal sealed record ReportOptions
{
    [Description("The folder of a run or of an evaluation; or its run.json or result.json, where it holds both.")]
    public required string Folder { get; init; }

    [Description("The page to write; by default report.html in the folder.")]
    public string? Output { get; init; }
}

/// <summary><c>prefer report</c>: a page of a run or of an evaluation that opens without a network.</summary>
internal static class ReportVerb
{
    public static Verb Verb { get; } = Verb.Of<ReportOptions>("report", "Write report.html of a training run or an evaluation.", Run, nameof(ReportOptions.Folder));

    private static int Run(ReportOptions options, Terminal terminal)
    {
        var path = ReportFile.Write(options.Folder, options.Output);
        if (terminal.IsJson)
        {
            terminal.Json(new { Report = path });
        }
        terminal.Note($"The report is {path}.");
        return 0;
    }
}
