using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Prefer.Data;
using Prefer.Evaluation;
using Prefer.Evaluation.Benchmarks;

namespace Prefer.Cli.Verbs;

/// <summary>The scorers of <c>prefer eval</c> that are no model.</summary>
internal enum ScorerKind
{
    Length,
    Refusal,
    Bow,
    Random,
}

/// <summary>What <c>prefer eval</c> is asked for.</summary>
internal sealed record EvalOptions : RewardOptions
{
    [Description("The model folder; needed unless --scorer names a baseline to measure. Folders with commas between are one ensemble; further ones are set beside the first.")]
    public IReadOnlyList<string> Model { get; init; } = [];

    [Description("How the rewards of an ensemble become one: their mean, the lowest, or their mean less their standard deviation.")]
    public CombineRule Combine { get; init; }

    [Description("Files of comparisons; globs; '-' for standard input.")]
    public required IReadOnlyList<string> Data { get; init; }

    [Description("A published benchmark that --data has the files of; scored as its own code does.")]
    public BenchmarkKind? Benchmark { get; init; }

    [Description("Baselines to set beside the model, or to measure alone: the longer response, the one that refuses, a bag of words fitted on --fit, numbers drawn with --seed.")]
    public IReadOnlyList<ScorerKind> Scorer { get; init; } = [];

    [Description("Files of comparisons that the bag of words is fitted on.")]
    public IReadOnlyList<string> Fit { get; init; } = [];

    [Description("The files hold ratings: correlations of rewards and scores instead of comparisons.")]
    public bool Ratings { get; init; }

    [Description("At most this many comparisons, one of each prompt first, have their responses changed in ways that must and must not matter; about 12 scored responses each.")]
    [Range(0, int.MaxValue)]
    public int Robustness { get; init; }

    [Description("Files in which runs of the data's words are looked for, such as what the model was trained on.")]
    public IReadOnlyList<string> Contamination { get; init; } = [];

    [Description("Words in such a run.")]
    [Range(1, int.MaxValue)]
    public int NgramLength { get; init; } = 8;

    [Description("Write the temperature that fits these comparisons into the model folder's prefer.json.")]
    public bool Calibrate { get; init; }

    [Description("A folder for result.json, all figures with what they were made of, and report.html, the page that shows them.")]
    public string? Output { get; init; }

    [Description("Replace the evaluation that --output holds.")]
    public bool Overwrite { get; init; }

    [Description("Write the figures into the model folder's README.md, the card that the hub shows.")]
    public bool Card { get; init; }

    [Description("Seed of what is drawn: random rewards, resamples, halves, samples.")]
    [Range(0, int.MaxValue)]
    public int Seed { get; init; }

    [Description("Other names of columns, ours first: prompt=question,chosen=better. Dots lead into nested ones.")]
    public string? Columns { get; init; }

    [Description("What to do with a row that cannot be read: stop, or skip it and say so.")]
    public OnBadRow OnBadRow { get; init; }
}
