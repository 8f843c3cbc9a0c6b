using System.Collections.Immutable;
using Prefer.Evaluation.Diagnosis;
using Prefer.Report.Page;

namespace Prefer.Report.Evaluation;

/// <summary>What is odd about data, encoding and rewards.</summary>
internal static class DiagnosisSection
{
    public static ReportSection? Of(DiagnosisMetrics? diagnosis, ContaminationMetrics? contamination)
    {
        if (diagnosis is null && contamination is null)
        {
            return null;
        }
        ImmutableArray<Finding> findings = [.. diagnosis?.Findings ?? [], .. contamination?.Finding is { } found ? [found] : ImmutableArray<Finding>.Empty];
        return new ReportSection("diagnosis", "Diagnosis")
        {
            Body = Markup.Of($"{Findings(findings)}{(diagnosis is null ? Markup.Empty : Counts(diagnosis))}{(contamination is null ? Markup.Empty : Contamination(contamination))}"),
        };
    }

    private static Markup Findings(ImmutableArray<Finding> findings) => findings.IsEmpty ? Markup.Of($"<p>Nothing odd was found.</p>\n") : Markup.Of($"""
        <ul class="findings">
        {findings.Select(finding => Markup.Of($"""<li class="{Name(finding.Severity)}"><strong>{Name(finding.Severity)}:</strong> {finding.What} <span class="aside">{finding.Advice}</span></li>{"\n"}"""))}</ul>

        """);

    private static Markup Counts(DiagnosisMetrics diagnosis)
    {
        List<ImmutableArray<string>> rows =
        [
            ["pairs read", NumberText.Count(diagnosis.Pairs)],
            ["pairs scored", NumberText.Count(diagnosis.ScoredPairs)],
            ["pairs with a control token of a chat template in their text", NumberText.Count(diagnosis.ControlTokenPairs)],
            ["pairs with the marks of a transcript inside a message", NumberText.Count(diagnosis.TranscriptPairs)],
            ["pairs of several turns", NumberText.Count(diagnosis.SeveralTurnsPairs)],
            ["pairs whose rewards are far apart", NumberText.Count(diagnosis.SaturatedPairs)],
            ["pairs with equal rewards", NumberText.Count(diagnosis.EqualRewards)],
            ["mean of all rewards", NumberText.Number(diagnosis.RewardMean)],
            ["their standard deviation", NumberText.Number(diagnosis.RewardDeviation)],
        ];
        if (diagnosis.Tokens is { } tokens)
        {
            rows.AddRange(
            [
                ["tokens", NumberText.Count(tokens.Tokens)],
                ["responses that were truncated", NumberText.Count(tokens.Truncated)],
                ["responses with a doubled start token", NumberText.Count(tokens.DoubledStart)],
                ["responses without a start token", NumberText.Count(tokens.MissingStart)],
                ["unknown tokens", NumberText.Count(tokens.Unknown)],
            ]);
        }
        if (diagnosis.TrainingOverlap is { } overlap)
        {
            rows.AddRange(
            [
                ["prompts that the training data has too", $"{NumberText.Count(overlap.PromptsInTraining)} of {NumberText.Count(overlap.Prompts)}"],
                ["pairs that the training data has too", $"{NumberText.Count(overlap.PairsInTraining)} of {NumberText.Count(overlap.Pairs)}"],
            ]);
        }
        return new DataTable("What was counted", ["figure", "value"], [.. rows]).ToMarkup();
    }

    private static Markup Contamination(ContaminationMetrics contamination) => Markup.Of($"""
        {new DataTable($"Texts that share runs of {contamination.NgramLength} words with other files", ["texts", "looked at", "too short", "share any", "contaminated", "share"],
        [
            Row("prompts", contamination.Prompts), Row("responses", contamination.Responses),
        ]).ToMarkup()}{(contamination.Offenders.Count == 0 ? Markup.Empty : new DataTable("Those that share most", ["row", "part", "share", "first match", "stands in"],
        [
            .. contamination.Offenders.Select(ImmutableArray<string> (offender) => [offender.Origin ?? "", offender.Part, NumberText.Share(offender.Share), offender.Match ?? "", offender.Source ?? ""]),
        ]).ToMarkup())}
        """);

    private static ImmutableArray<string> Row(string name, OverlapMetrics overlap) =>
        [name, NumberText.Count(overlap.Texts), NumberText.Count(overlap.TooShort), NumberText.Count(overlap.Overlapping), NumberText.Count(overlap.Contaminated), NumberText.Share(overlap.ContaminatedShare)];

    private static string Name(Severity severity) => severity switch
    {
        Severity.Fault => "fault",
        Severity.Warning => "warning",
        _ => "note",
    };
}
