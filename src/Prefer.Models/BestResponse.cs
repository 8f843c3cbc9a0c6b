using System.Collections.Immutable;

namespace Prefer.Models;

/// <summary>Which of several responses a model rewards most.</summary>
/// <param name="Index">0-based; the first of equals.</param>
/// <param name="Rewards">Of every response, in order.</param>
/// <param name="Margin">The best reward minus the second best; null of a single response.</param>
public sealed record BestResponse(int Index, ImmutableArray<double> Rewards, double? Margin)
{
    /// <summary>What rewards say.</summary>
    /// <param name="rewards">At least one; none of them NaN.</param>
    public static BestResponse Of(ImmutableArray<double> rewards)
    {
        if (rewards.IsEmpty)
        {
            throw new ArgumentException("no response to choose from; at least one was expected", nameof(rewards));
        }
        var best = rewards.IndexOf(rewards.Max());
        double? second = rewards.Length > 1 ? rewards.Where((_, index) => index != best).Max() : null;
        return new BestResponse(best, rewards, rewards[best] - second);
    }
}
