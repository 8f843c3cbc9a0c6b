using System.Globalization;
using Prefer.Models;

namespace Prefer.Evaluation.Diagnosis;

/// <summary>Figures of a diagnosis as sentences, where they pass a threshold.</summary>
internal static class DiagnosisFindings
{
    /// <summary>Share of truncated responses from which truncation is a warning.</summary>
    internal const double TruncatedShare = 0.05;

    /// <summary>Share of tokens from which unknown ones are a warning.</summary>
    internal const double UnknownShare = 0.01;

    /// <summary>Share of tokens from which those that training did not have are a warning.</summary>
    internal const double UnseenShare = 0.01;

    /// <summary>Share of pairs from which saturation is a warning.</summary>
    internal const double SaturatedShare = 0.05;

    /// <summary>Share of pairs from which equal rewards are a warning.</summary>
    internal const double EqualShare = 0.05;

    /// <summary>Deviation of rewards, as a share of their mean's amount (of 1 where that is less), below which they do not vary.</summary>
    internal const double CollapsedDeviation = 1e-3;

    /// <summary>Share of prompts or pairs from which training data in the evaluation is a fault.</summary>
    internal const double TrainedShare = 0.01;

    /// <summary>The findings, the gravest first.</summary>
    public static IReadOnlyList<Finding> Of(DiagnosisMetrics metrics, EncodingFacts? facts, bool isLogOdds) =>
        [.. OfData(metrics).Concat(OfTokens(metrics, facts)).Concat(OfTemplate(metrics, facts)).Concat(OfRewards(metrics, isLogOdds)).OrderByDescending(finding => finding.Severity)];

    private static IEnumerable<Finding> OfData(DiagnosisMetrics metrics)
    {
        if (metrics.TrainingOverlap is { PromptsInTraining: > 0 } overlap)
        {
            yield return new Finding(
                overlap.PromptShare >= TrainedShare ? Severity.Fault : Severity.Warning, "prompts_in_training", overlap.PromptsInTraining,
                $"{overlap.PromptsInTraining} of {overlap.Prompts} prompts, and {overlap.PairsInTraining} of {overlap.Pairs} comparisons, were in the model's training data.",
                "Take them out with 'prefer data dedupe EVALUATION TRAINING --output DIR' and train again, or evaluate on other data.");
        }

        if (metrics.Identical > 0)
        {
            yield return new Finding(Severity.Note, "identical", metrics.Identical, $"{Count(metrics.Identical, "comparison has", "comparisons have")} two identical responses; none was scored.", "Take them out with 'prefer data dedupe'.");
        }

        if (metrics.Empty > 0)
        {
            yield return new Finding(Severity.Note, "empty", metrics.Empty, $"{Count(metrics.Empty, "comparison has", "comparisons have")} an empty response; none was scored.", "Take them out with 'prefer data dedupe'.");
        }
    }

    private static IEnumerable<Finding> OfTokens(DiagnosisMetrics metrics, EncodingFacts? facts)
    {
        if (metrics.Tokens is not { } tokens)
        {
            yield break;
        }

        if (tokens.Truncated > 0)
        {
            yield return new Finding(
                tokens.TruncatedShare >= TruncatedShare ? Severity.Warning : Severity.Note, "truncated", tokens.Truncated,
                $"{tokens.Truncated} of {tokens.Responses} responses ({Percent(tokens.TruncatedShare)}) were cut to {facts?.Encoding.MaxLength.ToString(CultureInfo.InvariantCulture) ?? "as many"} tokens{(facts is null ? " as the model reads" : "")}.",
                "Raise --max-length as far as the model's positions go.");
        }

        if (tokens.BecameIdenticalByTruncation > 0)
        {
            yield return new Finding(
                Severity.Warning, "became_identical_by_truncation", tokens.BecameIdenticalByTruncation,
                $"{Count(tokens.BecameIdenticalByTruncation, "comparison has", "comparisons have")} the same tokens on both sides after truncation, and count as wrong.", "Raise --max-length.");
        }

        if (tokens.DoubledStart > 0)
        {
            yield return new Finding(
                Severity.Fault, "doubled_start", tokens.DoubledStart.Value, $"{tokens.DoubledStart} of {tokens.Responses} responses begin with the start token {facts?.StartId} twice.",
                "Take the token out of the text or the ids of the rows: the tokenizer writes it.");
        }

        if (tokens.MissingStart > 0)
        {
            yield return new Finding(
                Severity.Fault, "missing_start", tokens.MissingStart.Value, $"{tokens.MissingStart} of {tokens.Responses} responses lack the start token {facts?.StartId}.",
                "Give the rows as text, put the token in front of their ids, or repair the post_processor of tokenizer.json.");
        }

        if (tokens.Unknown > 0)
        {
            yield return new Finding(
                tokens.UnknownShare >= UnknownShare ? Severity.Warning : Severity.Note, "unknown_tokens", tokens.Unknown.Value,
                $"{tokens.Unknown} of {tokens.Tokens} tokens ({Percent(tokens.UnknownShare!.Value)}) stand for text that the tokenizer does not know.", "Use a model whose tokenizer knows the language or script of the data.");
        }

        if (tokens.Unseen > 0)
        {
            var named = string.Join(", ", tokens.UnseenTokens.Take(5).Select(token => token.Text ?? token.Id.ToString(CultureInfo.InvariantCulture)));
            yield return new Finding(
                tokens.UnseenShare >= UnseenShare ? Severity.Warning : Severity.Note, "unseen_tokens", tokens.Unseen.Value,
                $"{tokens.Unseen} of {tokens.Tokens} tokens ({Percent(tokens.UnseenShare!.Value)}) did not occur in the training data: {named}{(tokens.UnseenTokens.Count > 5 ? ", …" : "")}.",
                "A model that began with fresh weights knows nothing of them; one that was pretrained may.");
        }
    }

