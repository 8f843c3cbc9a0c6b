using Prefer.Data;

namespace Prefer.Evaluation.Diagnosis;

/// <summary>What of the evaluation data the model was trained on, told by the fingerprints in its folder.</summary>
public sealed record TrainingOverlap
{
    /// <summary>Distinct prompts of the training data.</summary>
    public required long TrainingPrompts { get; init; }

    /// <summary>Distinct prompts of the evaluation data.</summary>
    public required long Prompts { get; init; }

    /// <summary>Those that the training data has too.</summary>
    public required long PromptsInTraining { get; init; }

    /// <summary>Share of <see cref="Prompts"/>; null without any.</summary>
    public required double? PromptShare { get; init; }

    /// <summary>Comparisons of the evaluation data.</summary>
    public required long Pairs { get; init; }

    /// <summary>Those that the training data has too, with either response chosen.</summary>
    public required long PairsInTraining { get; init; }

    /// <summary>Share of <see cref="Pairs"/>; null without any.</summary>
    public required double? PairShare { get; init; }
}

/// <summary>Counts it.</summary>
internal sealed class TrainingOverlapTally(DataFingerprints training)
{
    private readonly HashSet<string> prompts = new(StringComparer.Ordinal);
    private long pairs, pairsInTraining, promptsInTraining;

    public void Add(Comparison comparison)
    {
        pairs++;
        pairsInTraining += training.HasPair(comparison) ? 1 : 0;
        if (prompts.Add(PromptFingerprint.Of(comparison)))
        {
            promptsInTraining += training.HasPrompt(comparison) ? 1 : 0;
        }
    }

    public TrainingOverlap Result() => new()
    {
        TrainingPrompts = training.Prompts.Length,
        Prompts = prompts.Count,
        PromptsInTraining = promptsInTraining,
        PromptShare = prompts.Count == 0 ? null : (double)promptsInTraining / prompts.Count,
        Pairs = pairs,
        PairsInTraining = pairsInTraining,
        PairShare = pairs == 0 ? null : (double)pairsInTraining / pairs,
    };
}
