namespace Prefer.Cli.Verbs;

/// <summary>The verbs, in the order in which <c>prefer --help</c> lists them.</summary>
internal static class AllVerbs
{
    public static IReadOnlyList<Verb> List { get; } =
    [
        TrainVerb.Verb,
        WatchVerb.Verb,
        EvalVerb.Verb,
        ReportVerb.Verb,
        ScoreVerb.Verb,
        BestOfVerb.Verb,
        CompareVerb.Verb,
        CalibrateVerb.Verb,
        LogprobsVerb.Verb,
        Verb.Group("data", "Look at comparisons, count, convert, split and clean them.", DataInspectVerb.Verb, DataStatsVerb.Verb, DataAgreementVerb.Verb, DataConvertVerb.Verb, DataSplitVerb.Verb, DataDedupeVerb.Verb),
        Verb.Group("tokenizer", "Make tokenizers.", TokenizerTrainVerb.Verb),
        TokenizeVerb.Verb,
        RenderVerb.Verb,
        DoctorVerb.Verb,
    ];
}
