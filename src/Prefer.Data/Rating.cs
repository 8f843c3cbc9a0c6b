namespace Prefer.Data;

/// <summary>A response with a score, of a Likert scale for instance; the score is taken as it stands.</summary>
public sealed record Rating : Judgement
{
    /// <summary>What was rated.</summary>
    public required Response Response { get; init; }

    /// <summary>The score, any finite number; higher is better.</summary>
    public required double Score { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<Response> AllResponses => [Response];
}