    private static IEnumerable<Finding> OfTemplate(DiagnosisMetrics metrics, EncodingFacts? facts)
    {
        if (metrics.ControlTokenPairs > 0)
        {
            yield return new Finding(
                Severity.Warning, "control_tokens", metrics.ControlTokenPairs,
                $"{Count(metrics.ControlTokenPairs, "comparison holds", "comparisons hold")} control tokens of chat templates in the text: {string.Join(", ", metrics.ControlTokens.Keys)}.",
                "Give the turns as messages, without the marks of a template, which is put around them here.");
        }

        if (metrics.TranscriptPairs > 0)
        {
            yield return new Finding(
                Severity.Warning, "transcripts", metrics.TranscriptPairs, $"{Count(metrics.TranscriptPairs, "comparison holds", "comparisons hold")} 'Human:' or 'Assistant:' turns inside a message.",
                "Give them as messages, or as transcripts that begin with such a turn.");
        }

        if (facts is { Encoding: { Mode: EncodingMode.Template, Template: not "chat" }, HasChatTemplate: true, IsRecorded: false })
        {
            yield return new Finding(
                Severity.Warning, "chat_template_unused", metrics.ScoredPairs, "The model's folder has a chat template, and conversations were rendered by the plain one.",
                "Use --template chat, unless the model was trained on the plain form.");
        }

        if (facts is { Encoding.Mode: not EncodingMode.Template } && metrics.SeveralTurnsPairs > 0)
        {
            yield return new Finding(
                facts.IsRecorded ? Severity.Note : Severity.Warning, "several_turns_without_template", metrics.SeveralTurnsPairs,
                $"{Count(metrics.SeveralTurnsPairs, "comparison has", "comparisons have")} several turns, which --encoding {(facts.Encoding.Mode == EncodingMode.Pair ? "pair" : "concat")} joins as plain text.",
                "Make sure that the model was trained so, or use --encoding template.");
        }
    }

    private static IEnumerable<Finding> OfRewards(DiagnosisMetrics metrics, bool isLogOdds)
    {
        if (metrics.RewardDeviation is { } deviation && deviation < CollapsedDeviation * Math.Max(1, Math.Abs(metrics.RewardMean!.Value)))
        {
            yield return new Finding(
                Severity.Fault, "collapsed_rewards", 2 * metrics.ScoredPairs, string.Create(CultureInfo.InvariantCulture, $"All rewards are nearly the same: their standard deviation is {deviation:g3}, their mean {metrics.RewardMean:g4}."),
                "Look for a reward head that was lost or never trained, or for bf16 that rounds small differences away.");
        }

        if (isLogOdds && metrics.SaturatedShare >= SaturatedShare)
        {
            yield return new Finding(
                Severity.Warning, "saturated", metrics.SaturatedPairs,
                $"{metrics.SaturatedPairs} of {metrics.ScoredPairs} comparisons ({Percent(metrics.SaturatedShare.Value)}) have rewards more than {DiagnosisCollector.SaturationDifference} apart.",
                "Do not read the loss as calibrated: fit a temperature with 'prefer calibrate', or train with a centering coefficient or weight decay.");
        }

        if (metrics.ScoredPairs > 0 && metrics.EqualRewards >= EqualShare * metrics.ScoredPairs)
        {
            yield return new Finding(
                Severity.Warning, "equal_rewards", metrics.EqualRewards, $"{metrics.EqualRewards} of {metrics.ScoredPairs} comparisons have equal rewards, which a model gets no credit for.",
                "Score in fp32, and look for truncation that makes sides the same.");
        }
    }

    private static string Count(long count, string one, string many) => $"{count} {(count == 1 ? one : many)}";

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.0} %");
}
