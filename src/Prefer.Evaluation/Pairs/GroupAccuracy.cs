using Prefer.Statistics;

namespace Prefer.Evaluation;

/// <summary>The accuracy on some of the pairs.</summary>
public sealed record GroupAccuracy
{
    /// <summary>How many they are.</summary>
    public required long Pairs { get; init; }

    /// <summary>Null of no pairs.</summary>
    public required double? Accuracy { get; init; }

    /// <summary>Wilson's interval, which takes pairs as independent.</summary>
    public required Interval? AccuracyCi95 { get; init; }

    /// <summary>Clustered by prompt; null with a single prompt.</summary>
    public required Interval? AccuracyCi95ByPrompt { get; init; }

    internal static GroupAccuracy Of(IEnumerable<(double Credit, int Prompt)> pairs)
    {
        var (credits, prompts) = (pairs.Select(pair => pair.Credit).ToArray(), pairs.Select(pair => pair.Prompt).ToArray());
        var mean = credits.Length == 0 ? null : ClusteredMean.Of(credits, prompts);
        return new GroupAccuracy
        {
            Pairs = credits.Length,
            Accuracy = mean?.Mean,
            AccuracyCi95 = mean is null ? null : Proportion.Wilson(CompensatedSum.Of(credits), credits.Length),
            AccuracyCi95ByPrompt = mean is { ClusterCount: > 1 } ? mean.Interval : null,
        };
    }
}
