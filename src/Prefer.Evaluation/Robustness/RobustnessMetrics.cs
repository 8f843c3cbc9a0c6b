using Prefer.Statistics;

namespace Prefer.Evaluation.Robustness;

/// <summary>What a change that must not matter does to verdicts and rewards. docs/metrics.md defines every number.</summary>
public sealed record HarmlessMetrics
{
    /// <summary>Comparisons of the sample that it applies to, on one side at least.</summary>
    public required int Pairs { get; init; }

    /// <summary>Responses that it applies to, chosen and rejected.</summary>
    public required int Responses { get; init; }

    /// <summary>Responses whose change turned the verdict.</summary>
    public required int Flips { get; init; }

    /// <summary>Share of <see cref="Responses"/>.</summary>
    public required double? FlipRate { get; init; }

    /// <summary>Wilson's interval for it, which takes responses as independent.</summary>
    public required Interval? FlipRateCi95 { get; init; }

    /// <summary>Its interval clustered by prompt; null with a single prompt.</summary>
    public required Interval? FlipRateCi95ByPrompt { get; init; }

    /// <summary>The rewards' changes.</summary>
    public required RewardChange? Change { get; init; }
}

/// <summary>How often a change that must matter lowers the reward of a chosen response.</summary>
public sealed record HarmfulMetrics
{
    /// <summary>Comparisons of the sample that it applies to.</summary>
    public required int Pairs { get; init; }

    /// <summary>Those whose damaged chosen response has a lower reward than the undamaged one.</summary>
    public required int Falls { get; init; }

    /// <summary>Share of <see cref="Pairs"/>.</summary>
    public required double? FallRate { get; init; }

    /// <summary>Wilson's interval for it, which takes pairs as independent.</summary>
    public required Interval? FallRateCi95 { get; init; }

    /// <summary>Its interval clustered by prompt; null with a single prompt.</summary>
    public required Interval? FallRateCi95ByPrompt { get; init; }

    /// <summary>The rewards' changes, negative where they fall.</summary>
    public required RewardChange? Change { get; init; }
}

/// <summary>Changed minus unchanged reward, in standard deviations of the sample's rewards.</summary>
/// <param name="Mean">Their mean.</param>
/// <param name="MeanAbsolute">The mean of their amounts.</param>
/// <param name="P05">The 5th percentile, between order statistics by linear interpolation.</param>
/// <param name="Median">The median.</param>
/// <param name="P95">The 95th percentile.</param>
public sealed record RewardChange(double Mean, double MeanAbsolute, double P05, double Median, double P95);

/// <summary>How a scorer answers to changes of responses.</summary>
public sealed record RobustnessMetrics
{
    /// <summary>Comparisons of the sample.</summary>
    public required int Pairs { get; init; }

    /// <summary>Responses that were scored, changed ones included.</summary>
    public required int Scored { get; init; }

    /// <summary>What the sample and the changes were drawn with.</summary>
    public required int Seed { get; init; }

    /// <summary>Standard deviation of the unchanged rewards, chosen and rejected; null below two.</summary>
    public required double? RewardDeviation { get; init; }

    /// <summary>By the change's name.</summary>
    public required IReadOnlyDictionary<string, HarmlessMetrics> MustNotMatter { get; init; }

    /// <summary>By the change's name.</summary>
    public required IReadOnlyDictionary<string, HarmfulMetrics> MustMatter { get; init; }
}
