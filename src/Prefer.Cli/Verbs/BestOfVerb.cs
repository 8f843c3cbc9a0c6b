using System.Collections.Immutable;
using System.ComponentModel;
using System.Globalization;
using System.Text.Json.Nodes;
using Prefer.Data;
using Prefer.Evaluation;
using Prefer.Models;

namespace Prefer.Cli.Verbs;

/// <summary>What <c>prefer best-of</c> is asked for.</summary>
internal sealed record BestOfOptions : RowScoringOptions
{
    [Description("Files of rows with prompt or messages, and responses; globs; '-' for standard input.")]
    public override required IReadOnlyList<string> Data { get; init; }
}

/// <summary><c>prefer best-of</c>: of each row's responses the one that the model rewards most. The prompt is computed once for all of them.</summary>
internal static class BestOfVerb
{
    private const string Name = "best-of";

    public static Verb Verb { get; } = Verb.Of<BestOfOptions>(Name, "Choose the best of several responses: one line out for each row in.", Run);

    private static int Run(BestOfOptions options, Terminal terminal) =>
        RowScoring.Run(new RowVerb<Slate>(Name, source => source.Slates(), slate => slate.Candidates(), ToJson, ToText), options, terminal);

    private static JsonObject ToJson(Slate slate, ImmutableArray<double> rewards, RewardScale scale)
    {
        var best = Best(rewards, scale);
        var line = slate.PassedThrough();
        line["best"] = best.Index;
        line["response"] = Content(slate.Responses[best.Index]);
        line["rewards"] = new JsonArray([.. best.Rewards.Select(reward => JsonValue.Create(reward))]);
        line["margin"] = best.Margin;
        return line;
    }

    private static string ToText(Slate slate, ImmutableArray<double> rewards, RewardScale scale)
    {
        var best = Best(rewards, scale);
        return string.Create(CultureInfo.InvariantCulture, $"{best.Index}\t{best.Rewards[best.Index]:0.######}\t{best.Margin:0.######}\t{slate.Id ?? Preview.Of(slate.Responses[best.Index].Text)}");
    }

    /// <summary>The best by its reward, since probabilities near 1 may be equal; rewards and margin as they are given out.</summary>
    private static BestResponse Best(ImmutableArray<double> rewards, RewardScale scale) =>
        BestResponse.Of([.. rewards.Select(scale.Apply)]) with { Index = BestResponse.Of(rewards).Index };

    /// <summary>A response as a row gives it: its text where it is one assistant's turn, otherwise its messages.</summary>
    private static JsonNode Content(Response response) => response.Turns is [{ Role: "assistant" } only]
        ? JsonValue.Create(only.Content)
        : new JsonArray([.. response.Turns.Select(turn => new JsonObject { ["role"] = turn.Role, ["content"] = turn.Content })]);
}
