using Prefer.Tests.Torch;
using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>Layers whose activations are computed again in the backward pass, against layers that keep them.</summary>
[Collection(ProcessWide.Name)]
public sealed class RecomputationTests(ITestOutputHelper output)
{
    private static readonly int[][] Batch = [[1, 2, 3, 4], [1, 2, 5], [1, 2], [1, 2, 5], [6], [1, 2, 3, 1, 2]];

    private static readonly Dictionary<string, string> Configs = new(NetworkGradientTests.Configs.Concat(DecoderVariants.All));

    public static TheoryData<string> Families() => [.. Configs.Keys];

    [Theory]
    [MemberData(nameof(Families))]
    public void Rewards_and_gradients_are_the_same(string family)
    {
        foreach (var (dtype, computed, rounding) in new[] { (DType.Float64, DType.Float64, 1e-14), (DType.Float32, DType.Float32, 1e-5), (DType.Float32, DType.BFloat16, 0.02) })
        {
            foreach (var dropout in new[] { 0, 0.2 })
            {
                using var model = ModelFixture.Draw(Configs[family], dtype, seed: 3);
                model.ComputeType = computed;
                var (expected, found) = (Run(model, dropout, recomputes: false), Run(model, dropout, recomputes: true));
                foreach (var (name, values) in expected)
                {
                    // What DeBERTa's first layer shares with its convolution, and all layers with each other, gets its gradients from a layer in one sum instead of one by
                    // one: another order of the sum. Elsewhere nothing differs.
                    if (family == "deberta-v2")
                    {
                        var tolerance = values.Max(Math.Abs) * rounding;
                        Assert.All(values.Zip(found[name]), pair => Assert.Equal(pair.First, pair.Second, tolerance));
                    }
                    else
                    {
                        Assert.True(values.SequenceEqual(found[name]), $"{name}, {computed}, dropout {dropout}");
                    }
                }
            }
        }
    }

    [Theory]
    [InlineData("distilbert", 0)]
    [InlineData("distilbert", 0.1)]
    [InlineData("llama", 0)]
    public void The_peak_of_a_step_falls(string family, double dropout)
    {
        const int layers = 8, hidden = 64, tokens = 96;
        var config = family == "llama"
            ? $$"""{ "model_type": "llama", "vocab_size": 32, "max_position_embeddings": 128, "hidden_size": {{hidden}}, "intermediate_size": 256, "num_attention_heads": 4, "num_hidden_layers": {{layers}} }"""
            : $$"""{ "model_type": "distilbert", "vocab_size": 32, "max_position_embeddings": 128, "dim": {{hidden}}, "hidden_dim": 256, "n_heads": 4, "n_layers": {{layers}} }""";
        using var model = ModelFixture.Draw(config, DType.Float32, seed: 3);
        int[][] batch = [.. Enumerable.Range(0, 16).Select(row => Enumerable.Range(0, tokens).Select(index => ((row * 7) + (index * 3)) % 32).ToArray())];
        long Peak(bool recomputes)
        {
            Step(model, batch, dropout, recomputes); // the gradients stay
            var before = TorchRuntime.AllocatedBytes;
            TorchRuntime.ResetPeakAllocatedBytes();
            Step(model, batch, dropout, recomputes);
            return TorchRuntime.PeakAllocatedBytes - before;
        }

        var (kept, recomputed) = (Peak(recomputes: false), Peak(recomputes: true));

        output.WriteLine($"{kept / 1e6:f1} MB, {recomputed / 1e6:f1} MB");
        // One layer of eight, and the inputs of all: about a quarter.
        Assert.InRange((double)recomputed / kept, 0.1, 0.3);
    }

    [Fact]
    public void Live_tensors_are_flat()
    {
        using var model = ModelFixture.Draw(Configs["deberta-v2"], DType.Float32, seed: 3);
        Step(model, Batch, 0.1, recomputes: true);
        var before = TorchRuntime.LiveTensorCount;
        for (var step = 0; step < 20; step++)
        {
            Step(model, Batch, 0.1, recomputes: true);
        }
        Assert.Equal(before, TorchRuntime.LiveTensorCount);
    }

    private static void Step(ModelFixture model, int[][] batch, double dropout, bool recomputes)
    {
        using var scope = new TensorScope();
        model.ForestRewards(batch, null, dropout, recomputes).Sum().Backward();
    }

    private static Dictionary<string, double[]> Run(ModelFixture model, double dropout, bool recomputes)
    {
        using var scope = new TensorScope();
        TorchRuntime.ManualSeed(5);
        var rewards = model.ForestRewards(Batch, null, dropout, recomputes);
        FiniteDifferences.Weigh(rewards).Backward();
        var found = new Dictionary<string, double[]> { ["rewards"] = rewards.Detach().To(DType.Float64).ToArray<double>() };
        foreach (var name in model.Parameters.Names)
        {
            found[name] = model.Parameters[name].Gradient()?.To(DType.Float64).ToArray<double>() ?? [];
            model.Parameters[name].ClearGradient();
        }
        return found;
    }
}
