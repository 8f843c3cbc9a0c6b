using Prefer.Models.Forest;
using Prefer.Tests.Torch;
using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>Gradients through rotary positions, forest attention and whole networks, against central differences in float64.</summary>
public sealed class NetworkGradientTests(ITestOutputHelper output)
{
    // Rounding over the step, some 1e-16/1e-4 for values of the gradients' size; 7e-12 was the most seen.
    private const double Tolerance = 5e-11;

    // Branches, a prefix of another, an equal pair, a single token.
    private static readonly int[][] Batch = [[1, 2, 3, 4], [1, 2, 5], [1, 2], [1, 2, 5], [6], [1, 2, 3, 1, 2]];

    internal static readonly Dictionary<string, string> Configs = new()
    {
        ["bert"] = """
            { "model_type": "bert", "vocab_size": 7, "max_position_embeddings": 6, "hidden_size": 6, "intermediate_size": 8,
              "num_attention_heads": 2, "num_hidden_layers": 2, "layer_norm_eps": 1e-2 }
            """,
        ["distilbert"] = """
            { "model_type": "distilbert", "vocab_size": 7, "max_position_embeddings": 6, "dim": 6, "hidden_dim": 8, "n_heads": 2, "n_layers": 2 }
            """,
        ["roberta"] = """
            { "model_type": "roberta", "vocab_size": 7, "max_position_embeddings": 7, "hidden_size": 6, "intermediate_size": 8, "pad_token_id": 0,
              "num_attention_heads": 2, "num_hidden_layers": 2, "layer_norm_eps": 1e-2, "type_vocab_size": 1 }
            """,
        ["electra"] = """
            { "model_type": "electra", "vocab_size": 7, "max_position_embeddings": 6, "hidden_size": 6, "embedding_size": 4, "intermediate_size": 8,
              "num_attention_heads": 2, "num_hidden_layers": 2, "layer_norm_eps": 1e-2 }
            """,
        ["deberta-v2"] = """
            { "model_type": "deberta-v2", "vocab_size": 7, "max_position_embeddings": 6, "hidden_size": 6, "intermediate_size": 8, "layer_norm_eps": 1e-2,
              "num_attention_heads": 2, "num_hidden_layers": 2, "relative_attention": true, "pos_att_type": ["c2p", "p2c"], "position_buckets": 2,
              "norm_rel_ebd": "layer_norm", "conv_kernel_size": 3 }
            """,
        ["modernbert"] = """
            { "model_type": "modernbert", "vocab_size": 7, "max_position_embeddings": 6, "hidden_size": 8, "intermediate_size": 6, "norm_eps": 1e-2,
              "num_attention_heads": 2, "num_hidden_layers": 2, "local_attention": 2, "classifier_pooling": "mean", "norm_bias": true, "attention_bias": true }
            """,
        ["gpt2"] = """
            { "model_type": "gpt2", "vocab_size": 7, "n_positions": 6, "n_embd": 6, "n_head": 2, "n_layer": 2, "layer_norm_epsilon": 1e-2 }
            """,
        ["llama"] = """
            { "model_type": "llama", "vocab_size": 7, "max_position_embeddings": 6, "hidden_size": 8, "intermediate_size": 6,
              "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 4, "num_hidden_layers": 2, "rms_norm_eps": 1e-2, "attention_bias": true }
            """,
    };

    public static TheoryData<string> Families() => [.. Configs.Keys];

    [Theory]
    [MemberData(nameof(Families))]
    public void Gradients_of_hidden_states_and_rewards_equal_central_differences(string family)
    {
        using var model = ModelFixture.Draw(Configs[family], DType.Float64, seed: 3);
        using var scope = new TensorScope();
        var forest = model.Pack(Batch);
        var parameters = model.Parameters.Names.Select(name => model.Parameters[name]).ToArray();
        Tensor Objective() => FiniteDifferences.Weigh(model.Network.Hidden(new ForestPass(forest, DType.Float64, "cpu"))) + FiniteDifferences.Weigh(model.ForestRewards(Batch));
        Check(FiniteDifferences.Deviation(Objective, parameters, perInput: 6, step: 1e-4));
    }

