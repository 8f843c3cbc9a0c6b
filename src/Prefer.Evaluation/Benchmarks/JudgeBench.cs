using Prefer.Data;

namespace Prefer.Evaluation.Benchmarks;

/// <summary>
/// JudgeBench: accuracy on pairs of which one answer is correct, by kind of question; the score is of all pairs together. Its code asks judges twice, in both orders,
/// and reward models once, which is what is done here.
/// </summary>
internal sealed class JudgeBench : Benchmark
{
    private static readonly (string Name, string Source)[] Kinds =
        [("knowledge", "mmlu-pro"), ("reasoning", "livebench-reasoning"), ("math", "livebench-math"), ("coding", "livecodebench")];

    public override BenchmarkItem Read(RowFields row)
    {
        var source = row.Text("source");
        if (KindOf(source) is null)
        {
            throw row.Wrong($"'{source}' in 'source'", $"one that begins with {string.Join(", ", Kinds.Select(kind => kind.Source))}", "check that the file is the benchmark's own");
        }

        return new BenchmarkItem
        {
            Subset = source,
            Prompt = BenchmarkItem.Asked(row.Text("question")),
            Responses = [row.Text("response_A"), row.Text("response_B")],
            Right = [row.Text("label") switch { "A>B" => 0, "B>A" => 1, var label => throw row.Wrong($"'{label}' in 'label'", "A>B or B>A", "correct the field") }],
            Origin = row.Origin,
        };
    }

    public override BenchmarkResult Score(IReadOnlyList<ScoredItem> items)
    {
        var tally = new BenchmarkTally();
        foreach (var item in items)
        {
            tally.Add(item.Subset, item.IsRight ? 1 : 0, item.Prompt);
            tally.Add(KindOf(item.Subset)!, item.IsRight ? 1 : 0, item.Prompt);
        }

        // Every pair counts alike: a kind weighs as many as it has.
        var counts = items.CountBy(item => KindOf(item.Subset)!).ToDictionary(StringComparer.Ordinal);
        WeightedSection[] sections = [.. Kinds.Select(kind => new WeightedSection(kind.Name, counts.GetValueOrDefault(kind.Name), [new WeightedSubset(kind.Name, 1)]))];
        var sources = items.Select(item => item.Subset).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        return tally.Result(BenchmarkKind.Judgebench, sections, section => counts[section.Name], sources.ToDictionary(source => source, source => tally.Share(source), StringComparer.Ordinal));
    }

    private static string? KindOf(string source) => Kinds.FirstOrDefault(kind => source.StartsWith(kind.Source, StringComparison.Ordinal)).Name;
}
