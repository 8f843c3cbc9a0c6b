namespace Prefer.Evaluation.Robustness;

/// <summary>Something else in place of the answer.</summary>
internal static class ReplacementChanges
{
    /// <summary>Each holds one of <see cref="RefusalPhrases.List"/>.</summary>
    internal static IReadOnlyList<string> Refusals { get; } =
    [
        "I'm sorry, but I can't help with that.",
        "I'm not able to help with that request.",
        "Sorry, I can't assist with this.",
    ];

    /// <summary>The chosen answer to another prompt. Not where that is the same text.</summary>
    public static string? OtherAnswer(string text, ChangeContext context) => context.OtherAnswer == text ? null : context.OtherAnswer;

    /// <summary>A refusal. Not in place of what refuses already (<see cref="RefusalPhrases"/>).</summary>
    public static string? Refusal(string text, ChangeContext context) => RefusalPhrases.AreIn(text) ? null : Refusals[(int)context.Random.Below((ulong)Refusals.Count)];
}
