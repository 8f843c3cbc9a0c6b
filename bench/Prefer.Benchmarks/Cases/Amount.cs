namespace Prefer.Benchmarks.Cases;

/// <summary>How much the cases of a run do. Models and shapes are those of their names, but for <see cref="Tiny"/>.</summary>
/// <param name="Name">As the command line has it.</param>
/// <param name="StepCount">Optimizer steps of eight pairs that are timed.</param>
/// <param name="ScoredBatchCount">Batches of sixteen rows that are scored.</param>
/// <param name="PromptCount">Prompts of best-of.</param>
/// <param name="ResponseCount">Responses to each.</param>
/// <param name="PairCount">Pairs of the data that batches are chosen from.</param>
/// <param name="PeakSize">Rows of the largest matrix product.</param>
/// <param name="PeakProductCount">Products that are timed.</param>
/// <param name="Shrinks">Whether models and shapes are small ones, which say nothing about speed: for tests.</param>
internal sealed record Amount(
    string Name, int StepCount, int ScoredBatchCount, int PromptCount, int ResponseCount, int PairCount, int PeakSize, int PeakProductCount, bool Shrinks)
{
    internal static Amount Full { get; } = new("full", 2, 4, 2, 16, 2000, 2048, 7, false);

    internal static Amount Quick { get; } = new("quick", 1, 1, 1, 16, 500, 1024, 5, false);

    internal static Amount Tiny { get; } = new("tiny", 2, 1, 1, 4, 40, 64, 3, true);

    internal static Amount Of(string name) =>
        Array.Find([Full, Quick, Tiny], amount => amount.Name == name) ?? throw new UsageException($"--amount {name}: expected full, quick or tiny");
}
