using Prefer.Models.Forest;
using Prefer.Tests.Torch;
using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>The attention kernel against the chain of operators over the same spans, values and gradients, and its dropout.</summary>
public sealed class AttentionKernelTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(true, 4, 4, 8, null, null)]
    [InlineData(true, 4, 2, 20, 5, null)]
    [InlineData(true, 6, 1, 3, null, 0.9)]
    [InlineData(true, 2, 2, 64, 30, 0.9)]
    [InlineData(false, 4, 4, 16, null, null)]
    [InlineData(false, 2, 1, 5, 8, 0.9)]
    public void A_kernel_of_attention_equals_its_chain(bool causal, int heads, int keyHeads, int size, int? window, double? softCap)
    {
        var deviations = new Deviations();
        for (var seed = 0; seed < 6; seed++)
        {
            using var scope = new TensorScope();
            var forest = Forest(seed, causal);
            var leaves = new[] { heads, keyHeads, keyHeads }.Select((count, index) => FiniteDifferences.Leaf((10 * seed) + index, forest.Tokens.Length, count, size)).ToArray();
            foreach (var dtype in Deviations.Types)
            {
                var rounded = Array.ConvertAll(leaves, leaf => (leaf.Detach() * 2).To(dtype));
                var expected = Run(x => ForestAttention.Chain(x[0], x[1], x[2], new ForestPass(forest, DType.Float64, "cpu"), causal, 0.4, window, softCap), Array.ConvertAll(rounded, leaf => leaf.To(DType.Float64).Clone()));
                var found = Run(x => ForestAttention.Attend(x[0], x[1], x[2], new ForestPass(forest, dtype, "cpu"), causal, 0.4, window, softCap), Array.ConvertAll(rounded, leaf => leaf.Clone()));
                deviations.Add(dtype, expected, found);
            }
        }
        // Rounding of sums over up to a hundred keys; in bf16 2⁻⁹ of what goes in, of the output and of its gradient.
        deviations.Within(1e-13, 5e-6, 0.03, output);
    }

    [Fact]
    public void Dropout_has_the_gradient_of_what_it_kept()
    {
        using var scope = new TensorScope();
        var forest = Forest(3, causal: true);
        var pass = new ForestPass(forest, DType.Float64, "cpu");
        var leaves = Enumerable.Range(0, 3).Select(index => FiniteDifferences.Leaf(index, forest.Tokens.Length, 2, 4)).ToArray();
        var deviation = FiniteDifferences.Deviation(
            () => FiniteDifferences.Weigh(Tensor.ForestAttention(leaves[0], leaves[1], leaves[2], pass.Spans, 0.5, true, 0, 0, 0.3, 77)), leaves);
        Assert.True(deviation <= 1e-10, $"off by {deviation:g2} of the largest derivative");
    }

    [Fact]
    public void Dropout_drops_its_share_and_keeps_the_mean()
    {
        using var scope = new TensorScope();
        const int length = 400;
        var builder = new TokenForestBuilder(sharePrefixes: true);
        builder.Add([.. Enumerable.Range(0, length)]);
        var pass = new ForestPass(builder.Build(), DType.Float64, "cpu");
        var equal = Tensor.Zeros([length, 1, 1], DType.Float64);
        // Equal scores and values of one: a row's output is the share that was kept, scaled by 1/(1 − p).
        var ones = Tensor.Full([length, 1, 1], 1, DType.Float64);
        double[] Draw(long seed) => Tensor.ForestAttention(equal, equal, ones, pass.Spans, 1, false, 0, 0, 0.25, seed).ToArray<double>();
        var first = Draw(1);
        // 160,000 draws: the mean's deviation is √(0.25 / 0.75 / 160,000) = 0.0014.
        Assert.InRange(first.Average(), 1 - 0.007, 1 + 0.007);
        // A row's share of 400 draws deviates by √(0.25 / 0.75 / 400) = 0.029.
        Assert.InRange(Math.Sqrt(first.Average(share => (share - 1) * (share - 1))), 0.024, 0.034);
        Assert.Equal(first, Draw(1));
        Assert.NotEqual(first, Draw(2));
        Assert.Equal(1, Tensor.ForestAttention(equal, equal, ones, pass.Spans, 1, false, 0, 0, 0, 1).ToArray<double>().Average(), 12);
    }

    private static TokenForest Forest(int seed, bool causal)
    {
        var random = new Random(seed);
        var builder = new TokenForestBuilder(sharePrefixes: causal);
        for (var prompt = 0; prompt < 3; prompt++)
        {
            int[] Draw(int length) => [.. Enumerable.Range(0, length).Select(_ => random.Next(3 + prompt, 1000))];
            int[] shared = [prompt, .. Draw(random.Next(1, 60))];
            for (var response = 0; response < 3; response++)
            {
                int[] longer = [.. shared, .. Draw(random.Next(1, 40))];
                builder.Add(longer);
                builder.Add([.. longer, .. Draw(random.Next(1, 20))]);
            }
        }
        return builder.Build();
    }

    private static double[][] Run(Func<Tensor[], Tensor> function, Tensor[] leaves)
    {
        foreach (var leaf in leaves)
        {
            leaf.RequiresGrad = true;
        }
        var result = function(leaves);
        result.Backward(Tensor.From<double>([.. Enumerable.Range(0, (int)result.ElementCount).Select(index => Math.Round(Math.Cos(index + 1), 2))], [.. result.Shape]).To(result.DType));
        return [result.To(DType.Float64).ToArray<double>(), .. leaves.Select(leaf => leaf.Gradient()!.To(DType.Float64).ToArray<double>())];
    }
}
