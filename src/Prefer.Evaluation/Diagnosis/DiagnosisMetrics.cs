namespace Prefer.Evaluation.Diagnosis;

/// <summary>What is odd about data, encoding and rewards of an evaluation. docs/metrics.md defines every number. Numbers about tokens are null for scorers that read none.</summary>
public sealed record DiagnosisMetrics
{
    /// <summary>Comparisons read.</summary>
    public required long Pairs { get; init; }

    /// <summary>Comparisons that were scored.</summary>
    public required long ScoredPairs { get; init; }

    /// <summary>Comparisons whose sides are the same.</summary>
    public required long Identical { get; init; }

    /// <summary>Comparisons with an empty side.</summary>
    public required long Empty { get; init; }

    /// <summary>The sequences, where the scorer reads tokens.</summary>
    public required TokenDiagnosis? Tokens { get; init; }

    /// <summary>Scored comparisons with a control token of a chat template in their text.</summary>
    public required long ControlTokenPairs { get; init; }

    /// <summary>Of each control token that occurs, in how many scored comparisons it does.</summary>
    public required IReadOnlyDictionary<string, long> ControlTokens { get; init; }

    /// <summary>Scored comparisons with the marks of a transcript inside a message.</summary>
    public required long TranscriptPairs { get; init; }

    /// <summary>Scored comparisons with more than one turn in prompt or response.</summary>
    public required long SeveralTurnsPairs { get; init; }

    /// <summary>Scored comparisons whose rewards differ by more than <see cref="DiagnosisCollector.SaturationDifference"/>.</summary>
    public required long SaturatedPairs { get; init; }

    /// <summary>Share of <see cref="ScoredPairs"/>; null without any.</summary>
    public required double? SaturatedShare { get; init; }

    /// <summary>Scored comparisons with equal rewards, ties included.</summary>
    public required long EqualRewards { get; init; }

    /// <summary>Mean of all rewards; null without any.</summary>
    public required double? RewardMean { get; init; }

    /// <summary>Standard deviation of all rewards; null below two.</summary>
    public required double? RewardDeviation { get; init; }

    /// <summary>What of the data the model was trained on; null where its folder does not say.</summary>
    public required TrainingOverlap? TrainingOverlap { get; init; }

    /// <summary>The comparisons it is most wrong about: the most negative differences first, the earlier of equal ones.</summary>
    public required IReadOnlyList<WrongComparison> Wrong { get; init; }

    /// <summary>All of it in words, the gravest first.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }
}

/// <summary>What is odd about the sequences that a model read.</summary>
public sealed record TokenDiagnosis
{
    /// <summary>Scored responses.</summary>
    public required long Responses { get; init; }

    /// <summary>Tokens of them all, special ones included.</summary>
    public required long Tokens { get; init; }

    /// <summary>Responses that truncation shortened.</summary>
    public required long Truncated { get; init; }

    /// <summary>Share of <see cref="Responses"/>.</summary>
    public required double TruncatedShare { get; init; }

    /// <summary>Pairs whose sides truncation made the same.</summary>
    public required long BecameIdenticalByTruncation { get; init; }

    /// <summary>Responses whose first two tokens are both the start token; null where the model has none.</summary>
    public required long? DoubledStart { get; init; }

    /// <summary>Responses without the start token; null where the model has none.</summary>
    public required long? MissingStart { get; init; }

    /// <summary>Tokens that stand for what the tokenizer does not know; null where nothing is unknown to it.</summary>
    public required long? Unknown { get; init; }

    /// <summary>Share of <see cref="Tokens"/>.</summary>
    public required double? UnknownShare { get; init; }

    /// <summary>Tokens whose id the training data did not have; null where the folder does not say which it had.</summary>
    public long? Unseen { get; init; }

    /// <summary>Share of <see cref="Tokens"/>.</summary>
    public double? UnseenShare { get; init; }

    /// <summary>The most frequent of those, at most twenty.</summary>
    public IReadOnlyList<UnseenToken> UnseenTokens { get; init; } = [];
}

/// <summary>A token that the training data did not have.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Text">As the vocabulary writes it; null where there is no tokenizer.</param>
/// <param name="Count">How often it occurs.</param>
public sealed record UnseenToken(int Id, string? Text, long Count);
