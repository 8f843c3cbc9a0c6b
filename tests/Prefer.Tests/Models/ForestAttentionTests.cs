using Prefer.Models.Forest;
using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>The one attention function against loops over sequences, heads and positions, in float64.</summary>
public sealed class ForestAttentionTests(ITestOutputHelper output)
{
    private const int Heads = 4;
    private const int Size = 3;

    [Theory]
    [InlineData(true, 4, null, null, false)]
    [InlineData(true, 2, 3, null, false)]
    [InlineData(true, 2, 1, null, false)]
    [InlineData(true, 1, null, 0.7, false)]
    [InlineData(true, 2, null, null, true)]
    [InlineData(true, 1, 4, 0.7, true)]
    [InlineData(false, 4, null, null, false)]
    [InlineData(false, 2, 4, null, false)]
    [InlineData(false, 2, 5, 0.7, true)]
    public void Attention_equals_loops(bool causal, int keyHeads, int? window, double? softCap, bool biased)
    {
        var worst = 0.0;
        RandomSequences.ForAll(60, batch =>
        {
            using var scope = new TensorScope();
            var builder = new TokenForestBuilder(sharePrefixes: causal);
            foreach (var sequence in batch)
            {
                builder.Add(sequence);
            }
            var forest = builder.Build();
            var random = new Random(forest.Tokens.Length);
            double[] Draw(int heads) => [.. Enumerable.Range(0, forest.Tokens.Length * heads * Size).Select(_ => (4 * random.NextDouble()) - 2)];
            var (q, k, v) = (Draw(Heads), Draw(keyHeads), Draw(keyHeads));
            Tensor Make(double[] values, int heads) => Tensor.From<double>(values, [forest.Tokens.Length, heads, Size]);

            var found = ForestAttention.Attend(
                Make(q, Heads), Make(k, keyHeads), Make(v, keyHeads), new ForestPass(forest, DType.Float64, "cpu"), causal, 0.5, window, softCap, biased ? BiasTensor : null);
            Assert.Equal([forest.Tokens.Length, Heads * Size], found.Shape);
            var values = found.ToArray<double>();
            for (var sequence = 0; sequence < batch.Length; sequence++)
            {
                var packed = Enumerable.Range(0, batch[sequence].Length).Select(position => forest.PackedIndex(sequence, position)).ToArray();
                foreach (var (index, expected) in Loops(q, k, v, packed, keyHeads, causal, window, softCap, biased))
                {
                    worst = Math.Max(worst, Math.Abs(values[index] - expected));
                }
            }
            // Values are averages of numbers up to 2: a few roundings of 2e-16 each.
            Assert.True(worst <= 1e-14, $"attention deviates by {worst:g2}");
        });
        output.WriteLine($"largest deviation {worst:g2}");
    }

    private static double Bias(int head, int query, int key) => (0.1 * (head + 1) * (key - query)) + (0.01 * key);

    private static Tensor BiasTensor(Tensor queries, Tensor keys)
    {
        var (queryCount, keyCount) = ((int)queries.Shape[1], (int)keys.Shape[1]);
        var firstQuery = keyCount - queryCount;
        var values = new double[Heads * queryCount * keyCount];
        for (var index = 0; index < values.Length; index++)
        {
            values[index] = Bias(index / (queryCount * keyCount), firstQuery + (index / keyCount % queryCount), index % keyCount);
        }
        return Tensor.From<double>(values, [Heads, queryCount, keyCount]);
    }

    // The result's elements for one sequence whose tokens lie at these packed indices.
    private static IEnumerable<(int Index, double Value)> Loops(
        double[] q, double[] k, double[] v, int[] packed, int keyHeads, bool causal, int? window, double? softCap, bool biased)
    {
        for (var head = 0; head < Heads; head++)
        {
            var keyHead = head / (Heads / keyHeads);
            int KeyAt(int position) => ((packed[position] * keyHeads) + keyHead) * Size;
            for (var query = 0; query < packed.Length; query++)
            {
                var queryAt = ((packed[query] * Heads) + head) * Size;
                var (total, sums) = (0.0, new double[Size]);
                for (var key = 0; key < packed.Length; key++)
                {
                    var distance = query - key;
                    if (causal ? distance < 0 || distance >= (window ?? int.MaxValue) : Math.Abs(distance) > (window ?? int.MaxValue) / 2)
                    {
                        continue;
                    }
                    var score = 0.5 * Enumerable.Range(0, Size).Sum(d => q[queryAt + d] * k[KeyAt(key) + d]);
                    score = softCap is { } cap ? cap * Math.Tanh(score / cap) : score;
                    var weight = Math.Exp(score + (biased ? Bias(head, query, key) : 0));
                    total += weight;
                    for (var d = 0; d < Size; d++)
                    {
                        sums[d] += weight * v[KeyAt(key) + d];
                    }
                }
                for (var d = 0; d < Size; d++)
                {
                    yield return (queryAt + d, sums[d] / total);
                }
            }
        }
    }
}