    [Theory]
    [InlineData(true, 4, null, null, false)]
    [InlineData(true, 2, 2, null, false)]
    [InlineData(true, 1, null, 0.7, true)]
    [InlineData(true, 2, 3, 0.7, true)]
    [InlineData(false, 2, 2, null, false)]
    [InlineData(false, 4, null, 0.7, true)]
    public void Gradients_of_forest_attention_equal_central_differences(bool causal, int keyHeads, int? window, double? softCap, bool biased)
    {
        using var scope = new TensorScope();
        var forest = Pass(causal).Forest;
        var tokens = forest.Tokens.Length;
        var (q, k, v) = (FiniteDifferences.Leaf(1, tokens, 4, 3), FiniteDifferences.Leaf(2, tokens, keyHeads, 3), FiniteDifferences.Leaf(3, tokens, keyHeads, 3));
        var slopes = FiniteDifferences.Leaf(4, 4, 1, 1);
        // Scores that fall with the distance by a learned slope a head: the bias has a gradient too.
        Tensor Slope(Tensor queries, Tensor keys) =>
            slopes * (Tensor.Arange(keys.Shape[1], DType.Float64).Reshape(1, -1) - (Tensor.Arange(queries.Shape[1], DType.Float64).Reshape(-1, 1) + (double)(keys.Shape[1] - queries.Shape[1]))).Abs();
        Tensor Objective() => FiniteDifferences.Weigh(ForestAttention.Attend(q, k, v, new ForestPass(forest, DType.Float64, "cpu"), causal, 0.5, window, softCap, biased ? Slope : null));
        Check(FiniteDifferences.Deviation(Objective, biased ? [q, k, v, slopes] : [q, k, v]));
    }

    [Fact]
    public void Gradient_of_a_part_turned_by_longrope_equals_central_differences()
    {
        using var scope = new TensorScope();
        var builder = new TokenForestBuilder(sharePrefixes: true);
        var rotary = new Rotary(Theta: 10, Size: 4, new RotaryScaling.LongRope([1, 2], [3, 5], Factor: 2, Original: 3, Attention: 1.3), MaxPositions: 6);
        foreach (var sequence in Batch)
        {
            builder.Add(sequence, group: rotary.FrequencyGroup(sequence.Length));
        }
        var pass = new ForestPass(builder.Build(), DType.Float64, "cpu");
        var x = FiniteDifferences.Leaf(1, pass.Forest.Tokens.Length, 2, 7);
        Check(FiniteDifferences.Deviation(() => FiniteDifferences.Weigh(new RotaryEmbedding(pass, rotary).Rotate(x)), [x]));
    }

    [Fact]
    public void Gradient_of_rotary_positions_equals_central_differences()
    {
        using var scope = new TensorScope();
        var pass = Pass(causal: true);
        var rotary = new RotaryEmbedding(pass, headSize: 4, theta: 10);
        var x = FiniteDifferences.Leaf(1, pass.Forest.Tokens.Length, 2, 4);
        Check(FiniteDifferences.Deviation(() => FiniteDifferences.Weigh(rotary.Rotate(x)), [x]));
    }

    private static ForestPass Pass(bool causal)
    {
        var builder = new TokenForestBuilder(sharePrefixes: causal);
        foreach (var sequence in Batch)
        {
            builder.Add(sequence);
        }
        return new ForestPass(builder.Build(), DType.Float64, "cpu");
    }

    private void Check(double deviation)
    {
        output.WriteLine($"{deviation:g2}");
        Assert.True(deviation <= Tolerance, $"off by {deviation:g2} of the largest derivative");
    }
}
