using System.Collections.Immutable;
using System.Globalization;

namespace Prefer.Models;

/// <summary>
/// How the numbers that a head gives become one reward: Σ weight·logit over its labels, read at one token. Part of <c>prefer.json</c>
/// where it is not the plain reading of a head with one label.
/// </summary>
public sealed record RewardReading
{
    // Names of the better one of two labels, and of the worse, that classifiers are published with.
    private static readonly string[] Better = ["positive", "pos", "chosen", "preferred", "good", "better", "accept", "accepted", "acceptable", "yes", "true", "safe", "helpful", "human-preferred"];
    private static readonly string[] Worse = ["negative", "neg", "rejected", "dispreferred", "bad", "worse", "reject", "unacceptable", "no", "false", "unsafe", "unhelpful", "harmful", "toxic"];

    /// <summary>The head's labels, in its order.</summary>
    public required ImmutableArray<string> Labels { get; init; }

    /// <summary>One weight a label.</summary>
    public required ImmutableArray<double> Weights { get; init; }

    /// <summary>
    /// Whether the reward is read at the last token whatever it is, as trainers other than Hugging Face's read it; otherwise where
    /// Hugging Face reads that family.
    /// </summary>
    public bool ReadsLastToken { get; init; }

    /// <summary>The same reading (records compare arrays by reference).</summary>
    public bool SameAs(RewardReading? other) =>
        other is not null && ReadsLastToken == other.ReadsLastToken && Labels.SequenceEqual(other.Labels) && Weights.SequenceEqual(other.Weights);

    /// <summary>In words: <c>helpfulness·0.7 + verbosity·−0.3</c>.</summary>
    public override string ToString() => string.Join(" + ", Labels.Zip(Weights).Where(pair => pair.Second != 0).Select(pair =>
        pair.Second == 1 ? pair.First : string.Create(CultureInfo.InvariantCulture, $"{pair.Second:r}·{pair.First}")));

    /// <summary>The reading of a head: what was asked for, else what was recorded, else the only sensible one.</summary>
    /// <param name="folder">The model folder, for messages.</param>
    /// <param name="labels">The head's labels.</param>
    /// <param name="readsLastToken">Where a reading begins that is not recorded.</param>
    /// <param name="recorded">What <c>prefer.json</c> says, or null.</param>
    /// <param name="options">What was asked for.</param>
    /// <returns>The reading, and a sentence about it where it was neither asked for nor the only one.</returns>
    /// <exception cref="ModelException">No such label, or several labels and no choice.</exception>
    internal static (RewardReading Reading, string? Notice) Choose(string folder, ImmutableArray<string> labels, bool readsLastToken, RewardReading? recorded, LoadOptions options)
    {
        if (recorded is not null && !(recorded.Labels.SequenceEqual(labels) && recorded.Weights.Length == labels.Length && recorded.Weights.All(double.IsFinite)))
        {
            throw new ModelException($"{folder}: {ModelRecord.FileName} reads the labels {string.Join(", ", recorded.Labels)} with {recorded.Weights.Length} weights, but the head has {Listed(labels)}. The two are of different models: restore the folder.");
        }
        var reading = new RewardReading { Labels = labels, Weights = [], ReadsLastToken = recorded?.ReadsLastToken ?? readsLastToken };
        if (options is { RewardLabel: not null, RewardWeights: not null })
        {
            throw new ModelException("--reward-label and --reward-weights were both given; one of them says what the reward is.");
        }
        if (options.RewardLabel is { } label)
        {
            return (reading with { Weights = One(labels, Find(folder, labels, label, "--reward-label")) }, null);
        }
        if (options.RewardWeights is { } weights)
        {
            return (reading with { Weights = Parse(folder, labels, weights) }, null);
        }
        if (recorded is not null)
        {
            return (recorded, null);
        }
        return labels.Length switch
        {
            1 => (reading with { Weights = [1] }, null),
            2 => OfTwo(reading),
            _ => throw new ModelException($"{folder}: the head has {Listed(labels)}, and which of them is the reward is for you to say: --reward-label NAME, or --reward-weights NAME=WEIGHT,NAME=WEIGHT."),
        };
    }

    /// <summary>The logit difference, which is the log odds of the better label.</summary>
    private static (RewardReading, string) OfTwo(RewardReading reading)
    {
        var labels = reading.Labels;
        bool Is(int index, string[] names) => names.Contains(labels[index], StringComparer.OrdinalIgnoreCase);
        var firstIsBetter = (Is(0, Better) && !Is(1, Better)) || (Is(1, Worse) && !Is(0, Worse));
        var secondIsBetter = (Is(1, Better) && !Is(0, Better)) || (Is(0, Worse) && !Is(1, Worse));
        var better = firstIsBetter && !secondIsBetter ? 0 : 1;
        var reason = firstIsBetter == secondIsBetter ? "; their names do not tell which is the better one, so the second is taken for it" : "";
        return (
            reading with { Weights = better == 0 ? [1, -1] : [-1, 1] },
            $"The head has two labels: the reward is the logit of {labels[better]} minus that of {labels[1 - better]}{reason}. --reward-label or --reward-weights says otherwise.");
    }

    private static ImmutableArray<double> Parse(string folder, ImmutableArray<string> labels, string text)
    {
        var weights = new double?[labels.Length];
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var split = part.LastIndexOf('=');
            if (split < 1 || !double.TryParse(part.AsSpan(split + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out var weight) || !double.IsFinite(weight))
            {
                throw new ModelException($"--reward-weights: found '{part}', expected NAME=WEIGHT, such as {labels[0]}=0.5; several with commas between.");
            }
            var index = Find(folder, labels, part[..split].Trim(), "--reward-weights");
            if (weights[index] is not null)
            {
                throw new ModelException($"--reward-weights: {labels[index]} stands there twice.");
            }
            weights[index] = weight;
        }
        return weights.Any(weight => weight is not null and not 0)
            ? [.. weights.Select(weight => weight ?? 0)]
            : throw new ModelException("--reward-weights: all weights are 0, so every reward would be.");
    }

    private static int Find(string folder, ImmutableArray<string> labels, string name, string flag)
    {
        foreach (var comparison in new[] { StringComparison.Ordinal, StringComparison.OrdinalIgnoreCase })
        {
            var found = Enumerable.Range(0, labels.Length).Where(index => labels[index].Equals(name, comparison)).ToList();
            if (found.Count == 1)
            {
                return found[0];
            }
        }
        return int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < labels.Length
            ? number
            : throw new ModelException($"{flag}: found '{name}', but the head of {folder} has {Listed(labels)}. Give one of these names, or a number from 0.");
    }

    private static ImmutableArray<double> One(ImmutableArray<string> labels, int index) => [.. labels.Select((_, other) => other == index ? 1.0 : 0)];

    private static string Listed(ImmutableArray<string> labels) => labels.Length == 1 ? $"one label, {labels[0]}" : $"{labels.Length} labels ({string.Join(", ", labels)})";
}
