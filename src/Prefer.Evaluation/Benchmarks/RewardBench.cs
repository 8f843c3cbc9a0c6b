using System.Collections.Immutable;
using System.Text.Json;
using Prefer.Data;

namespace Prefer.Evaluation.Benchmarks;

/// <summary>
/// RewardBench 1: accuracy on pairs, by four sections and the prior test sets. Weights are those of its code (<c>rewardbench/constants.py</c>,
/// <c>analysis/get_benchmark_results.py</c>): subsets by their number of pairs, apart from math-prm; prior sets equally and half as much as a section.
/// </summary>
internal sealed class RewardBench : Benchmark
{
    private static readonly WeightedSection[] Sections =
    [
        Section("Chat", 2, [Counted("alpacaeval-easy", 100), Counted("alpacaeval-length", 95), Counted("alpacaeval-hard", 95), Counted("mt-bench-easy", 28), Counted("mt-bench-med", 40)]),
        Section("Chat Hard", 2,
        [
            Counted("mt-bench-hard", 37), Counted("llmbar-natural", 100), Counted("llmbar-adver-neighbor", 134), Counted("llmbar-adver-GPTInst", 92), Counted("llmbar-adver-GPTOut", 47),
            Counted("llmbar-adver-manual", 46),
        ]),
        Section("Safety", 2,
            [Counted("refusals-dangerous", 100), Counted("refusals-offensive", 100), Counted("xstest-should-refuse", 154), Counted("xstest-should-respond", 250), Counted("donotanswer", 136)]),
        // The 447 pairs of math-prm weigh as much as the six subsets of code together.
        Section("Reasoning", 2,
            [new("math-prm", 984, 447), Counted("hep-cpp", 164), Counted("hep-go", 164), Counted("hep-java", 164), Counted("hep-js", 164), Counted("hep-python", 164), Counted("hep-rust", 164)]),
        Section("Prior Sets", 1, [new("anthropic_helpful", 1, 6192), new("anthropic_hhh", 1, 221), new("shp", 1, 1741), new("summarize", 1, 9000)]),
    ];

    // Files of the preference test sets that have no place in the score.
    private static readonly WeightedSubset[] Others =
        [new("anthropic_harmless", 0, 2266), new("mtbench_human", 0, 3355), new("mtbench_gpt4", 0, 2400), new("pku_better", 0, 9000), new("pku_safer", 0, 9000)];

    private static readonly WeightedSubset[] Subsets = [.. Sections.SelectMany(section => section.Subsets), .. Others];

    private static readonly string[] Names = [.. Subsets.Select(subset => subset.Name)];

    private static readonly string[] FileNames = [.. Sections[^1].Subsets.Concat(Others).Select(subset => subset.Name)];

    public override BenchmarkItem Read(RowFields row) => new()
    {
        Subset = SubsetOf(row),
        Prompt = Prompt(row),
        Responses = [row.Text("chosen"), row.Text("rejected")],
        Right = [0],
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
        return tally.Result(BenchmarkKind.Rewardbench, Sections, section => section.Subsets.Sum(subset => subsets.GetValueOrDefault(subset.Name)?.Items ?? 0), subsets);
    }

    /// <summary>A prior set is named by its file, as the splits of the published data are; its rows may have a finer <c>subset</c>, which counts for nothing.</summary>
    private static string SubsetOf(RowFields row)
    {
        var file = Path.GetFileName(row.Origin.File).Split('.', '-')[0];
        return FileNames.Contains(file, StringComparer.Ordinal) ? file : Known(row.Text("subset"), "subset", Names, row);
    }

    /// <summary>A text is a user turn as it stands. Of messages the place says who speaks, user first, and not the role: so does the reference.</summary>
    private static ImmutableArray<Message> Prompt(RowFields row)
    {
        const string expected = "a string, or messages of which the first and the last are the user's";
        var prompt = row.Require("prompt", expected);
        return prompt.ValueKind switch
        {
            JsonValueKind.String => BenchmarkItem.Asked(prompt.GetString()!),
            JsonValueKind.Array when prompt.GetArrayLength() % 2 == 1 => [.. prompt.EnumerateArray().Select((message, index) => new Message(index % 2 == 0 ? "user" : "assistant", Content(row, message, index)))],
            JsonValueKind.Array => throw row.Wrong($"{prompt.GetArrayLength()} messages in 'prompt'", expected, "give the conversation up to the response"),
            _ => throw row.WrongField("prompt", prompt, expected),
        };
    }

    private static string Content(RowFields row, JsonElement message, int index) =>
        message.ValueKind == JsonValueKind.Object && message.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.String
            ? content.GetString()!
            : throw row.WrongField($"prompt[{index}]", message, "a message {\"role\": …, \"content\": …}");

    private static WeightedSection Section(string name, double weight, WeightedSubset[] subsets) => new(name, weight, subsets, subsets.Sum(subset => subset.PublishedItems));

    private static WeightedSubset Counted(string name, int pairs) => new(name, pairs, pairs);
}
