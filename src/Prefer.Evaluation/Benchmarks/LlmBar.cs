using Prefer.Data;

namespace Prefer.Evaluation.Benchmarks;

/// <summary>
/// LLMBar: accuracy on pairs of which one follows the instruction, by subset. Its paper averages the four adversarial subsets, and all five, unweighted. Its
/// folders of case studies and of other sets are read too, and reported beside the score.
/// </summary>
internal sealed class LlmBar : Benchmark
{
    private static readonly WeightedSection[] Sections =
    [
        new("Natural", 0, [new("Natural", 1, 100)], 100),
        new("Adversarial", 0, [new("Neighbor", 1, 134), new("GPTInst", 1, 92), new("GPTOut", 1, 47), new("Manual", 1, 46)], 319),
    ];

    private static readonly WeightedSubset[] Subsets =
    [
        .. Sections.SelectMany(section => section.Subsets),
        new("Constraint", 0, 89), new("Negation", 0, 59), new("Normal", 0, 59), new("Base_9", 0, 54), new("Base_10", 0, 54),
        new("FairEval", 0, 66), new("LLMEval^2", 0, 200), new("MT-Bench", 0, 200),
    ];

    private static readonly string[] Names = [.. Subsets.Select(subset => subset.Name)];

    public override BenchmarkItem Read(RowFields row) => new()
    {
        Subset = SubsetOf(row),
        Prompt = BenchmarkItem.Asked(row.Text("input")),
        Responses = [row.Text("output_1"), row.Text("output_2")],
        Right = [row.Whole("label", 1, 2) - 1],
        Origin = row.Origin,
    };

    public override BenchmarkResult Score(IReadOnlyList<ScoredItem> items)
    {
        var tally = new BenchmarkTally();
        foreach (var item in items)
        {
            tally.Add(item.Subset, item.IsRight ? 1 : 0, item.Prompt);
        }

        var subsets = Subsets.Where(subset => tally.Has(subset.Name)).ToDictionary(subset => subset.Name, subset => tally.Share(subset.Name, subset.PublishedItems), StringComparer.Ordinal);
        // Every subset counts alike in the score: a section weighs as many as it has.
        WeightedSection[] sections = [.. Sections.Select(section => section with { Weight = section.Subsets.Count(subset => tally.Has(subset.Name)) })];
        return tally.Result(BenchmarkKind.Llmbar, sections, section => section.Subsets.Sum(subset => subsets.GetValueOrDefault(subset.Name)?.Items ?? 0), subsets);
    }

    /// <summary>The published files are all called dataset.json: the folder says which subset. A row may say it too.</summary>
    private static string SubsetOf(RowFields row)
    {
        if (row.Find("subset") is not null)
        {
            return Known(row.Text("subset"), "subset", Names, row);
        }

        var folder = Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(row.Origin.File))) ?? "";
        return Names.Contains(folder, StringComparer.Ordinal)
            ? folder
            : throw row.Wrong($"no 'subset', in a file of the folder '{folder}'", $"a folder named as the published ones are: {string.Join(", ", Names)}", "keep the published folders, or name the subset in the rows");
    }
}
