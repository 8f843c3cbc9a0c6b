using System.Text.Json.Nodes;
using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>A key that a config leaves out means what Hugging Face's config class gives it (configuration_*.py of the family).</summary>
public sealed class ConfigDefaultTests
{
    private static readonly int[][] Sequences = [[5, 6, 7, 8, 9, 10, 11, 12, 13], [1, 9, 0, 30, 11], [40]];

    [Theory]
    [InlineData("roberta", """{ "hidden_act": "gelu", "layer_norm_eps": 1e-12, "type_vocab_size": 2, "pad_token_id": 1, "is_decoder": false }""")]
    [InlineData("xlm-roberta", """{ "hidden_act": "gelu", "layer_norm_eps": 1e-12, "type_vocab_size": 2, "pad_token_id": 1 }""")]
    [InlineData("electra", """{ "hidden_act": "gelu", "layer_norm_eps": 1e-12, "type_vocab_size": 2, "pad_token_id": 0, "embedding_size": 128 }""")]
    [InlineData("bert", """{ "hidden_act": "gelu", "layer_norm_eps": 1e-12, "type_vocab_size": 2, "pad_token_id": 0 }""")]
    [InlineData("deberta-v2", """
        { "hidden_act": "gelu", "layer_norm_eps": 1e-7, "type_vocab_size": 0, "pad_token_id": 0, "max_position_embeddings": 512, "max_relative_positions": -1,
          "position_buckets": -1, "norm_rel_ebd": "none", "share_att_key": false, "pooler_hidden_act": "gelu", "position_biased_input": true, "pooler_hidden_size": 48 }
        """)]
    [InlineData("deberta-v2", """{ "relative_attention": false, "pos_att_type": null }""")]
    [InlineData("modernbert", """
        { "hidden_activation": "gelu", "norm_eps": 1e-5, "norm_bias": false, "attention_bias": false, "mlp_bias": false, "classifier_bias": false, "classifier_activation": "gelu",
          "classifier_pooling": "cls", "local_attention": 128, "global_attn_every_n_layers": 3, "max_position_embeddings": 8192, "layer_types": null,
          "rope_parameters": { "full_attention": { "rope_type": "default", "rope_theta": 160000.0 }, "sliding_attention": { "rope_type": "default", "rope_theta": 10000.0 } } }
        """)]
    public void A_missing_key_is_its_default(string family, string defaults)
    {
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(ModelFixture.Folder(family), "config.json")))!.AsObject();
        foreach (var (key, value) in JsonNode.Parse(defaults)!.AsObject())
        {
            config[key] = value?.DeepClone();
        }
        using var scope = new TensorScope();
        using var whole = ModelFixture.Draw(config.ToJsonString(), DType.Float32, seed: 4);
        foreach (var (key, _) in JsonNode.Parse(defaults)!.AsObject())
        {
            config.Remove(key);
        }
        using var bare = ModelFixture.Draw(config.ToJsonString(), DType.Float32, seed: 4);

        Assert.Equal(whole.Parameters.Names.Select(whole.Describe), bare.Parameters.Names.Select(bare.Describe));
        Assert.Equal(Step(whole), Step(bare));
    }

    // Rewards, and the gradient of the token embedding, which shows the padding row.
    private static float[] Step(ModelFixture model)
    {
        var rewards = model.ForestRewards(Sequences);
        rewards.Sum().Backward();
        return [.. rewards.ToArray<float>(), .. model.Parameters[model.Family.TokenEmbedding].Gradient()!.ToArray<float>()];
    }
}
