using Prefer.Models.Forest;
using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>Every family over the forest against the padded reference, in float64, on random batches: values and gradients.</summary>
public sealed class ForestTests(ITestOutputHelper output)
{
    // Rounding of float64 in another order, 1.3e-13 and 3e-13 at most where this was written (the values' in a reward that cancels). 1e-10
    // was asked for.
    private const double ValueTolerance = 1e-12;
    private const double GradientTolerance = 2e-12;

    private static readonly Dictionary<string, string> Variants = new()
    {
        ["gpt2, scores scaled by layer, relu"] = """
            { "model_type": "gpt2", "vocab_size": 8, "n_positions": 32, "n_embd": 12, "n_head": 3, "n_layer": 3, "n_inner": 20,
              "activation_function": "relu", "layer_norm_epsilon": 1e-3, "scale_attn_weights": false, "scale_attn_by_inverse_layer_idx": true }
            """,
        ["llama, biases, wide heads, gelu"] = """
            { "model_type": "llama", "vocab_size": 8, "max_position_embeddings": 32, "hidden_size": 12, "intermediate_size": 20,
              "num_attention_heads": 6, "num_key_value_heads": 2, "head_dim": 4, "num_hidden_layers": 2, "hidden_act": "gelu",
              "rms_norm_eps": 1e-3, "rope_theta": 100.0, "attention_bias": true, "mlp_bias": true }
            """,
        ["llama, one key head"] = """
            { "model_type": "llama", "vocab_size": 8, "max_position_embeddings": 32, "hidden_size": 16, "intermediate_size": 8,
              "num_attention_heads": 4, "num_key_value_heads": 1, "num_hidden_layers": 1, "hidden_act": "silu", "rms_norm_eps": 1e-6,
              "rope_parameters": { "rope_type": "default", "rope_theta": 5000.0 } }
            """,
        ["bert, three segments, gelu_new"] = """
            { "model_type": "bert", "vocab_size": 8, "max_position_embeddings": 32, "hidden_size": 12, "intermediate_size": 20,
              "num_attention_heads": 3, "num_hidden_layers": 2, "hidden_act": "gelu_new", "type_vocab_size": 3, "layer_norm_eps": 1e-5 }
            """,
        ["roberta, two segments, pad 3, relu"] = """
            { "model_type": "roberta", "vocab_size": 8, "max_position_embeddings": 32, "hidden_size": 12, "intermediate_size": 20, "pad_token_id": 3,
              "num_attention_heads": 3, "num_hidden_layers": 2, "hidden_act": "relu", "type_vocab_size": 2, "layer_norm_eps": 1e-5 }
            """,
        ["electra, as wide as its layers"] = """
            { "model_type": "electra", "vocab_size": 8, "max_position_embeddings": 32, "hidden_size": 12, "embedding_size": 12, "intermediate_size": 20,
              "num_attention_heads": 3, "num_hidden_layers": 2, "hidden_act": "gelu_new", "type_vocab_size": 3, "layer_norm_eps": 1e-5 }
            """,
        ["deberta, distances, own keys, segments, convolution in groups"] = """
            { "model_type": "deberta-v2", "vocab_size": 8, "max_position_embeddings": 32, "hidden_size": 12, "embedding_size": 8, "intermediate_size": 20,
              "num_attention_heads": 3, "num_hidden_layers": 2, "hidden_act": "gelu_new", "type_vocab_size": 3, "layer_norm_eps": 1e-5,
              "relative_attention": true, "pos_att_type": "c2p|p2c", "max_relative_positions": 5, "norm_rel_ebd": "none",
              "conv_kernel_size": 3, "conv_groups": 2, "pooler_hidden_act": "tanh" }
            """,
        ["deberta, buckets, position to content, wide convolution"] = """
            { "model_type": "deberta-v2", "vocab_size": 8, "max_position_embeddings": 32, "hidden_size": 12, "intermediate_size": 20,
              "num_attention_heads": 2, "num_hidden_layers": 2, "hidden_act": "gelu", "position_biased_input": false,
              "relative_attention": true, "pos_att_type": ["p2c"], "position_buckets": 6, "max_relative_positions": 16, "norm_rel_ebd": "layer_norm",
              "share_att_key": true, "conv_kernel_size": 5, "conv_act": "gelu" }
            """,
        ["deberta, content to position"] = """
            { "model_type": "deberta-v2", "vocab_size": 8, "max_position_embeddings": 32, "hidden_size": 12, "intermediate_size": 20,
              "num_attention_heads": 2, "num_hidden_layers": 1, "hidden_act": "gelu", "position_biased_input": false,
              "relative_attention": true, "pos_att_type": ["c2p"], "position_buckets": 4, "norm_rel_ebd": "layer_norm" }
            """,
        ["deberta, not relative"] = """
            { "model_type": "deberta-v2", "vocab_size": 8, "max_position_embeddings": 32, "hidden_size": 12, "intermediate_size": 20,
              "num_attention_heads": 2, "num_hidden_layers": 1, "hidden_act": "gelu", "pos_att_type": "c2p" }
            """,
        ["modernbert, mean, biases, window of three, own layer types"] = """
            { "model_type": "modernbert", "vocab_size": 8, "max_position_embeddings": 32, "hidden_size": 12, "intermediate_size": 10,
              "num_attention_heads": 3, "num_hidden_layers": 3, "hidden_activation": "gelu_new", "classifier_activation": "silu", "classifier_pooling": "mean",
              "norm_bias": true, "attention_bias": true, "mlp_bias": true, "classifier_bias": true, "norm_eps": 1e-3, "local_attention": 3,
              "layer_types": ["sliding_attention", "full_attention", "sliding_attention"],
              "rope_parameters": { "full_attention": { "rope_type": "default", "rope_theta": 500.0 }, "sliding_attention": { "rope_theta": 20 } } }
            """,
        ["modernbert, every second layer global"] = """
            { "model_type": "modernbert", "vocab_size": 8, "max_position_embeddings": 32, "hidden_size": 12, "intermediate_size": 10,
              "num_attention_heads": 2, "num_hidden_layers": 4, "hidden_activation": "relu", "local_attention": 6, "global_attn_every_n_layers": 2,
              "global_rope_theta": 90.0, "local_rope_theta": 30.0 }
            """,
    };

