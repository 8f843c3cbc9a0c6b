using Prefer.Models;
using Prefer.Models.Files;
using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>Weights against the config: what is missing, too much or of another shape is listed; known extras are not.</summary>
public sealed class WeightFitTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Everything_that_does_not_fit_stands_in_one_message()
    {
        Change("gpt2", weights =>
        {
            weights.Remove("transformer.h.1.mlp.c_fc.weight");
            weights["transformer.ln_f.bias"] = Tensor.Zeros([47]);
            weights["transformer.h.2.ln_1.weight"] = Tensor.Zeros([48], DType.BFloat16);
        });
        var error = Assert.Throws<ModelException>(() => ModelFixture.Load(folder.Path, DType.Float32));
        Assert.StartsWith($"{folder.File("model.safetensors")}: the weights do not fit the config:", error.Message, StringComparison.Ordinal);
        Assert.Contains("missing: transformer.h.1.mlp.c_fc.weight [48, 192]", error.Message, StringComparison.Ordinal);
        Assert.Contains("transformer.ln_f.bias: found F32 [47], expected [48]", error.Message, StringComparison.Ordinal);
        Assert.Contains("unexpected: transformer.h.2.ln_1.weight BF16 [48]", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gpt2", "transformer.h.0.attn.bias", "transformer.h.1.attn.masked_bias", "lm_head.weight")]
    [InlineData("bert", "bert.embeddings.position_ids", "cls.predictions.bias", "cls.seq_relationship.weight")]
    [InlineData("distilbert", "distilbert.embeddings.position_ids", "vocab_projector.bias", "vocab_layer_norm.weight")]
    [InlineData("roberta", "roberta.embeddings.position_ids", "lm_head.dense.weight", "roberta.pooler.dense.weight")]
    [InlineData("electra", "electra.embeddings.position_ids", "discriminator_predictions.dense.weight", "generator_lm_head.bias", "generator_predictions.dense.bias")]
    [InlineData("deberta-v2", "deberta.embeddings.position_ids", "deberta.embeddings.position_embeddings.weight", "lm_predictions.lm_head.bias", "cls.predictions.bias", "mask_predictions.dense.bias")]
    [InlineData("modernbert", "decoder.weight", "decoder.bias")]
    [InlineData("gpt_neox", "gpt_neox.layers.0.attention.bias", "gpt_neox.layers.0.attention.masked_bias", "gpt_neox.layers.1.attention.rotary_emb.inv_freq", "embed_out.weight")]
    [InlineData("llama", "model.layers.0.self_attn.rotary_emb.inv_freq", "lm_head.weight")]
    [InlineData("mistral", "model.rotary_emb.inv_freq", "lm_head.weight")]
    [InlineData("opt", "lm_head.weight")]
    public void Known_extras_are_skipped_and_listed(string family, params string[] extras)
    {
        Change(family, weights =>
        {
            foreach (var name in extras)
            {
                weights[name] = Tensor.Zeros([1, 3]);
            }
        });
        using var model = ModelFixture.Load(folder.Path, DType.Float32);
        Assert.Equal(extras.Order(StringComparer.Ordinal), model.Parameters.SkippedNames.Order(StringComparer.Ordinal));
        Assert.Empty(model.Parameters.FreshNames);
    }

    [Theory]
    [InlineData("bert", "bert.", "bert.pooler.dense.weight", "bert.pooler.dense.bias", "classifier.weight", "classifier.bias")]
    [InlineData("distilbert", "distilbert.", "pre_classifier.weight", "pre_classifier.bias", "classifier.weight", "classifier.bias")]
    [InlineData("roberta", "roberta.", "classifier.dense.weight", "classifier.dense.bias", "classifier.out_proj.weight", "classifier.out_proj.bias")]
    [InlineData("electra", "electra.", "classifier.dense.weight", "classifier.dense.bias", "classifier.out_proj.weight", "classifier.out_proj.bias")]
    [InlineData("deberta-v2", "deberta.", "pooler.dense.weight", "pooler.dense.bias", "classifier.weight", "classifier.bias")]
    [InlineData("modernbert", "model.", "head.dense.weight", "head.norm.weight", "classifier.weight", "classifier.bias")]
    [InlineData("gpt2", "transformer.", "score.weight")]
    [InlineData("gemma2", "model.", "score.weight")]
    [InlineData("gpt_neox", "gpt_neox.", "score.weight")]
    [InlineData("llama", "model.", "score.weight")]
    [InlineData("opt", "model.", "score.weight")]
    [InlineData("phi3", "model.", "score.weight")]
    public void A_bare_body_gets_a_fresh_head(string family, string prefix, params string[] head)
    {
        // As files of bare bodies are: without the body's prefix.
        Change(family, weights =>
        {
            foreach (var (name, tensor) in weights.ToList())
            {
                weights.Remove(name);
                if (!head.Contains(name))
                {
                    weights[name[prefix.Length..]] = tensor;
                }
            }
        });
        using var model = ModelFixture.Load(folder.Path, DType.Float32);
        using var original = ModelFixture.Open(family, DType.Float32);
        Assert.Equal(head, model.Parameters.FreshNames);
        Assert.Empty(model.Parameters.SkippedNames);
        Assert.All(
            model.Parameters.Names.Except(head),
            name => Assert.Equal(original.Parameters[name].ToArray<float>(), model.Parameters[name].ToArray<float>()));
    }

    [Theory]
    [InlineData(DType.Float16)]
    [InlineData(DType.BFloat16)]
    [InlineData(DType.Float64)]
    public void Weights_of_other_precisions_are_converted(DType dtype)
    {
        Change("gpt2", weights =>
        {
            foreach (var (name, tensor) in weights.ToList())
            {
                weights[name] = tensor.To(dtype);
            }
        });
        using var model = ModelFixture.Load(folder.Path, DType.Float32);
        using var original = ModelFixture.Open("gpt2", DType.Float32);
        using var scope = new TensorScope();
        Assert.All(model.Parameters.Names, name => Assert.Equal(
            original.Parameters[name].To(dtype).To(DType.Float32).ToArray<float>(), model.Parameters[name].ToArray<float>()));
    }

    // Copies a recorded folder with other weights.
    private void Change(string name, Action<Dictionary<string, Tensor>> change)
    {
        using var scope = new TensorScope();
        using var checkpoint = Checkpoint.Open(ModelFixture.Folder(name));
        var weights = checkpoint.Names.ToDictionary(key => key, key => checkpoint.Map(key));
        change(weights);
        SafetensorsWriter.Write(folder.File("model.safetensors"), weights.Select(pair => (pair.Key, pair.Value)));
        File.Copy(Path.Combine(ModelFixture.Folder(name), "config.json"), folder.File("config.json"));
    }
}
