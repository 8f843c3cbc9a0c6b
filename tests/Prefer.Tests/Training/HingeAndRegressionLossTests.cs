using System.Text.Json.Nodes;
using Prefer.Tests.Statistics;
using Prefer.Tests.Torch;
using Prefer.Torch;
using Prefer.Training;
using Xunit;

namespace Prefer.Tests.Training;

/// <summary>Hinge and least squares, values and derivatives, against cases done by hand and the pieces they are made of.</summary>
public sealed class HingeAndRegressionLossTests
{
    private const double Tolerance = 1e-15;

    private static readonly JsonNode Recorded = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "tests", "fixtures", "losses", "reward.json")))!["inputs"]!;

    [Theory]
    // width, p, margin, r_c, r_r, loss, dℓ/dr_c
    [InlineData(1, 1, 0, 2, 0.5, 0, 0)]
    [InlineData(1, 1, 0, 1.25, 0.5, 0.25, -1)]
    [InlineData(1, 1, 0, 0.5, 2, 2.5, -1)]
    [InlineData(1, 1, 0, 1.5, 0.5, 0, 0)] // the corner
    [InlineData(0, 1, 0, 0.5, 0.25, 0, 0)]
    [InlineData(0, 1, 0.5, 0.5, 0.25, 0.25, -1)] // width 0: max(0, margin − d)
    [InlineData(1, 1, 0.5, 0.5, 0.25, 1.25, -1)] // 1 − (0.25 − 0.5)
    [InlineData(1, 1, -2, 0.5, 0.25, 0, 0)]
    [InlineData(1, 0.5, 0, 0.5, 0.25, 1, 0)] // a tie inside the width: 0.5·0.75 + 0.5·1.25
    [InlineData(1, 0.5, 0, 3, 0, 2, 0.5)] // and outside: 0.5·(1 + 3)
    [InlineData(2, 0.75, 0, 1, 0, 1.5, -0.5)] // 0.75·1 + 0.25·3
    [InlineData(1, 1, 0, 1e4, -1e4, 0, 0)]
    [InlineData(1, 1, 0, -1e4, 1e4, 20001, -1)]
    public void Hinge_is_what_the_lead_lacks(double width, double preference, double margin, double chosen, double rejected, double expected, double slope)
    {
        using var scope = new TensorScope();
        var (chosenTensor, rejectedTensor) = (Tensor.From<double>([chosen]), Tensor.From<double>([rejected]));
        chosenTensor.RequiresGrad = rejectedTensor.RequiresGrad = true;
        var loss = HingeLoss.PerComparison(chosenTensor, rejectedTensor, Tensor.From<double>([preference]), Tensor.From<double>([margin]), width);
        loss.Sum().Backward();

        Relative.Equal(expected, HingeLoss.Of(chosen, rejected, width, preference, margin), Tolerance);
        Relative.Equal(expected, loss.Item(), Tolerance);
        Relative.Equal(slope, chosenTensor.Gradient()!.ToArray<double>()[0], Tolerance);
        Relative.Equal(-slope, rejectedTensor.Gradient()!.ToArray<double>()[0], Tolerance);
    }

    [Fact]
    public void Hinge_of_recorded_rewards_and_margins_is_its_definition_row_by_row()
    {
        using var scope = new TensorScope();
        var (chosen, rejected, margin) = (Numbers("chosen_rewards"), Numbers("rejected_rewards"), Numbers("margin"));

        var found = HingeLoss.PerComparison(Tensor.From<double>(chosen), Tensor.From<double>(rejected), Tensor.Full([chosen.Length], 1, DType.Float64), Tensor.From<double>(margin), 1).ToArray<double>();

        for (var row = 0; row < chosen.Length; row++)
        {
            var lack = 1 - (chosen[row] - rejected[row] - margin[row]);
            Assert.Equal(lack > 0 ? lack : 0, found[row], 1e-14);
            Assert.Equal(HingeLoss.Of(chosen[row], rejected[row], 1, margin: margin[row]), found[row], 1e-14);
        }
    }

    [Theory]
    [InlineData(0.5, 2, 2.25, -3)]
    [InlineData(3, 3, 0, 0)]
    [InlineData(-1e4, 1e4, 4e8, -4e4)]
    [InlineData(1.25, -0.25, 2.25, 3)]
    public void Regression_is_the_squared_difference(double reward, double score, double expected, double slope)
    {
        using var scope = new TensorScope();
        var rewards = Tensor.From<double>([reward]);
        rewards.RequiresGrad = true;
        var loss = RegressionLoss.PerRating(rewards, Tensor.From<double>([score]));
        loss.Sum().Backward();

        Relative.Equal(expected, RegressionLoss.Of(reward, score), Tolerance);
        Relative.Equal(expected, loss.Item(), Tolerance);
        Relative.Equal(slope, rewards.Gradient()!.ToArray<double>()[0], Tolerance);
    }

    [Fact]
    public void Gradients_of_smooth_stretches_are_the_derivatives()
    {
        using var scope = new TensorScope();
        var (first, second) = (FiniteDifferences.Leaf(3, 8), FiniteDifferences.Leaf(4, 8));
        var half = Tensor.Full([8], 0.75, DType.Float64);

        Assert.InRange(FiniteDifferences.Deviation(() => RegressionLoss.PerRating(first, second).Sum(), [first, second]), 0, 1e-10);
        // A width that no difference of the draws comes near.
        Assert.InRange(FiniteDifferences.Deviation(() => HingeLoss.PerComparison(first, second, half, second * 0, 9).Sum(), [first, second]), 0, 1e-10);
    }

    private static double[] Numbers(string name) => [.. Recorded[name]!.AsArray().Select(value => (double)value!)];
}
