namespace Prefer.Data;

/// <summary>What a vote on a comparison says.</summary>
public enum Choice
{
    /// <summary>The chosen response is the better one.</summary>
    Chosen,

    /// <summary>The rejected response is the better one.</summary>
    Rejected,

    /// <summary>Neither is better.</summary>
    Tie,
}

/// <summary>One annotator's vote on a comparison.</summary>
/// <param name="Annotator">Who voted, or null where the row does not say.</param>
/// <param name="Choice">What was voted; null for a vote that is missing.</param>
public readonly record struct Vote(string? Annotator, Choice? Choice)
{
    /// <summary>As a number: 1 for the chosen response, −1 for the rejected one, 0 for a tie; null for a vote that is missing.</summary>
    public double? Value => Choice switch
    {
        Data.Choice.Chosen => 1,
        Data.Choice.Rejected => -1,
        Data.Choice.Tie => 0,
        _ => null,
    };

    /// <summary>The same vote on the pair turned round.</summary>
    public Vote Turned() => this with
    {
        Choice = Choice switch
        {
            Data.Choice.Chosen => Data.Choice.Rejected,
            Data.Choice.Rejected => Data.Choice.Chosen,
            _ => Choice,
        },
    };
}

/// <summary>The systems that wrote the responses of a comparison.</summary>
/// <param name="Chosen">Wrote the chosen response.</param>
/// <param name="Rejected">Wrote the rejected one.</param>
public sealed record SystemPair(string Chosen, string Rejected);
