using System.ComponentModel;
using System.Globalization;
using Prefer.Data;

namespace Prefer.Cli.Verbs;

/// <summary>What <c>prefer data dedupe</c> is asked for.</summary>
internal sealed record DataDedupeOptions
{
    [Description("Files of comparisons, globs, or - for standard input. Of repeats the first stays, so name first what shall keep its rows.")]
    public required IReadOnlyList<string> Data { get; init; }

    [Description("File to write what is left into, gzip when it ends in .gz; or a folder (an existing one, or a name that ends in /), for a file of the same name for each one read. Without it nothing is written.")]
    public string? Output { get; init; }

    [Description("Which repeats go: those that differ in case, white space and punctuation only too, or those that are the same to the letter.")]
    public DuplicateMatch Match { get; init; } = DuplicateMatch.Normalised;

    [Description("What becomes of the same pair with differing labels: one of each label is kept, or all are dropped.")]
    public OnContradiction OnContradiction { get; init; } = OnContradiction.Keep;

    [Description("Keep comparisons with an empty side or two identical ones.")]
    public bool KeepUnusable { get; init; }

    [Description("Other names of columns, ours first: prompt=question,chosen=better. Dots lead into nested ones.")]
    public string? Columns { get; init; }

    [Description("What to do with a row that cannot be read.")]
    public OnBadRow OnBadRow { get; init; } = OnBadRow.Stop;

    [Description("Write over existing files.")]
    public bool Overwrite { get; init; }
}

/// <summary><c>prefer data dedupe</c>: what repeats, contradicts or teaches nothing, and the comparisons without it.</summary>
internal static class DataDedupeVerb
{
    private const int ExampleCount = 5;

    public static Verb Verb { get; } = Verb.Of<DataDedupeOptions>(
        "dedupe", "Find duplicates, contradictions, identical pairs and empty sides, and leave them out.", Run, nameof(DataDedupeOptions.Data));

    private static int Run(DataDedupeOptions options, Terminal terminal)
    {
        var source = DataSource.Open(options.Data, options.OnBadRow, columns: ColumnMap.Parse(options.Columns));
        var targets = Targets(options, source.Files);
        foreach (var target in targets.Values.Distinct())
        {
            ComparisonFiles.RefuseExisting(target, options.Overwrite);
        }

        var found = Deduplication.Of(source.Comparisons(), new DeduplicationOptions { Match = options.Match, OnContradiction = options.OnContradiction, KeepUnusable = options.KeepUnusable });
        BadRows.Tell(source.Report.BadRows, source.Report.RowCount, terminal);
        foreach (var target in targets.Values.Distinct())
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(target))!);
            var count = ComparisonWriter.Save(target, found.Kept.Where(comparison => targets[comparison.Origin!.File] == target));
            terminal.Note($"wrote {count} comparisons to {target}");
        }

        var pairCount = found.Kept.Length + found.LeftOutCount;
        if (terminal.IsJson)
        {
            terminal.Json(new
            {
                source.Report.RowCount,
                BadRowCount = source.Report.BadRows.Length,
                PairCount = pairCount,
                KeptCount = found.Kept.Length,
                ExactDuplicateCount = found.ExactDuplicates.Length,
                NormalisedDuplicateCount = found.NormalisedDuplicates.Length,
                ContradictionCount = found.Contradictions.Length,
                BothWaysCount = found.Contradictions.Count(contradiction => contradiction.IsBothWays),
                ContradictoryPairCount = found.Contradictions.Sum(contradiction => contradiction.Comparisons.Length),
                IdenticalCount = found.Identical.Length,
                EmptySideCount = found.EmptySides.Length,
                Examples = Examples(found).ToDictionary(kind => kind.Name, kind => kind.Places),
                Output = targets.Values.Distinct(),
            });
            return 0;
        }

        Show(found, pairCount, terminal);
        return 0;
    }

    /// <summary>The file that the comparisons of each file are written to; none where nothing is.</summary>
    private static Dictionary<string, string> Targets(DataDedupeOptions options, IReadOnlyList<string> files)
    {
        if (options.Output is not { } output)
        {
            return [];
        }

        if (!Directory.Exists(output) && !output.EndsWith('/'))
        {
            return files.ToDictionary(file => file, _ => output);
        }

        if (files.Contains("-"))
        {
            throw new UsageException($"--output {output}: standard input has no name to be written under. Name a file.");
        }

        var twice = files.GroupBy(Path.GetFileName).FirstOrDefault(group => group.Count() > 1);
        return twice is null
            ? files.ToDictionary(file => file, file => Path.Combine(output, Path.GetFileName(file)))
            : throw new UsageException($"--output {output}: {string.Join(" and ", twice)} have one name and would be one file there. Name a file, or give them one after the other.");
    }

    private static void Show(Deduplication found, int pairCount, Terminal terminal)
    {
        terminal.Table(null, ["comparisons", Number(pairCount)],
        [
            ["exact duplicates of an earlier one", Number(found.ExactDuplicates.Length)],
            ["duplicates but for case, spaces, punctuation", Number(found.NormalisedDuplicates.Length)],
            ["pairs with contradicting labels", Number(found.Contradictions.Length)],
            ["of them, each response preferred once", Number(found.Contradictions.Count(contradiction => contradiction.IsBothWays))],
            ["identical sides", Number(found.Identical.Length)],
            ["an empty side", Number(found.EmptySides.Length)],
            ["left", Number(found.Kept.Length)],
        ]);
        string[][] examples = [.. Examples(found).SelectMany(kind => kind.Places.Select(places => new[] { kind.Name.Replace('_', ' '), string.Join(", ", places) }))];
        if (examples.Length > 0)
        {
            terminal.Table("Examples", ["what", "where"], examples);
        }
    }

    /// <summary>The first of each kind, by where they stand.</summary>
    private static IEnumerable<(string Name, string[][] Places)> Examples(Deduplication found) =>
    [
        ("exact_duplicates", Places(found.ExactDuplicates.Select(repeat => new[] { repeat.First, repeat.Again }))),
        ("normalised_duplicates", Places(found.NormalisedDuplicates.Select(repeat => new[] { repeat.First, repeat.Again }))),
        ("contradictions", Places(found.Contradictions.Select(contradiction => contradiction.Comparisons.AsEnumerable()))),
        ("identical", Places(found.Identical.Select(comparison => new[] { comparison }))),
        ("empty_sides", Places(found.EmptySides.Select(comparison => new[] { comparison }))),
    ];

    private static string[][] Places(IEnumerable<IEnumerable<Comparison>> groups) =>
        [.. groups.Take(ExampleCount).Select(group => group.Take(ExampleCount).Select(comparison => comparison.Origin!.ToString()).ToArray())];

    private static string Number(int count) => count.ToString(CultureInfo.InvariantCulture);
}
