using System.Collections.Immutable;

namespace Prefer.Data;

/// <summary>A response with a score, of a Likert scale for instance; the score is taken as it stands.</summary>
public sealed record Rating : Judgement
{
    /// <summary>What was rated.</summary>
    public required Response Response { get; init; }

    /// <summary>The score, any finite number; higher is better. Of several raters the mean of those who gave one.</summary>
    public required double Score { get; init; }

    /// <summary>One score a rater, null where a rater gave none; the same place is the same rater throughout a file. Empty where the row has one number and no list.</summary>
    public ImmutableArray<double?> RaterScores { get; init; } = [];

    /// <summary>What was rated of the response, <c>helpfulness</c> for instance; null where the row does not say.</summary>
    public string? Dimension { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<Response> AllResponses => [Response];
}
