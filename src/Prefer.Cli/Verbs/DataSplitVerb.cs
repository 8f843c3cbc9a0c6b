using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Prefer.Data;

namespace Prefer.Cli.Verbs;

/// <summary>What <c>prefer data split</c> is asked for.</summary>
internal sealed record DataSplitOptions
{
    [Description("Files of comparisons, globs, or - for standard input.")]
    public required IReadOnlyList<string> Data { get; init; }

    [Description("Folder to write train.jsonl and eval.jsonl into.")]
    public required string Output { get; init; }

    [Description("Share of the comparisons that goes to eval.jsonl.")]
    [Range(0.0, 1.0, MinimumIsExclusive = true, MaximumIsExclusive = true)]
    public double EvalFraction { get; init; } = 0.1;

    [Description("Number of comparisons that goes to eval.jsonl, instead of a share.")]
    [Range(1, int.MaxValue)]
    public int? EvalCount { get; init; }

    [Description("What stays on one side: rows of the same prompt, or dialogues with the same first turn.")]
    public SplitKey Key { get; init; } = SplitKey.Prompt;

    [Description("Another seed holds out other prompts.")]
    public int Seed { get; init; } = 42;

    [Description("Other names of columns, ours first: prompt=question,chosen=better. Dots lead into nested ones.")]
    public string? Columns { get; init; }

    [Description("What to do with a row that cannot be read.")]
    public OnBadRow OnBadRow { get; init; } = OnBadRow.Stop;

    [Description("Write over existing files.")]
    public bool Overwrite { get; init; }
}

/// <summary><c>prefer data split</c>: two files with no prompt in common.</summary>
internal static class DataSplitVerb
{
    public static Verb Verb { get; } = Verb.Of<DataSplitOptions>("split", "Hold out comparisons for evaluation, with no prompt on both sides.", Run, nameof(DataSplitOptions.Data));

    private static int Run(DataSplitOptions options, Terminal terminal)
    {
        var (trainPath, evalPath) = (Path.Combine(options.Output, "train.jsonl"), Path.Combine(options.Output, "eval.jsonl"));
        ComparisonFiles.RefuseExisting(trainPath, options.Overwrite);
        ComparisonFiles.RefuseExisting(evalPath, options.Overwrite);

        var (comparisons, _) = ComparisonFiles.Load(options.Data, options.OnBadRow, options.Columns, terminal);
        var split = options.EvalCount is { } count
            ? PromptSplit.ByCount(comparisons, count, options.Seed, options.Key)
            : PromptSplit.ByFraction(comparisons, options.EvalFraction, options.Seed, options.Key);

        Directory.CreateDirectory(options.Output);
        ComparisonWriter.Save(trainPath, split.Kept);
        ComparisonWriter.Save(evalPath, split.HeldOut);
        terminal.Note($"wrote {split.Kept.Length} comparisons to {trainPath} and {split.HeldOut.Length} to {evalPath}");
        if (terminal.IsJson)
        {
            terminal.Json(new { TrainCount = split.Kept.Length, EvalCount = split.HeldOut.Length, Train = trainPath, Eval = evalPath });
        }

        return 0;
    }
}
