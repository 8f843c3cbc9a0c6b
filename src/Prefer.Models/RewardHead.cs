using System.Collections.Immutable;
using Prefer.Models.Families;
using Prefer.Models.Files;

namespace Prefer.Models;

/// <summary>The reward head of a folder: which one its weights hold, the names of its labels, and how they become a reward.</summary>
/// <param name="Kind">What the network is made with.</param>
/// <param name="IsFresh">Whether the weights hold none, so that it is drawn.</param>
/// <param name="StoredAs">The head's name in the weights, where it is not the family's own.</param>
/// <param name="Labels">Names of the labels; empty for a value head.</param>
internal sealed record RewardHead(Head Kind, bool IsFresh, string? StoredAs, ImmutableArray<string> Labels)
{
    // Heads of one linear layer without bias, under the names that trainers gave them: OpenRLHF's older default, UltraRM and Eurus,
    // Starling and InternLM2. OpenRLHF's config names its own in value_head_prefix.
    private static readonly string[] OtherNames = ["value_head.weight", "regression_head.weight", "reward_head.weight", "v_head.weight"];

    /// <summary>A head to be drawn: one label.</summary>
    internal static RewardHead Fresh { get; } = new(new Head.Labels(1), true, null, [ModelConfig.UnnamedLabel(0)]);

    /// <summary>How it is read; null for a value head, which is one number.</summary>
    internal RewardReading? Reading { get; init; }

    /// <summary>Whether the reward is read at the last token even where that is the pad token, as TRL, LLaMA-Factory and OpenRLHF read it: they go by the attention mask.</summary>
    internal bool ReadsLastToken => Kind is Head.Value || (Reading?.ReadsLastToken ?? false);

    /// <summary>Whether the reward is more than the only logit.</summary>
    internal bool Combines => Reading is { } reading && !(reading.Weights is [1]);

    /// <summary>What stands in <c>prefer.json</c>: nothing for the plain reading.</summary>
    internal RewardReading? Recorded => Combines || Reading is { ReadsLastToken: true } ? Reading : null;

    /// <summary>Finds the head that the weights hold.</summary>
    internal static RewardHead Find(ParameterSet weights, Checkpoint checkpoint, Family family, ModelConfig config)
    {
        config.Require("normalize_reward", "rewards that OpenRLHF normalises by a recorded mean and deviation are not supported", false);
        if (weights.StoredName(family.HeadWeight) is { } stored)
        {
            var rows = checkpoint.Shape(stored) is [var count, _] ? (int)count : 1;
            return OfLabels(config.LabelNames() ?? [.. Enumerable.Range(0, rows).Select(ModelConfig.UnnamedLabel)], null);
        }
        if (!family.IsCausal)
        {
            return Fresh;
        }
        if (weights.StoredName("v_head.summary.weight") is not null)
        {
            return new RewardHead(new Head.Value(), false, null, []);
        }
        var names = config.Has("value_head_prefix") ? OtherNames.Prepend($"{config.Text("value_head_prefix")}.weight") : OtherNames;
        return names.FirstOrDefault(name => weights.StoredName(name) is not null) is { } other ? OfLabels([ModelConfig.UnnamedLabel(0)], other) : Fresh;
    }

    /// <summary>What a person should know of a head that is not Hugging Face's.</summary>
    internal string? Notice() =>
        Kind is Head.Value ? "The reward is that of the value head (v_head), read at the last token."
        : StoredAs is not null ? $"The reward head is {StoredAs}, read at the last token; a saved model has it as score."
        : null;

    private static RewardHead OfLabels(IReadOnlyList<string> labels, string? storedAs) => new(new Head.Labels(labels.Count), false, storedAs, [.. labels]);
}
