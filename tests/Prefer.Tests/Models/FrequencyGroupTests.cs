using Prefer.Models.Forest;
using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>Sequences whose lengths give them different rotary frequencies in one forest: as each alone, and not so without their groups.</summary>
public sealed class FrequencyGroupTests(ITestOutputHelper output)
{
    // One long prompt with answers on both sides of 5, 7 and 9 tokens, where the variants' frequencies change.
    private static readonly int[][] Mixed = [[1, 2, 3, 4], [1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6, 7], [1, 2, 3, 4, 5, 6, 7, 1, 2, 3], [1, 2, 3, 4, 7, 6, 5, 4, 3, 2, 1], [1, 2, 3, 4, 7, 6, 5, 4, 3, 2, 2]];

    public static TheoryData<string> Names() => ["llama, dynamic from 5 tokens on", "llama, longrope from 7 tokens on, explicit factor", "phi3, longrope over half the head, window of 6"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_reward_is_that_of_the_sequence_alone(string name)
    {
        using var model = ModelFixture.Draw(DecoderVariants.All[name], DType.Float64, seed: 5);
        using var scope = new TensorScope();
        var together = model.ForestRewards(Mixed).ToArray<double>();
        var alone = Mixed.Select(sequence => model.ForestRewards([sequence]).Item()).ToArray();
        var deviation = Deviation(alone, together);

        var forest = model.Pack(Mixed, groupOf: _ => 0);
        var pass = new ForestPass(forest, DType.Float64, "cpu");
        var pooled = Tensor.From<long>([.. Mixed.Select((sequence, index) => (long)forest.PackedIndex(index, sequence.Length - 1))]);
        var ungrouped = Deviation(alone, model.Network.Logits(model.Network.Hidden(pass).IndexSelect(0, pooled), pass).Reshape(-1).ToArray<double>());

        output.WriteLine($"with groups {deviation:g2}, without {ungrouped:g2}");
        Assert.True(deviation <= 1e-12, $"off by {deviation:g2} of the largest");
        Assert.True(ungrouped > 1e-3, $"groups change nothing: {ungrouped:g2}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_prefix_is_shared_where_frequencies_agree_and_nowhere_else(string name)
    {
        using var model = ModelFixture.Draw(DecoderVariants.All[name], DType.Float64, seed: 5);
        var shared = Mixed.GroupBy(sequence => model.Network.FrequencyGroup(sequence.Length)).ToArray();
        Assert.True(shared.Length > 1);
        Assert.Contains(shared, group => group.Count() > 1);
        Assert.Equal(shared.Sum(TokenForestTests.DistinctPrefixes), model.Pack(Mixed).Tokens.Length);
    }

    private static double Deviation(double[] expected, double[] found) => expected.Zip(found, (left, right) => Math.Abs(left - right)).Max() / expected.Max(Math.Abs);
}
