using System.Text.Json.Nodes;
using Prefer.Models;
using Prefer.Models.Families;
using Prefer.Models.Forest;
using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>Configs that would change results and are not supported, or are wrong: each refused with the field and what it may be.</summary>
public sealed class ModelConfigTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("bert", "model_type", "\"t5\"", "model_type is t5, which is not supported. Supported: bert, distilbert, roberta")]
    [InlineData("bert", "model_type", null, "model_type is missing; expected a string")]
    [InlineData("bert", "model_type", "3", "model_type is 3; expected a string")]
    [InlineData("bert", "position_embedding_type", "\"relative_key\"", "position_embedding_type is \"relative_key\": relative positions are not implemented. Supported: \"absolute\"")]
    [InlineData("bert", "is_decoder", "true", "is_decoder is true: a BERT decoder is not a reward model. Supported: false")]
    [InlineData("bert", "add_cross_attention", "true", "add_cross_attention is true")]
    [InlineData("bert", "hidden_act", "\"softer\"", "hidden_act is \"softer\"; expected one of gelu, gelu_new")]
    [InlineData("bert", "hidden_size", "\"48\"", "hidden_size is \"48\"; expected a whole number")]
    [InlineData("bert", "hidden_size", "48.5", "hidden_size is 48.5; expected a whole number")]
    [InlineData("bert", "hidden_size", "-48", "hidden_size is -48; expected a positive whole number")]
    [InlineData("bert", "hidden_size", null, "hidden_size is missing; expected a whole number")]
    [InlineData("bert", "num_attention_heads", "5", "num_attention_heads is 5; expected a divisor of hidden_size, 48")]
    [InlineData("bert", "layer_norm_eps", "\"tiny\"", "layer_norm_eps is \"tiny\"; expected a number")]
    [InlineData("bert", "pad_token_id", "[0]", "pad_token_id is [0]; expected a whole number")]
    [InlineData("distilbert", "activation", "\"softer\"", "activation is \"softer\"; expected one of gelu")]
    [InlineData("distilbert", "n_heads", "5", "n_heads is 5; expected a divisor of dim, 48")]
    [InlineData("roberta", "position_embedding_type", "\"relative_key_query\"", "position_embedding_type is \"relative_key_query\": relative positions are not implemented. Supported: \"absolute\"")]
    [InlineData("roberta", "is_decoder", "true", "is_decoder is true: a RoBERTa decoder is not a reward model. Supported: false")]
    [InlineData("roberta", "pad_token_id", "null", "pad_token_id is missing; expected a token id: positions are counted from it")]
    [InlineData("roberta", "max_position_embeddings", "2", "max_position_embeddings is 2; expected more than 2: positions begin behind pad_token_id")]
    [InlineData("electra", "position_embedding_type", "\"relative_key\"", "position_embedding_type is \"relative_key\": relative positions are not implemented")]
    [InlineData("electra", "embedding_size", "0", "embedding_size is 0; expected a positive whole number")]
    [InlineData("deberta-v2", "pos_att_type", "[\"c2c\"]", "pos_att_type is [\"c2c\"]; expected c2p and p2c, in a list or in a string with | between")]
    [InlineData("deberta-v2", "pos_att_type", "3", "pos_att_type is 3; expected c2p and p2c")]
    [InlineData("deberta-v2", "position_buckets", "1", "position_buckets is 1; expected at least 2")]
    [InlineData("deberta-v2", "max_relative_positions", "5", "position_buckets is 8; expected at least 2, and less than twice the farthest relative position, 4")]
    [InlineData("deberta-v2", "attention_head_size", "16", "attention_head_size is 16: Hugging Face's output layer takes heads of hidden_size / num_attention_heads. Supported: 12")]
    [InlineData("deberta-v2", "pooler_hidden_size", "32", "pooler_hidden_size is 32: Hugging Face's pooler reads hidden_size. Supported: 48")]
    [InlineData("deberta-v2", "conv_kernel_size", "4", "conv_kernel_size is 4; expected an odd number")]
    [InlineData("deberta-v2", "z_steps", "2", "z_steps is 2: the last layer is not run again. Supported: 0")]
    [InlineData("modernbert", "classifier_pooling", "\"max\"", "classifier_pooling is \"max\": the reward would be read elsewhere. Supported: \"cls\" or \"mean\"")]
    [InlineData("modernbert", "layer_types", "[\"full_attention\"]", "expected full_attention or sliding_attention for each of 4 layers")]
    [InlineData("modernbert", "rope_parameters", """{ "full_attention": { "rope_type": "yarn", "rope_theta": 1e4 } }""", "expected rope_type default: scaled rotary positions of ModernBERT are not supported")]
    [InlineData("modernbert", "rope_scaling", """{ "rope_type": "linear", "factor": 2.0 }""", "expected null: scaled rotary positions of ModernBERT are not supported")]
    [InlineData("modernbert", "num_attention_heads", "16", "num_attention_heads is 16; expected heads of even size")]
    [InlineData("gpt2", "activation_function", "\"none\"", "activation_function is \"none\"; expected one of gelu")]
    [InlineData("gpt2", "add_cross_attention", "true", "add_cross_attention is true")]
    [InlineData("gpt2", "scale_attn_weights", "1", "scale_attn_weights is 1; expected true or false")]
    [InlineData("gpt2", "n_head", "5", "n_head is 5; expected a divisor of n_embd, 48")]
    [InlineData("llama", "rope_scaling", """{ "type": "mrope", "factor": 2.0 }""", "rope_scaling: type is \"mrope\"; expected default, linear, dynamic, llama3, yarn or longrope")]
    [InlineData("llama", "rope_parameters", """{ "rope_type": "llama3", "rope_theta": 5e5, "factor": 8 }""", "rope_parameters: low_freq_factor is missing; expected a number")]
    [InlineData("llama", "rope_parameters", """{ "rope_theta": "big" }""", "rope_parameters: rope_theta is \"big\"; expected a number")]
    [InlineData("llama", "rope_parameters", "10000", "rope_parameters is 10000; expected an object")]
    [InlineData("llama", "rope_scaling", """{ "factor": 2.0 }""", "rope_scaling is {\"factor\":2.0}; expected an object with a rope_type")]
    [InlineData("llama", "num_key_value_heads", "3", "num_key_value_heads is 3; expected a divisor of num_attention_heads, 4")]
    [InlineData("llama", "head_dim", "11", "12 of a head's 11 columns would be turned by the rotary positions")]
    [InlineData("llama", "hidden_act", "\"softer\"", "hidden_act is \"softer\"; expected one of")]
    [InlineData("llama", "partial_rotary_factor", "0.5", "partial_rotary_factor is 0.5; expected 1: this family turns whole heads")]
    [InlineData("llama", "rope_scaling", """{ "rope_type": "linear" }""", "rope_scaling: factor is missing; expected a number")]
    [InlineData("llama", "rope_scaling", """{ "rope_type": "linear", "factor": 0 }""", "rope_scaling: factor is 0; expected a number above 0")]
    [InlineData("llama", "rope_scaling", """{ "full_attention": { "rope_type": "default" } }""", "expected one object for all layers")]
    [InlineData("llama", "rope_parameters", """{ "rope_theta": -1 }""", "the base of the rotary positions is -1; a number above 0 was expected")]
    [InlineData("phi3-longrope", "rope_parameters", """{ "rope_type": "longrope", "short_factor": [1, 1], "long_factor": [1, 1] }""", "rope_parameters: short_factor is [1,1]; expected a list of 8 numbers")]
    [InlineData("gemma2", "use_bidirectional_attention", "true", "use_bidirectional_attention is true: such a model is no decoder. Supported: false")]
    [InlineData("gemma2", "layer_types", """["full_attention"]""", "expected 3 entries, each full_attention or sliding_attention")]
    [InlineData("gemma2", "layer_types", """["full_attention", "chunked_attention", "full_attention"]""", "expected 3 entries, each full_attention or sliding_attention")]
    [InlineData("gemma2", "sliding_window", "null", "sliding_window is missing; expected a whole number")]
    [InlineData("gemma3", "rope_parameters", """{ "rope_type": "default", "rope_theta": 1e4 }""", "expected an object with full_attention and sliding_attention")]
    [InlineData("qwen2", "layer_types", """["sliding_attention", "full_attention"]""", "expected no sliding_attention without use_sliding_window")]
    [InlineData("gpt_neox", "rope_parameters", """{ "rope_theta": 1e4, "partial_rotary_factor": 0.05 }""", "0 of a head's 12 columns would be turned by the rotary positions, which turn pairs; a number from 2 to 12 was expected")]
    [InlineData("opt", "num_attention_heads", "5", "num_attention_heads is 5; expected a divisor of hidden_size, 48")]
    [InlineData("llama", "attention_bias", "\"yes\"", "attention_bias is \"yes\"; expected true or false")]
    public void A_config_that_is_not_supported_is_refused(string family, string key, string? value, string message)
    {
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(ModelFixture.Folder(family), "config.json")))!.AsObject();
        json.Remove(key);
        if (value is not null)
        {
            json[key] = JsonNode.Parse(value);
        }
        var path = folder.File("config.json");
        File.WriteAllText(path, json.ToJsonString());
        var error = Assert.Throws<ModelException>(() => Make(path));
        Assert.StartsWith($"{path}: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{ \"model_type\": ", "not valid JSON")]
    [InlineData("[1]", "found Array where a config object was expected")]
    [InlineData("null", "found null where a config object was expected")]
    [InlineData("{ \"model_type\": \"bert\", \"model_type\": \"gpt2\" }", "not valid JSON")]
    public void A_file_that_is_no_config_is_refused(string text, string message)
    {
        var path = folder.File("config.json");
        File.WriteAllText(path, text);
        var error = Assert.Throws<ModelException>(() => ModelConfig.Load(path));
        Assert.StartsWith($"{path}: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_config_is_refused()
    {
        var error = Assert.Throws<ModelException>(() => ModelConfig.Load(folder.File("config.json")));
        Assert.Contains("config.json: not found. A model folder has config.json", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_are_read_alike_from_text_and_from_nodes_made_here()
    {
        foreach (var json in new[] { new JsonObject { ["one"] = 1, ["theta"] = 10000 }, JsonNode.Parse("""{ "one": 1, "theta": 10000 }""") })
        {
            var config = ModelConfig.From(json, "here");
            Assert.Equal((1, 10000, 7), (config.Count("one"), config.Number("theta"), config.Count("two", 7)));
        }
    }

    [Theory]
    [InlineData("{}", null)]
    [InlineData("""{ "eos_token_id": null }""", null)]
    [InlineData("""{ "eos_token_id": 2 }""", 2)]
    [InlineData("""{ "eos_token_id": [5, 2] }""", 5)]
    public void The_end_token_is_the_first_of_several(string json, int? expected) =>
        Assert.Equal(expected, ModelConfig.From(JsonNode.Parse(json), "here").EndTokenId);

    [Fact]
    public void An_end_token_that_is_no_number_is_refused()
    {
        var config = ModelConfig.From(JsonNode.Parse("""{ "eos_token_id": ["</s>"] }"""), "here");
        var error = Assert.Throws<ModelException>(() => config.EndTokenId);
        Assert.Equal("""here: eos_token_id is ["\u003C/s\u003E"]; expected a whole number or a list of them""", error.Message);
    }

    [Fact]
    public void Both_spellings_of_the_rotary_base_are_read()
    {
        static double Theta(string json)
        {
            var config = ModelConfig.From(JsonNode.Parse(json), "here");
            config.Json["max_position_embeddings"] = 32;
            return Rotary.Of(config, headSize: 4).Theta;
        }
        Assert.Equal(500, Theta("""{ "rope_theta": 500 }"""));
        Assert.Equal(500, Theta("""{ "rope_theta": 500.0, "rope_scaling": null }"""));
        Assert.Equal(500, Theta("""{ "rope_parameters": { "rope_type": "default", "rope_theta": 500.0 } }"""));
        Assert.Equal(10000, Theta("{}"));
    }

    [Theory]
    [InlineData("mistral", "num_key_value_heads", 8)]
    [InlineData("mistral", "sliding_window", 4096)]
    [InlineData("gemma2", "attn_logit_softcapping", 50)]
    [InlineData("gemma3_text", "rope_theta", 1000000)]
    [InlineData("olmo2", "pad_token_id", 1)]
    [InlineData("qwen3", "head_dim", 128)]
    public void What_a_config_does_not_say_is_as_hugging_face_has_it_unless_it_says_null(string family, string key, int expected)
    {
        var config = ModelConfig.From(new JsonObject { ["model_type"] = family }, "here");
        Assert.True(config.Has(key));
        Assert.Equal(expected, config.Number(key));
        config.Json[key] = null;
        Assert.False(config.Has(key));
    }

    private static void Make(string path)
    {
        var config = ModelConfig.Load(path);
        var family = Family.Of(config, path);
        using var parameters = new ParameterSet(null, DType.Float32, "cpu");
        family.Create(config, parameters, new Head.Labels(1));
    }
}
