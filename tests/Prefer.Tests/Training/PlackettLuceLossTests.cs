using Prefer.Tests.Statistics;
using Prefer.Tests.Torch;
using Prefer.Torch;
using Prefer.Training;
using Xunit;

namespace Prefer.Tests.Training;

/// <summary>The loss of rankings in float64, against the product over its choice sets, the sum over all orders, and cases done by hand.</summary>
public sealed class PlackettLuceLossTests
{
    /// <summary>A few units in the last place for each of up to 30 logarithms.</summary>
    private const double Tolerance = 1e-13;

    private static readonly Random Random = new(5);

    public static TheoryData<double[], double[]> Rankings =>
    [
        ([0.3, -1.2], [2, 1]),
        ([0.3, -1.2], [1, 2]),
        ([0.3, -1.2], [1, 1]),
        ([1.5, 0.25, -0.75], [3, 2, 1]),
        ([1.5, 0.25, -0.75], [-3, -1, -2]),
        ([1.5, 0.25, -0.75], [2, 2, 1]),
        ([1.5, 0.25, -0.75], [2, 1, 1]),
        ([1.5, 0.25, -0.75], [0, 0, 0]),
        ([2, 2, 2, 2, 2], [5, 4, 3, 2, 1]),
        ([0.1, -2.5, 3.25, 1, 0, -1, 0.5], [3, 1, 3, 2, 2, 1, 3]),
    ];

    [Theory]
    [MemberData(nameof(Rankings))]
    public void Loss_is_the_negative_log_of_the_product_over_choice_sets(double[] rewards, double[] scores)
    {
        using var scope = new TensorScope();
        var expected = -Math.Log(Probability(rewards, scores));

        Relative.Equal(expected, PlackettLuceLoss.Of(rewards, scores), Tolerance);
        Relative.Equal(expected, PlackettLuceLoss.PerRanking(Tensor.From<double>(rewards), [scores]).Sum().Item(), Tolerance);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(6)]
    public void Probabilities_of_all_orders_sum_to_one(int count)
    {
        var rewards = Enumerable.Range(0, count).Select(_ => (Random.NextDouble() * 6) - 3).ToArray();

        var orders = Permutations(count).ToList();

        Assert.Equal(Enumerable.Range(1, count).Aggregate(1, (product, factor) => product * factor), orders.Count);
        Relative.Equal(1, orders.Sum(order => Math.Exp(-PlackettLuceLoss.Of(rewards, order))), 1e-13);
    }

