using System.Collections.Immutable;
using Prefer.Data;
using Prefer.Models;
using Prefer.Statistics;

namespace Prefer.Evaluation.Diagnosis;

/// <summary>A comparison whose rejected response got the higher reward, with its texts.</summary>
public sealed record WrongComparison
{
    /// <summary>Which of the comparisons read, from 0.</summary>
    public required long Index { get; init; }

    /// <summary>Where it was read, as file:line, or null.</summary>
    public required string? Origin { get; init; }

    /// <summary>The row's own id, or null.</summary>
    public required string? Id { get; init; }

    /// <summary>The subset it is reported under, or null.</summary>
    public required string? Subset { get; init; }

    /// <summary>The conversation before the responses; empty where the row has none.</summary>
    public required ImmutableArray<Message> Prompt { get; init; }

    /// <summary>The chosen response, its turns joined; null where it is token ids.</summary>
    public required string? Chosen { get; init; }

    /// <summary>The rejected one, likewise.</summary>
    public required string? Rejected { get; init; }

    /// <summary>Reward of the chosen response.</summary>
    public required double ChosenReward { get; init; }

    /// <summary>Reward of the rejected response.</summary>
    public required double RejectedReward { get; init; }

    /// <summary>Chosen minus rejected; negative.</summary>
    public required double Difference { get; init; }

    /// <summary>σ(difference), what the scorer takes the chosen response's chance for.</summary>
    public required double Probability { get; init; }

    /// <summary>The tokens of the chosen response with the reward read at each; null where the model cannot say.</summary>
    public IReadOnlyList<TokenReward>? ChosenTokens { get; init; }

    /// <summary>Those of the rejected one.</summary>
    public IReadOnlyList<TokenReward>? RejectedTokens { get; init; }

    /// <summary>What the scorer read of the two; null for one that reads no tokens.</summary>
    internal (EncodedSequence Chosen, EncodedSequence Rejected)? Sequences { get; init; }

    /// <summary>The same with the reward at each token of the responses, where the model can say.</summary>
    public WrongComparison WithTokenRewards(RewardModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (Sequences is not { } read)
        {
            return this;
        }

        // Where nobody marked the response, it begins where the two part.
        var parted = read.Chosen.Ids.AsSpan().CommonPrefixLength(read.Rejected.Ids.AsSpan());
        EncodedSequence Marked(EncodedSequence sequence) => sequence.ResponseStart > 0 ? sequence : sequence with { ResponseStart = Math.Min(parted, sequence.Ids.Length - 1) };
        return this with { ChosenTokens = model.TokenRewards(Marked(read.Chosen)), RejectedTokens = model.TokenRewards(Marked(read.Rejected)) };
    }

    internal static WrongComparison Of(Comparison comparison, ScoredResponse chosen, ScoredResponse rejected, long index) => new()
    {
        Index = index,
        Origin = comparison.Origin?.ToString(),
        Id = comparison.Id,
        Subset = comparison.Subset,
        Prompt = comparison.Prompt,
        Chosen = comparison.Chosen.IsTokenized ? null : comparison.Chosen.Text,
        Rejected = comparison.Rejected.IsTokenized ? null : comparison.Rejected.Text,
        ChosenReward = chosen.Reward,
        RejectedReward = rejected.Reward,
        Difference = chosen.Reward - rejected.Reward,
        Probability = Logistic.Sigmoid(chosen.Reward - rejected.Reward),
        Sequences = chosen.Tokens is { } first && rejected.Tokens is { } second ? (first, second) : null,
    };
}
