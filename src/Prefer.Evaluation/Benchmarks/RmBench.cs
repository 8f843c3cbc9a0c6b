using Prefer.Data;

namespace Prefer.Evaluation.Benchmarks;

/// <summary>
/// RM-Bench: three right and three wrong responses a prompt, each concise, detailed, and detailed in Markdown, every right one against every wrong one. Normal is
/// the same style on both sides, hard a plainer right response, easy a plainer wrong one. A domain is the mean of the three, the score the mean of the four domains
/// (<c>scripts/utils.py</c>).
/// </summary>
internal sealed class RmBench : Benchmark
{
    private const int StyleCount = 3;

    private static readonly string[] Levels = ["easy", "normal", "hard"];

    private static readonly (string Name, long Items)[] Domains = [("chat", 129), ("code", 228), ("math", 529), ("safety", 441)];

    private static readonly WeightedSection[] Sections =
        [.. Domains.Select(domain => new WeightedSection(domain.Name, 1, [.. Levels.Select(level => new WeightedSubset($"{domain.Name} {level}", 1, domain.Items))], domain.Items))];

    public override BenchmarkItem Read(RowFields row)
    {
        var (chosen, rejected) = (row.Texts("chosen"), row.Texts("rejected"));
        if (chosen.Length != StyleCount || rejected.Length != StyleCount)
        {
            throw row.Wrong($"{chosen.Length} responses in 'chosen' and {rejected.Length} in 'rejected'", "three in each: concise, detailed, detailed in Markdown", "check that the file is the benchmark's own");
        }

        return new BenchmarkItem
        {
            Subset = DomainOf(row),
            Prompt = BenchmarkItem.Asked(row.Text("prompt")),
            Responses = [.. chosen, .. rejected],
            Right = [0, 1, 2],
            Origin = row.Origin,
        };
    }

    public override BenchmarkResult Score(IReadOnlyList<ScoredItem> items)
    {
        var tally = new BenchmarkTally();
        foreach (var item in items)
        {
            foreach (var level in Levels)
            {
                tally.Add($"{item.Subset} {level}", Accuracy(item, level), item.Prompt);
            }
        }

        var counts = items.CountBy(item => item.Subset).ToDictionary(StringComparer.Ordinal);
        var present = Sections.Where(section => counts.ContainsKey(section.Name)).ToArray();
        var subsets = present.SelectMany(section => section.Subsets.Select(subset => (subset.Name, Part: tally.Mean([subset], counts[section.Name], subset.PublishedItems))))
            .ToDictionary(subset => subset.Name, subset => subset.Part, StringComparer.Ordinal);
        var result = tally.Result(BenchmarkKind.RmBench, Sections, section => counts.GetValueOrDefault(section.Name), subsets);

        // Of each level the mean over the domains, beside the sections.
        var sections = result.Sections.ToDictionary(StringComparer.Ordinal);
        foreach (var level in Levels)
        {
            sections[level] = tally.Mean(present.Select(section => new WeightedSubset($"{section.Name} {level}", 1)), items.Count, Domains.Sum(domain => domain.Items));
        }

        return result with { Sections = sections };
    }

    /// <summary>The share of the three comparisons of a level that the right response wins.</summary>
    private static double Accuracy(ScoredItem item, string level)
    {
        var won = 0;
        for (var right = 0; right < StyleCount; right++)
        {
            for (var wrong = 0; wrong < StyleCount; wrong++)
            {
                var own = right > wrong ? "easy" : right < wrong ? "hard" : "normal";
                won += own == level && item.Rewards[right] > item.Rewards[StyleCount + wrong] ? 1 : 0;
            }
        }

        return won / 3.0;
    }

    /// <summary>The row's <c>domain</c>; the files of one domain have none and are named by it. The two of safety are one.</summary>
    private static string DomainOf(RowFields row)
    {
        var field = row.Find("domain") is null ? null : row.Text("domain");
        var name = field ?? Path.GetFileName(row.Origin.File);
        return Domains.FirstOrDefault(domain => name.StartsWith(domain.Name, StringComparison.Ordinal)).Name
            ?? throw row.Wrong(field is null ? $"no 'domain', and a file named '{name}'" : $"'{field}' in 'domain'", "chat, code, math, safety-refuse or safety-response", "name the domain in the row, or keep the published name of the file");
    }
}
