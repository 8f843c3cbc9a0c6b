using Prefer.Data;

namespace Prefer.Evaluation.Benchmarks;

/// <summary>The published benchmarks that can be scored; docs/benchmarks.md has their files and formulas.</summary>
public enum BenchmarkKind
{
    Rewardbench,
    Rewardbench2,
    RmBench,
    Llmbar,
    Judgebench,
    Pandalm,
}

/// <summary>How a benchmark's rows are read and what its score is. One instance for each reading of the rows.</summary>
internal abstract class Benchmark
{
    public static Benchmark Of(BenchmarkKind kind) => kind switch
    {
        BenchmarkKind.Rewardbench => new RewardBench(),
        BenchmarkKind.Rewardbench2 => new RewardBench2(),
        BenchmarkKind.RmBench => new RmBench(),
        BenchmarkKind.Llmbar => new LlmBar(),
        BenchmarkKind.Judgebench => new JudgeBench(),
        _ => new PandaLm(),
    };

    /// <summary>The item of a row.</summary>
    /// <exception cref="DataException">The row is not of the benchmark's layout.</exception>
    public abstract BenchmarkItem Read(RowFields row);

    /// <summary>The result of all items, one at least, without what is counted while scoring.</summary>
    public abstract BenchmarkResult Score(IReadOnlyList<ScoredItem> items);

    /// <summary>The known name that a text stands for, whatever its case.</summary>
    /// <exception cref="DataException">There is none.</exception>
    protected static string Known(string name, string field, IReadOnlyCollection<string> names, RowFields row) =>
        names.FirstOrDefault(known => known.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw row.Wrong($"'{name}' in '{field}'", $"one of {string.Join(", ", names)}", NearestName.Of(name, names) is { } nearest ? $"did you mean '{nearest}'?" : "check that the file is the benchmark's own");
}