    [Fact]
    public void Rankings_of_different_lengths_are_computed_together_as_alone()
    {
        using var scope = new TensorScope();
        var rankings = Rankings.Select(row => row.Data).ToList();

        var together = PlackettLuceLoss.PerRanking(Tensor.From<double>([.. rankings.SelectMany(row => row.Item1)]), [.. rankings.Select(row => row.Item2)]).ToArray<double>();

        Assert.Equal(rankings.Count, together.Length);
        Assert.All(rankings.Zip(together), pair => Relative.Equal(PlackettLuceLoss.Of(pair.First.Item1, pair.First.Item2), pair.Second, Tolerance));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.3)]
    [InlineData(40)]
    [InlineData(700)]
    [InlineData(1e4)]
    public void A_ranking_of_two_is_Bradley_Terry_to_the_bit_and_a_tie_of_two_is_twice_its_tie(double difference)
    {
        using var scope = new TensorScope();
        foreach (var signed in new[] { difference, -difference })
        {
            var (chosen, rejected) = (Tensor.From<double>([signed]), Tensor.From<double>([0]));
            var pair = RewardLoss.PerComparison(chosen, rejected, Tensor.From<double>([1]), Tensor.From<double>([0]), 0).Item();

            Assert.Equal(RewardLoss.Of(signed, 0), PlackettLuceLoss.Of([signed, 0], [2, 1]));
            Assert.Equal(pair, PlackettLuceLoss.PerRanking(Tensor.From<double>([signed, 0]), [[2, 1]]).Item());
            Assert.Equal(pair, PlackettLuceLoss.PerRanking(Tensor.From<double>([0, signed]), [[7, 9]]).Item());
            Relative.Equal(2 * RewardLoss.Of(signed, 0, preference: 0.5), PlackettLuceLoss.Of([signed, 0], [1, 1]), 1e-15);
        }
    }

    [Fact]
    public void Extremes_are_those_found_by_hand()
    {
        // 80, 40, 0 in their order: log(1 + e⁻⁴⁰ + e⁻⁸⁰) + log(1 + e⁻⁴⁰) = 2e⁻⁴⁰ but for 4e-18 of it.
        Both(2 * Math.Exp(-40), [80, 40, 0], [3, 2, 1]);
        // Breslow: the two tied at the top are chosen from all three, log(1 + 1 + e⁻⁴⁰) each, of which e⁻⁴⁰ is no digit.
        Both(2 * Math.Log(2), [40, 40, 0], [2, 2, 1]);
        // In the order they have, differences of 10⁴ cost less than the smallest number; against it, what the losers lack: 2·10⁴ + 10⁴.
        Both(0, [1e4, 0, -1e4], [3, 2, 1]);
        Both(3e4, [1e4, 0, -1e4], [1, 2, 3]);
        // All tied: each is chosen from all: Σ (10⁴ − r).
        Both(3e4, [1e4, 0, -1e4], [1, 1, 1]);
        Both(Math.Log(120), [-1e4, -1e4, -1e4, -1e4, -1e4], [1, 2, 3, 4, 5]);
        Both(5 * Math.Log(5), [1e4, 1e4, 1e4, 1e4, 1e4], [0, 0, 0, 0, 0]);

        static void Both(double expected, double[] rewards, double[] scores)
        {
            using var scope = new TensorScope();
            Relative.Equal(expected, PlackettLuceLoss.Of(rewards, scores), 4e-15);
            Relative.Equal(expected, PlackettLuceLoss.PerRanking(Tensor.From<double>(rewards), [scores]).Item(), 4e-15);
            // As training computes; e⁻⁴⁰ is a normal number there too.
            Relative.Equal(expected, PlackettLuceLoss.PerRanking(Tensor.From<double>(rewards).To(DType.Float32), [scores]).To(DType.Float64).Item(), 1e-6);
        }
    }

    [Theory]
    [MemberData(nameof(Rankings))]
    public void Gradients_are_the_derivatives(double[] rewards, double[] scores)
    {
        using var scope = new TensorScope();
        var leaf = Tensor.From<double>(rewards);
        leaf.RequiresGrad = true;

        // Fourth-order differences with h = 1e-3.
        Assert.InRange(FiniteDifferences.Deviation(() => PlackettLuceLoss.PerRanking(leaf, [scores]).Sum(), [leaf]), 0, 1e-10);
    }

    [Fact]
    public void Gradients_are_expected_choices_less_choices_at_extremes_too()
    {
        // dℓ/dr_j = Σ_i P(j chosen of A_i) − [j is i], with the softmax over the differences from the largest.
        foreach (var (rewards, scores) in new[] { (new[] { 1e4, 0, -1e4, 40 }, new double[] { 1, 2, 3, 3 }), ([60, 0, -60], [3, 2, 1]), ([1e4, 1e4 - 1, 0], [2, 2, 1]) })
        {
            using var scope = new TensorScope();
            var leaf = Tensor.From<double>(rewards);
            leaf.RequiresGrad = true;
            PlackettLuceLoss.PerRanking(leaf, [scores]).Sum().Backward();
            var found = leaf.Gradient()!.ToArray<double>();
            for (var item = 0; item < rewards.Length; item++)
            {
                var expected = 0.0;
                for (var own = 0; own < rewards.Length; own++)
                {
                    var set = Enumerable.Range(0, rewards.Length).Where(other => scores[other] <= scores[own]).ToArray();
                    var largest = set.Max(other => rewards[other]);
                    var share = set.Contains(item) ? Math.Exp(rewards[item] - largest) / set.Sum(other => Math.Exp(rewards[other] - largest)) : 0;
                    // 1 − share, without cancelling: the others' shares.
                    expected += item == own ? -set.Where(other => other != own).Sum(other => Math.Exp(rewards[other] - largest)) / set.Sum(other => Math.Exp(rewards[other] - largest)) : share;
                }
                Assert.InRange(found[item], expected - (1e-13 * Math.Max(Math.Abs(expected), 1e-30)), expected + (1e-13 * Math.Max(Math.Abs(expected), 1e-30)));
            }
        }
    }

    /// <summary>The definition: each response, chosen with e^r over the sum of its choice set, which holds it, its ties and all below.</summary>
    private static double Probability(double[] rewards, double[] scores)
    {
        var product = 1.0;
        for (var own = 0; own < rewards.Length; own++)
        {
            var set = 0.0;
            for (var other = 0; other < rewards.Length; other++)
            {
                set += scores[other] <= scores[own] ? Math.Exp(rewards[other]) : 0;
            }
            product *= Math.Exp(rewards[own]) / set;
        }
        return product;
    }

    private static IEnumerable<double[]> Permutations(int count) =>
        count == 0 ? [[]] : Permutations(count - 1).SelectMany(shorter => Enumerable.Range(0, count).Select(place => (double[])[.. shorter[..place], count, .. shorter[place..]]));
}
