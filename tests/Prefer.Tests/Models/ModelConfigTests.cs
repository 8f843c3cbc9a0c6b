using System.Text.Json.Nodes;
using Prefer.Models;
using Prefer.Models.Families;
using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>Configs that would change results and are not supported, or are wrong: each refused with the field and what it may be.</summary>
public sealed class ModelConfigTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("bert", "model_type", "\"t5\"", "model_type is t5, which is not supported. Supported: bert, distilbert, gpt2, llama")]
    [InlineData("bert", "model_type", null, "model_type is missing; expected a string")]
    [InlineData("bert", "model_type", "3", "model_type is 3; expected a string")]
    [InlineData("bert", "position_embedding_type", "\"relative_key\"", "position_embedding_type is \"relative_key\": relative positions are not implemented. Supported: \"absolute\"")]
    [InlineData("bert", "is_decoder", "true", "is_decoder is true: a BERT decoder is not a reward model. Supported: false")]
    [InlineData("bert", "add_cross_attention", "true", "add_cross_attention is true")]
    [InlineData("bert", "hidden_act", "\"mish\"", "hidden_act is \"mish\"; expected one of gelu, gelu_new")]
    [InlineData("bert", "id2label", """{ "0": "bad", "1": "good" }""", "the head has 2 labels; a reward model has one")]
    [InlineData("bert", "num_labels", "3", "the head has 3 labels; a reward model has one")]
    [InlineData("bert", "hidden_size", "\"48\"", "hidden_size is \"48\"; expected a whole number")]
    [InlineData("bert", "hidden_size", "48.5", "hidden_size is 48.5; expected a whole number")]
    [InlineData("bert", "hidden_size", "-48", "hidden_size is -48; expected a positive whole number")]
    [InlineData("bert", "hidden_size", null, "hidden_size is missing; expected a whole number")]
    [InlineData("bert", "num_attention_heads", "5", "num_attention_heads is 5; expected a divisor of hidden_size, 48")]
    [InlineData("bert", "layer_norm_eps", "\"tiny\"", "layer_norm_eps is \"tiny\"; expected a number")]
    [InlineData("bert", "pad_token_id", "[0]", "pad_token_id is [0]; expected a whole number")]
    [InlineData("distilbert", "activation", "\"tanh\"", "activation is \"tanh\"; expected one of gelu")]
    [InlineData("distilbert", "n_heads", "5", "n_heads is 5; expected a divisor of dim, 48")]
    [InlineData("gpt2", "activation_function", "\"none\"", "activation_function is \"none\"; expected one of gelu")]
    [InlineData("gpt2", "add_cross_attention", "true", "add_cross_attention is true")]
    [InlineData("gpt2", "scale_attn_weights", "1", "scale_attn_weights is 1; expected true or false")]
    [InlineData("gpt2", "n_head", "5", "n_head is 5; expected a divisor of n_embd, 48")]
    [InlineData("llama", "rope_scaling", """{ "type": "linear", "factor": 2.0 }""", "rope_scaling asks for rotary embeddings of type linear, which are not supported")]
    [InlineData("llama", "rope_parameters", """{ "rope_type": "llama3", "rope_theta": 5e5 }""", "rope_parameters asks for rotary embeddings of type llama3")]
    [InlineData("llama", "rope_parameters", """{ "rope_theta": "big" }""", "expected an object with a number rope_theta")]
    [InlineData("llama", "rope_parameters", "10000", "rope_parameters is 10000; expected an object")]
    [InlineData("llama", "rope_scaling", """{ "factor": 2.0 }""", "rope_scaling is {\"factor\":2.0}; expected an object with a rope_type")]
    [InlineData("llama", "num_key_value_heads", "3", "num_key_value_heads is 3; expected a divisor of num_attention_heads, 4")]
    [InlineData("llama", "head_dim", "11", "head_dim is 11; expected an even number")]
    [InlineData("llama", "hidden_act", "\"gelu_fast\"", "hidden_act is \"gelu_fast\"; expected one of")]
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
        static double Theta(string json) => ModelConfig.From(JsonNode.Parse(json), "here").RopeTheta();
        Assert.Equal(500, Theta("""{ "rope_theta": 500 }"""));
        Assert.Equal(500, Theta("""{ "rope_theta": 500.0, "rope_scaling": null }"""));
        Assert.Equal(500, Theta("""{ "rope_parameters": { "rope_type": "default", "rope_theta": 500.0 } }"""));
        Assert.Equal(10000, Theta("{}"));
    }

    private static void Make(string path)
    {
        var config = ModelConfig.Load(path);
        var family = Family.Of(config, path);
        using var parameters = new ParameterSet(null, DType.Float32, "cpu");
        family.Create(config, parameters, new Head.Labels(1));
    }
}
