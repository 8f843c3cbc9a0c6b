using System.Text.Json.Nodes;
using Prefer.Data;
using Prefer.Models;

namespace Prefer.Benchmarks.Cases;

/// <summary>Many responses to one prompt. The data has two each, so the responses are those of other prompts.</summary>
internal static class BestOfCase
{
    internal static JsonObject Run(Preparation preparation, string name, Precision precision, Way way)
    {
        PeakCase.CheckFaster(precision);
        using var model = ScoreCase.Open(preparation, name, precision, way);
        var amount = preparation.Amount;
        Comparison[] rows = [.. preparation.Comparisons()];
        // Prompts of median length, so that few of them stand for the data.
        var prompts = rows.OrderBy(row => row.Prompt.Sum(turn => turn.Length)).Skip((rows.Length - amount.PromptCount) / 2).Take(amount.PromptCount);
        EncodedSequence[][] batches = [.. prompts.Select(row => rows.Take(amount.ResponseCount).Select(other => model.Encode(row.Prompt, other.Chosen)).ToArray())];
        var seconds = ScoreCase.Seconds(model, precision, way, batches, out var rewards);
        var tokens = TokenCount.Of(model, batches);
        return new JsonObject
        {
            ["responses"] = amount.ResponseCount,
            ["prompts_per_second"] = batches.Length / seconds,
            ["real_tokens_per_second"] = tokens.Real / seconds,
            ["real_tokens"] = tokens.Real,
            ["computed_tokens"] = way == Way.Padded ? tokens.Padded : tokens.Packed,
            ["gflops"] = ScoreCase.Operations(model, way, tokens) / seconds / 1e9,
            ["rewards"] = new JsonArray([.. rewards.Select(reward => (JsonNode)reward)]),
        };
    }
}
