namespace Prefer.Cli.Verbs;

/// <summary>The verbs, in the order in which <c>prefer --help</c> lists them.</summary>
internal static class AllVerbs
{
    public static IReadOnlyList<Verb> List { get; } =
    [
        EvalVerb.Verb,
        ScoreVerb.Verb,
    ];
}
