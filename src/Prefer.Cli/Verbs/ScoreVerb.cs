using System.Collections.Immutable;
using System.ComponentModel;
using System.Globalization;
using System.Text.Json.Nodes;
using Prefer.Data;
using Prefer.Evaluation;

namespace Prefer.Cli.Verbs;

/// <summary>What <c>prefer score</c> is asked for.</summary>
internal sealed record ScoreOptions : RowScoringOptions
{
    [Description("Files of rows with messages, prompt and response, text, or input_ids; globs; '-' for standard input.")]
    public override required IReadOnlyList<string> Data { get; init; }
}

/// <summary><c>prefer score</c>: one line a row, in the order of the rows.</summary>
internal static class ScoreVerb
{
    private const string Name = "score";

    public static Verb Verb { get; } = Verb.Of<ScoreOptions>(Name, "Reward responses: one line out for each row in.", Run);

    private static int Run(ScoreOptions options, Terminal terminal) =>
        RowScoring.Run(new RowVerb<Candidate>(Name, source => source.Candidates(), candidate => [candidate], ToJson, ToText), options, terminal);

    private static JsonObject ToJson(Candidate candidate, ImmutableArray<double> rewards, RewardScale scale)
    {
        var line = candidate.PassedThrough();
        line["reward"] = scale.Apply(rewards[0]);
        return line;
    }

    private static string ToText(Candidate candidate, ImmutableArray<double> rewards, RewardScale scale) =>
        string.Create(CultureInfo.InvariantCulture, $"{scale.Apply(rewards[0]):0.######}\t{candidate.Id ?? Preview.Of(Text(candidate.Response))}");

    private static string Text(Response response) => response.IsTokenized ? string.Join(' ', response.InputIds) : response.Text;
}
