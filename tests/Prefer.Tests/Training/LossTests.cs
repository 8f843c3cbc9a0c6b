using System.Numerics;
using System.Text.Json.Nodes;
using Prefer.Tests.Statistics;
using Prefer.Torch;
using Prefer.Training;
using Xunit;

namespace Prefer.Tests.Training;

/// <summary>The loss in float64, against TRL's recorded one and against its definition in 400-bit arithmetic.</summary>
public sealed class LossTests
{
    /// <summary>A few units in the last place of a sum of eight.</summary>
    private const double RecordedTolerance = 2e-14;

    /// <summary>A few units in the last place: e⁻ˣ alone loses x/2 of them in some libraries, log(1 + x) another.</summary>
    private const double TailTolerance = 4e-15;

    private static readonly JsonNode Recorded = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "tests", "fixtures", "losses", "reward.json")))!;

    public static TheoryData<int> Cases => [.. Enumerable.Range(0, Recorded["cases"]!.AsArray().Count)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Loss_derivatives_and_figures_equal_those_of_TRL(int index)
    {
        using var scope = new TensorScope();
        var (inputs, expected) = (Recorded["inputs"]!, Recorded["cases"]![index]!);
        var (chosen, rejected) = (Numbers(inputs["chosen_rewards"]!), Numbers(inputs["rejected_rewards"]!));
        var margin = (bool)expected["use_margin"]! ? Numbers(inputs["margin"]!) : new double[chosen.Length];
        var centering = (double?)expected["center_rewards_coefficient"] ?? 0;
        var (chosenTensor, rejectedTensor) = (Tensor.From<double>(chosen), Tensor.From<double>(rejected));
        chosenTensor.RequiresGrad = rejectedTensor.RequiresGrad = true;

        var losses = RewardLoss.PerComparison(chosenTensor, rejectedTensor, Tensor.Full([chosen.Length], 1, DType.Float64), Tensor.From<double>(margin), centering);
        losses.Mean([0]).Backward();

        var figures = new StepFigures();
        for (var row = 0; row < chosen.Length; row++)
        {
            var loss = RewardLoss.Of(chosen[row], rejected[row], margin: margin[row], centering: centering);
            Relative.Equal(loss, losses.ToArray<double>()[row], RecordedTolerance);
            figures = figures.Plus(StepFigures.Of(new EncodedComparison("", null!, null!, 1, margin[row], 1), chosen[row], rejected[row], loss));
        }
        Relative.Equal((double)expected["loss"]!, figures.Loss, RecordedTolerance);
        Relative.Equal((double)expected["loss"]!, losses.Mean([0]).Item(), RecordedTolerance);
        Relative.Equal((double)expected["margin"]!, figures.MarginSum / figures.Count, RecordedTolerance);
        Assert.Equal((double)expected["accuracy"]!, figures.Accuracy);
        EachEqual(Numbers(expected["dloss_dchosen"]!), chosenTensor.Gradient()!.ToArray<double>());
        EachEqual(Numbers(expected["dloss_drejected"]!), rejectedTensor.Gradient()!.ToArray<double>());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1e-10)]
    [InlineData(0.3)]
    [InlineData(5)]
    [InlineData(40)]
    [InlineData(60)]
    [InlineData(700)]
    [InlineData(800)]
    public void Both_tails_are_exact_for_every_label_and_smoothing(double difference)
    {
        using var scope = new TensorScope();
        foreach (var (label, smoothing, signed) in from label in new[] { 1, 0.9, 0.75, 0.5 } from smoothing in new[] { 0, 0.1, 0.5 } from sign in new[] { 1, -1 } select (label, smoothing, sign * difference))
        {
            var preference = RewardLoss.Smoothed(label, smoothing);
            Relative.Equal((label * (1 - smoothing)) + ((1 - label) * smoothing), preference, 1e-16);
            var expected = Precise.Loss(signed, preference);
            Assert.True(double.IsFinite(expected));

            // e⁻⁷⁰⁰ and less: below the normal numbers a double has fewer digits, so a zero may stand for a denormal.
            var slack = expected < 1e-300 ? double.Epsilon : TailTolerance * expected;
            Assert.InRange(RewardLoss.Of(signed, 0, preference), expected - slack, expected + slack);
            // The margin moves the difference: half of it by rewards, half by a margin.
            Assert.InRange(RewardLoss.Of(signed / 4, -signed / 4, preference, margin: -signed / 2), expected - slack, expected + slack);
            var tensor = RewardLoss.PerComparison(Tensor.From<double>([signed]), Tensor.From<double>([0]), Tensor.From<double>([preference]), Tensor.From<double>([0]), 0);
            Assert.InRange(tensor.ToArray<double>()[0], expected - slack, expected + slack);
        }
    }

    [Fact]
    public void Centering_adds_its_square() =>
        Relative.Equal(RewardLoss.Of(1.5, -0.25) + (0.01 * 1.25 * 1.25), RewardLoss.Of(1.5, -0.25, centering: 0.01), 1e-15);

    [Fact]
    public void A_tie_costs_least_where_rewards_are_equal_and_pulls_them_together()
    {
        Relative.Equal(Math.Log(2), RewardLoss.Of(3, 3, preference: 0.5), 1e-15);
        Assert.True(RewardLoss.Of(3.1, 3, preference: 0.5) > Math.Log(2));
        Assert.Equal(RewardLoss.Of(3, 4, preference: 0.5), RewardLoss.Of(4, 3, preference: 0.5));
    }

    private static double[] Numbers(JsonNode node) => [.. node.AsArray().Select(value => (double)value!)];

    private static void EachEqual(double[] expected, double[] found)
    {
        foreach (var (first, second) in expected.Zip(found, (first, second) => (first, second)))
        {
            Relative.Equal(first, second, RecordedTolerance);
        }
    }

    /// <summary>Fixed-point numbers with 1,400 bits behind the point: e⁻⁸⁰⁰ still has 240 of them.</summary>
    private static class Precise
    {
        private const int Bits = 1400;

        private static readonly BigInteger One = BigInteger.One << Bits;

        /// <summary>p·log(1 + e⁻ᵈ) + (1 − p)·log(1 + eᵈ).</summary>
        internal static double Loss(double difference, double preference) =>
            ToDouble(((Of(preference) * Softplus(-difference)) + ((One - Of(preference)) * Softplus(difference))) >> Bits);

        /// <summary>log(1 + eˣ) = max(x, 0) + log(1 + e^−|x|).</summary>
        private static BigInteger Softplus(double x) => Of(Math.Max(x, 0)) + LogOnePlus(ExpOfNegative(Of(Math.Abs(x))));

        /// <summary>e⁻ˣ by its series at x/2¹², squared twelve times.</summary>
        private static BigInteger ExpOfNegative(BigInteger x)
        {
            const int Halvings = 12;
            var (sum, term) = (BigInteger.Zero, One);
            for (var n = 1; !term.IsZero; n++)
            {
                sum += term;
                term = -(term * x >> (Bits + Halvings)) / n;
            }
            for (var n = 0; n < Halvings; n++)
            {
                sum = sum * sum >> Bits;
            }
            return sum;
        }

        /// <summary>log(1 + y) = 2·artanh(y / (2 + y)).</summary>
        private static BigInteger LogOnePlus(BigInteger y)
        {
            var z = (y << Bits) / ((2 * One) + y);
            var (sum, power) = (BigInteger.Zero, z);
            for (var n = 1; !power.IsZero; n += 2)
            {
                sum += power / n;
                power = (power * z >> Bits) * z >> Bits;
            }
            return 2 * sum;
        }

        private static BigInteger Of(double value) => new BigInteger(Math.ScaleB(value, 100)) << (Bits - 100);

        // In two steps, because 2⁻¹⁴⁰⁰ alone is no double.
        private static double ToDouble(BigInteger value)
        {
            var shift = Math.Max(0, (int)value.GetBitLength() - 64);
            return Math.ScaleB((double)(value >> shift), shift - Bits);
        }
    }
}