    private static readonly string[] Recorded =
    [
        "bert",
        "distilbert",
        "roberta",
        "xlm-roberta",
        "electra",
        "deberta-v2",
        "modernbert",
        "gemma2",
        "gemma3",
        "gpt2",
        "gpt_neox",
        "llama",
        "llama-rope-dynamic",
        "llama-rope-yarn",
        "mistral",
        "olmo2",
        "opt",
        "phi3",
        "phi3-longrope",
        "qwen2",
        "qwen3",
    ];

    public static TheoryData<string> Models() => [.. Recorded, .. Variants.Keys, .. DecoderVariants.All.Keys];

    [Theory]
    [MemberData(nameof(Models))]
    public void Forest_equals_padded_reference(string name)
    {
        using var model = Open(name);
        var (worstValue, worstGradient) = (0.0, 0.0);
        RandomSequences.ForAll(25, batch =>
        {
            // Segments and the objective's weights are drawn too, from the batch, so that they repeat with it.
            var random = new Random(batch.Sum(sequence => sequence.Length));
            var types = batch.Select(sequence => sequence.Select(_ => random.Next(model.Network.TokenTypeCount)).ToArray()).ToArray();
            using var scope = new TensorScope();
            var weights = Tensor.From<double>([.. Enumerable.Range(0, batch.Length).Select(_ => random.NextDouble() - 0.5)]);

            var (rewards, hidden) = Forest(model, batch, types);
            var hiddenWeights = Tensor.From<double>([.. Enumerable.Range(0, (int)hidden.ElementCount).Select(_ => random.NextDouble() - 0.5)], [.. hidden.Shape]);
            var gradients = GradientsOf(model, (rewards * weights).Sum() + (hidden * hiddenWeights).Sum());
            var (referenceRewards, referenceHidden) = Padded(model, batch, types);
            var referenceGradients = GradientsOf(model, (referenceRewards * weights).Sum() + (referenceHidden * hiddenWeights).Sum());

            worstValue = Math.Max(worstValue, Math.Max(Deviation(referenceRewards, rewards), Deviation(referenceHidden, hidden)));
            Assert.True(worstValue <= ValueTolerance, $"values deviate by {worstValue:g2} of the largest");
            var largest = referenceGradients.Values.Max(values => values.Max(Math.Abs));
            foreach (var (parameter, values) in gradients)
            {
                var reference = referenceGradients[parameter];
                // A gradient that is zero in exact arithmetic (a key bias) holds the rounding of the larger ones it came from.
                var scale = Math.Max(reference.Max(Math.Abs), 1e-3 * largest);
                var deviation = values.Zip(reference, (left, right) => Math.Abs(left - right)).Max() / scale;
                worstGradient = Math.Max(worstGradient, deviation);
                Assert.True(deviation <= GradientTolerance, $"the gradient of {parameter} deviates by {deviation:g2} of the largest");
            }
        });
        output.WriteLine($"largest deviations: values {worstValue:g2}, gradients {worstGradient:g2}");
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Rows_that_enter_the_first_linear_layer_are_the_tries_tokens(string name)
    {
        using var model = Open(name);
        var counted = 0;
        RandomSequences.ForAll(25, batch =>
        {
            using var scope = new TensorScope();
            var expected = model.Family.IsCausal
                ? batch.GroupBy(sequence => model.Network.FrequencyGroup(sequence.Length)).Sum(TokenForestTests.DistinctPrefixes)
                : batch.Sum(sequence => sequence.Length);
            Assert.Equal(expected, RowsEnteringFirstLinear(model, new ForestPass(model.Pack(batch), DType.Float64, "cpu")));
            counted += expected;
        });
        output.WriteLine($"{counted} rows");
    }

    // The first product with a layer's weight is made to fail by a weight that fits nothing; libtorch's refusal says which rows came in.
    private static long RowsEnteringFirstLinear(ModelFixture model, ForestPass pass)
    {
        var weight = model.Config.ModelType switch
        {
            "bert" => "bert.encoder.layer.0.attention.self.query.weight",
            "distilbert" => "distilbert.transformer.layer.0.attention.q_lin.weight",
            "roberta" or "xlm-roberta" => "roberta.encoder.layer.0.attention.self.query.weight",
            "electra" => "electra.encoder.layer.0.attention.self.query.weight",
            // Queries and keys may be of the table of positions.
            "deberta-v2" => "deberta.encoder.layer.0.attention.self.value_proj.weight",
            "modernbert" => "model.layers.0.attn.Wqkv.weight",
            "gpt2" => "transformer.h.0.attn.c_attn.weight",
            "gpt_neox" => "gpt_neox.layers.0.attention.query_key_value.weight",
            "opt" => "model.decoder.layers.0.self_attn.q_proj.weight",
            "phi3" => "model.layers.0.self_attn.qkv_proj.weight",
            _ => "model.layers.0.self_attn.q_proj.weight",
        };
        using var mode = TorchRuntime.NoGrad();
        var parameter = model.Parameters[weight];
        var before = parameter.Detach();
        var replace = new Op("aten::set_", "source_Tensor");
        parameter.RequiresGrad = false;
        replace.CallInPlace(parameter, Tensor.Zeros([1, 1], DType.Float64));
        var error = Assert.Throws<TorchException>(() => model.Network.Hidden(pass));
        replace.CallInPlace(parameter, before);
        parameter.RequiresGrad = true;
        Assert.StartsWith("prefer::linear(", error.Message, StringComparison.Ordinal);
        var shape = error.Message.Split("Float64[")[1].Split(']')[0].Split(',');
        return long.Parse(shape[0], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static ModelFixture Open(string name) =>
        Variants.TryGetValue(name, out var config) || DecoderVariants.All.TryGetValue(name, out config) ? ModelFixture.Draw(config, DType.Float64, seed: 5) : ModelFixture.Open(name, DType.Float64);

    // Rewards [S], and the hidden state of every token of every sequence behind each other.
    private static (Tensor Rewards, Tensor Hidden) Forest(ModelFixture model, int[][] batch, int[][] types)
    {
        // Segments take no part in merging, so sequences that share tokens share segments only where none are given.
        var forest = model.Pack(batch, model.Family.IsCausal ? null : types);
        var hidden = model.Network.Hidden(new ForestPass(forest, DType.Float64, "cpu"));
        var rows = batch.SelectMany((sequence, index) => sequence.Select((_, position) => (long)forest.PackedIndex(index, position)));
        return (model.ForestRewards(batch, model.Family.IsCausal ? null : types), hidden.IndexSelect(0, Tensor.From<long>([.. rows])));
    }

    private static (Tensor Rewards, Tensor Hidden) Padded(ModelFixture model, int[][] batch, int[][] types)
    {
        var padded = PaddedBatch.Right(batch, types);
        var reference = PaddedReference.Of(model);
        var rows = batch.SelectMany((sequence, row) => sequence.Select((_, column) => ((long)row * padded.Length) + column));
        return (
            reference.Rewards(padded, [.. batch.Select(model.PooledPosition)]),
            reference.Hidden(padded).Reshape((long)padded.RowCount * padded.Length, -1).IndexSelect(0, Tensor.From<long>([.. rows])));
    }

    private static Dictionary<string, double[]> GradientsOf(ModelFixture model, Tensor objective)
    {
        objective.Backward();
        return Gradients.Take(model.Parameters);
    }

    private static double Deviation(Tensor reference, Tensor found)
    {
        var values = reference.ToArray<double>();
        return values.Zip(found.ToArray<double>(), (left, right) => Math.Abs(left - right)).Max() / values.Max(Math.Abs);
    }
}
