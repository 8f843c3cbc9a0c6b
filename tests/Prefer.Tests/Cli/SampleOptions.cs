using System.Collections.Immutable;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Prefer.Tests.Cli;

/// <summary>An options record with one property of each kind that the binder knows.</summary>
internal sealed record SampleOptions
{
    [Description("Where the model is.")]
    public required string Model { get; init; }

    [Description("Files of comparisons.")]
    public IReadOnlyList<string> Data { get; init; } = [];

    [Description("Peak learning rate.")]
    [Range(0, double.PositiveInfinity, MinimumIsExclusive = true)]
    public double LearningRate { get; init; } = 1e-5;

    [Description("How the learning rate falls.")]
    public SampleSchedule LrSchedulerType { get; init; } = SampleSchedule.Linear;

    [Description("Fraction of the steps to warm up in.")]
    [Range(0.0, 1.0)]
    public double WarmupRatio { get; init; } = 0.1;

    [Description("Steps at most.")]
    [Range(1, int.MaxValue)]
    public int? MaxSteps { get; init; }

    [Description("Start of the random numbers.")]
    public ulong Seed { get; init; } = 42;

    [Description("Take the rows in another order each epoch.")]
    public bool Shuffle { get; init; } = true;

    [Description("Write over an earlier run.")]
    public bool Overwrite { get; init; }

    [Description("Cut points.")]
    public ImmutableArray<double> Levels { get; init; } = [0.5];

    [Description("A remark.")]
    public string? Remark { get; init; }

    public double TwiceTheRate => LearningRate * 2;
}

internal enum SampleSchedule
{
    Linear,
    Cosine,
    ConstantWithWarmup,
}
