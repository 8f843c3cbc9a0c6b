using System.Text.Json.Nodes;
using Prefer.Models.Files;
using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>A config that is saved in the older spelling still means the same network: equal rewards with equal weights, for every switch.</summary>
public sealed class OlderSpellingTests
{
    private const string Small = """
        "vocab_size": 8, "max_position_embeddings": 12, "hidden_size": 12, "intermediate_size": 10, "num_attention_heads": 3, "num_hidden_layers": 2, "num_key_value_heads": 1, "head_dim": 4
        """;

    private static readonly Dictionary<string, string> Newer = new()
    {
        ["llama, yarn"] = """
            { SMALL, "model_type": "llama", "rope_parameters": { "rope_type": "yarn", "rope_theta": 50.0, "factor": 4.0, "original_max_position_embeddings": 5,
              "attention_factor": 0.8, "beta_fast": 2.0, "beta_slow": 0.1, "truncate": false } }
            """,
        ["llama, llama3"] = """
            { SMALL, "model_type": "llama", "rope_parameters": { "rope_type": "llama3", "rope_theta": 50.0, "factor": 4.0, "original_max_position_embeddings": 5,
              "low_freq_factor": 1.0, "high_freq_factor": 4.0 } }
            """,
        ["llama, dynamic"] = """
            { SMALL, "model_type": "llama", "rope_parameters": { "rope_type": "dynamic", "rope_theta": 50.0, "factor": 4.0 } }
            """,
        ["qwen2, layer types by the switches"] = """
            { SMALL, "model_type": "qwen2", "rope_parameters": { "rope_type": "default", "rope_theta": 50.0 }, "use_sliding_window": true, "sliding_window": 2, "max_window_layers": 1,
              "layer_types": ["full_attention", "sliding_attention"] }
            """,
        ["qwen3, layer types of its own"] = """
            { SMALL, "model_type": "qwen3", "rope_parameters": { "rope_type": "default", "rope_theta": 50.0 }, "use_sliding_window": true, "sliding_window": 2, "max_window_layers": 1,
              "layer_types": ["sliding_attention", "full_attention"] }
            """,
        ["gemma2, layer types of its own"] = """
            { SMALL, "model_type": "gemma2", "rope_parameters": { "rope_type": "linear", "factor": 2.0, "rope_theta": 50.0 }, "sliding_window": 2,
              "layer_types": ["full_attention", "sliding_attention"] }
            """,
        ["gemma3, linear"] = """
            { SMALL, "model_type": "gemma3_text", "sliding_window": 2, "sliding_window_pattern": 2, "layer_types": ["sliding_attention", "full_attention"],
              "rope_parameters": { "full_attention": { "rope_type": "linear", "factor": 8.0, "rope_theta": 500.0 }, "sliding_attention": { "rope_type": "default", "rope_theta": 20.0 } } }
            """,
        ["gemma3, both kinds scaled, layer types of its own"] = """
            { SMALL, "model_type": "gemma3_text", "sliding_window": 2, "layer_types": ["full_attention", "sliding_attention"],
              "rope_parameters": { "full_attention": { "rope_type": "dynamic", "factor": 8.0, "rope_theta": 500.0 }, "sliding_attention": { "rope_type": "linear", "factor": 2.0, "rope_theta": 20.0 } } }
            """,
        ["phi3, longrope with explicit factors"] = """
            { SMALL, "model_type": "phi3", "rope_parameters": { "rope_type": "longrope", "rope_theta": 50.0, "partial_rotary_factor": 0.5, "factor": 3.0, "attention_factor": 1.3,
              "short_factor": [1.5], "long_factor": [4.0] }, "original_max_position_embeddings": 6 }
            """,
        ["gpt_neox, linear over half the head"] = """
            { "model_type": "gpt_neox", "vocab_size": 8, "max_position_embeddings": 12, "hidden_size": 12, "intermediate_size": 10, "num_attention_heads": 3, "num_hidden_layers": 2,
              "rope_parameters": { "rope_type": "linear", "factor": 2.0, "rope_theta": 50.0, "partial_rotary_factor": 0.5 } }
            """,
    };

    public static TheoryData<string> Names() => [.. Newer.Keys, .. DecoderVariants.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_saved_config_is_the_same_network(string name)
    {
        var text = Newer.TryGetValue(name, out var newer) ? newer.Replace("SMALL", Small, StringComparison.Ordinal) : DecoderVariants.All[name];
        using var before = ModelFixture.Draw(text, DType.Float64, seed: 7);
        var saved = SavedConfig.Of(before.Config, before.Family);
        using var after = ModelFixture.Draw(saved.ToJsonString(), DType.Float64, seed: 7);
        using var scope = new TensorScope();
        int[][] sequences = [[1, 2, 3, 4, 5, 6, 7, 1, 2, 3, 4, 5, 6, 1], [1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6, 7, 3]];
        Assert.Equal(before.ForestRewards(sequences).ToArray<double>(), after.ForestRewards(sequences).ToArray<double>());
        if (name != "gemma3, both kinds scaled, layer types of its own")
        {
            Assert.False(saved.ContainsKey("rope_parameters"));
        }
        Assert.Equal(name.Contains("of its own", StringComparison.Ordinal) || name == "qwen3, biases, window by layer type", saved.ContainsKey("layer_types"));
        Assert.True(JsonNode.DeepEquals(saved, SavedConfig.Of(after.Config, after.Family)), "saving twice changes the config");
    }
}
