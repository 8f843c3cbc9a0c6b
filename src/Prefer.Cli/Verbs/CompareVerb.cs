using System.ComponentModel;
using System.Globalization;
using Prefer.Data;
using Prefer.Evaluation;
using Prefer.Statistics;

namespace Prefer.Cli.Verbs;

/// <summary>What <c>prefer compare</c> is asked for.</summary>
internal sealed record CompareOptions : RewardOptions
{
    [Description("The model folder.")]
    public required string Model { get; init; }

    [Description("What the two responses answer.")]
    public required string Prompt { get; init; }

    [Description("Response A and response B.")]
    public required IReadOnlyList<string> Responses { get; init; }
}

/// <summary>What <c>prefer compare --json</c> prints.</summary>
/// <param name="Preferred"><c>A</c> or <c>B</c>; null when the rewards are equal.</param>
/// <param name="Probability">σ(|margin| / temperature): how probably a person who judges as the model does prefers that response; one half when the rewards are equal.</param>
/// <param name="RewardA">Reward of response A.</param>
/// <param name="RewardB">Reward of response B.</param>
/// <param name="Margin">Reward of A minus reward of B.</param>
/// <param name="Temperature">That of the folder's calibration; null where it has none, and the margin is taken as it stands.</param>
internal sealed record ComparedResponses(string? Preferred, double Probability, double RewardA, double RewardB, double Margin, double? Temperature);

/// <summary><c>prefer compare</c>: which of two responses to a prompt the model prefers.</summary>
internal static class CompareVerb
{
    public static Verb Verb { get; } = Verb.Of<CompareOptions>("compare", "Say which of two responses a model prefers.", Run, nameof(CompareOptions.Responses));

    private static int Run(CompareOptions options, Terminal terminal)
    {
        if (options.Responses.Count != 2)
        {
            throw new UsageException($"<responses>: found {options.Responses.Count}, expected two: prefer compare --model DIR --prompt TEXT A B");
        }

        using var model = Engine.Load(options.Model, options, terminal);
        var scored = new ModelScorer(model).Score([options.Responses], responses => [.. responses.Select(text => Answer(options.Prompt, text))], skipped: null).Single().Responses;
        var result = Compare(scored[0].Reward, scored[1].Reward, model.Calibration?.Temperature?.Value);
        if (scored.Any(response => response.Tokens is { RemovedCount: > 0 }))
        {
            terminal.Warn($"truncated to {model.Encoder.Options.MaxLength} tokens.");
        }

        if (terminal.IsJson)
        {
            terminal.Json(result);
            return 0;
        }

        terminal.Table(null, ["", "reward", "response"], [["A", Number(result.RewardA), Preview.Of(options.Responses[0])], ["B", Number(result.RewardB), Preview.Of(options.Responses[1])]]);
        terminal.Note(result.Preferred is null
            ? "Both have the same reward."
            : string.Create(CultureInfo.InvariantCulture, $"{result.Preferred} is preferred with probability {result.Probability:0.0000}{(result.Temperature is { } temperature ? $", at the folder's temperature of {temperature:0.####}" : "")}."));
        return 0;
    }

    /// <summary>What two rewards say.</summary>
    internal static ComparedResponses Compare(double rewardA, double rewardB, double? temperature)
    {
        var margin = rewardA - rewardB;
        return new ComparedResponses(margin > 0 ? "A" : margin < 0 ? "B" : null, Logistic.Sigmoid(Math.Abs(margin) / (temperature ?? 1)), rewardA, rewardB, margin, temperature);
    }

    private static Candidate Answer(string prompt, string response) => new() { Prompt = prompt.Length == 0 ? [] : [new Message("user", prompt)], Response = Response.FromText(response) };

    private static string Number(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);
}
