using System.ComponentModel;
using Prefer.Data;

namespace Prefer.Cli.Verbs;

/// <summary>What <c>prefer data convert</c> is asked for.</summary>
internal sealed record DataConvertOptions
{
    [Description("Files of comparisons, globs, or - for standard input.")]
    public required IReadOnlyList<string> Data { get; init; }

    [Description("File to write, gzip when it ends in .gz, or - for standard output.")]
    public required string Output { get; init; }

    [Description("Leave out comparisons with an empty side or two identical ones.")]
    public bool UsableOnly { get; init; }

    [Description("Other names of columns, ours first: prompt=question,chosen=better. Dots lead into nested ones.")]
    public string? Columns { get; init; }

    [Description("What to do with a row that cannot be read.")]
    public OnBadRow OnBadRow { get; init; } = OnBadRow.Stop;

    [Description("Write over an existing file.")]
    public bool Overwrite { get; init; }
}

/// <summary><c>prefer data convert</c>: any layout that is understood, as canonical JSON Lines.</summary>
internal static class DataConvertVerb
{
    public static Verb Verb { get; } = Verb.Of<DataConvertOptions>("convert", "Rewrite comparisons of any layout as canonical JSON Lines.", Run, nameof(DataConvertOptions.Data));

    private static int Run(DataConvertOptions options, Terminal terminal)
    {
        var toStandardOutput = options.Output == "-";
        if (toStandardOutput && terminal.IsJson)
        {
            throw new UsageException("--output - and --json both want standard output; name a file, or leave out --json.");
        }

        if (!toStandardOutput)
        {
            ComparisonFiles.RefuseExisting(options.Output, options.Overwrite);
        }

        var (comparisons, report) = ComparisonFiles.Load(options.Data, options.OnBadRow, options.Columns, terminal);
        if (options.UsableOnly)
        {
            var usable = UsablePairs.Of(comparisons);
            terminal.Note($"left out {usable.EmptySideCount} with an empty side and {usable.IdenticalCount} with identical sides");
            comparisons = usable.Pairs;
        }

        if (toStandardOutput)
        {
            using var output = Console.OpenStandardOutput();
            ComparisonWriter.Write(output, comparisons);
            return 0;
        }

        ComparisonWriter.Save(options.Output, comparisons);
        terminal.Note($"wrote {comparisons.Length} comparisons to {options.Output}");
        if (terminal.IsJson)
        {
            terminal.Json(new { report.RowCount, BadRowCount = report.BadRows.Length, PairCount = comparisons.Length, options.Output });
        }

        return 0;
    }
}
