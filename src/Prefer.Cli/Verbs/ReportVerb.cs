using System.ComponentModel;
using Prefer.Evaluation;
using Prefer.Report;
using Prefer.Report.Evaluation;

namespace Prefer.Cli.Verbs;

/// <summary>What <c>prefer report</c> is asked for.</summary>
internal sealed record ReportOptions
{
    [Description("The folder of a run or of an evaluation; or its run.json or result.json, where it holds both.")]
    public string? Folder { get; init; }

    [Description("The page to write; by default report.html in the folder.")]
    public string? Output { get; init; }

    [Description("Folder of a model, whose card (README.md) is written too, with the figures that are reported on.")]
    public string? Card { get; init; }

    [Description("The model's licence, for its card, by the hub's identifier: apache-2.0.")]
    public string? License { get; init; }

    [Description("Print the JSON schema of result.json, and nothing else.")]
    public bool Schema { get; init; }
}

/// <summary><c>prefer report</c>: a page of a run or of an evaluation that opens without a network, and the model's card.</summary>
internal static class ReportVerb
{
    public static Verb Verb { get; } = Verb.Of<ReportOptions>("report", "Write report.html of a training run or an evaluation.", Run, nameof(ReportOptions.Folder));

    private static int Run(ReportOptions options, Terminal terminal)
    {
        if (options.Schema)
        {
            terminal.Result(ResultSchema.Make().ToJsonString(ResultJson.Indented));
            return 0;
        }
        if (options.License is not null && options.Card is null)
        {
            throw new UsageException("--license was given, but only --card writes a licence down.");
        }
        var folder = options.Folder ?? throw new UsageException("the folder is missing, expected that of a run or of an evaluation: prefer report DIR");
        var path = ReportFile.Write(folder, options.Output);
        if (options.Card is { } model && !ReportFile.WriteCard(folder, model, options.License))
        {
            terminal.Warn($"{Path.Combine(model, ModelCard.FileName)} was not written by Prefer and stays as it is. Move it away to get a card.");
        }
        if (terminal.IsJson)
        {
            terminal.Json(new { Report = path });
        }
        terminal.Note($"The report is {path}.");
        return 0;
    }
}
