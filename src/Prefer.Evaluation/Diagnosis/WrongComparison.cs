using System.Collections.Immutable;
using Prefer.Data;
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

    internal static WrongComparison Of(Comparison comparison, double chosen, double rejected, long index) => new()
    {
        Index = index,
        Origin = comparison.Origin?.ToString(),
        Id = comparison.Id,
        Subset = comparison.Subset,
        Prompt = comparison.Prompt,
        Chosen = comparison.Chosen.IsTokenized ? null : comparison.Chosen.Text,
        Rejected = comparison.Rejected.IsTokenized ? null : comparison.Rejected.Text,
        ChosenReward = chosen,
        RejectedReward = rejected,
        Difference = chosen - rejected,
        Probability = Logistic.Sigmoid(chosen - rejected),
    };
}
