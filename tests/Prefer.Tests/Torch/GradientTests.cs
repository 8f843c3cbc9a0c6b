using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Torch;

/// <summary>The gradient of every operator and composite that the models use, against central differences in float64.</summary>
public sealed class GradientTests(ITestOutputHelper output)
{
    // Truncation, and rounding of a sum of some twenty terms over a step of 1e-3; 1.6e-12 was the most seen.
    private const double Tolerance = 1e-11;

    private static readonly Dictionary<string, (long[][] Shapes, Func<Tensor[], Tensor> Function)> Composites = new()
    {
        ["linear"] = ([[3, 4], [2, 4], [2]], x => x[0].Linear(x[1], x[2])),
        ["linear without bias"] = ([[3, 4], [2, 4]], x => x[0].Linear(x[1])),
        ["affine columns"] = ([[3, 4], [4, 2], [2]], x => x[0].AffineColumns(x[1], x[2])),
        ["matmul"] = ([[2, 3, 4], [4, 2]], x => x[0].Matmul(x[1])),
        ["batched matmul"] = ([[2, 3, 4], [2, 4, 2]], x => x[0].BatchedMatmul(x[1])),
        ["layer norm"] = ([[3, 5], [5], [5]], x => x[0].LayerNorm(x[1], x[2], 1e-5)),
        ["rms norm"] = ([[3, 5], [5]], x => x[1] * (x[0] * ((x[0] * x[0]).Mean([-1], keep: true) + 1e-5).Rsqrt())),
        ["gelu"] = ([[10]], x => x[0].Activate(FusedActivation.Gelu)),
        ["gelu, tanh approximation"] = ([[10]], x => x[0].Activate(FusedActivation.GeluTanh)),
        ["silu"] = ([[10]], x => x[0].Activate(FusedActivation.Silu)),
        ["relu"] = ([[10]], x => x[0].Relu()),
        ["tanh"] = ([[10]], x => x[0].Tanh()),
        ["softmax"] = ([[3, 4]], x => x[0].Softmax(-1)),
        ["log-sigmoid"] = ([[10]], x => (x[0] * 4).LogSigmoid()),
        ["embedding"] = ([[4, 3]], x => x[0].Embedding(Tensor.From<long>([2, 0, 2, 3]))),
        ["gather"] = ([[2, 3, 4]], x => x[0].Gather(2, Tensor.From<long>([2, 0, 2, 3, 1, 1], [1, 3, 2]).Expand(2, 3, 2))),
        ["convolution in groups"] = ([[2, 4, 7], [6, 2, 3], [6]], x => x[0].Convolve(x[1], x[2], groups: 2)),
        ["layer norm without bias"] = ([[3, 5], [5]], x => x[0].LayerNorm(x[1], null, 1e-5)),
        ["index select"] = ([[4, 3]], x => x[0].IndexSelect(1, Tensor.From<long>([2, 0, 2]))),
        ["split and cat"] = ([[2, 6]], x => x[0].Split([1, 3, 2], 1) is var part ? Tensor.Cat([part[2] * 3, part[1] * part[1], part[1]], 1) : x[0]),
        ["narrow, transpose, permute, expand"] = (
            [[2, 3, 4]], x => x[0].Narrow(2, 1, 2).Transpose(0, 1).Permute(2, 0, 1).Unsqueeze(1).Expand(2, 2, 3, 2).Contiguous().Reshape(4, 6).Pow(2)),
        ["broadcast arithmetic"] = ([[3, 1], [1, 4]], x => ((x[0] + x[1]) * x[0]) - (x[1] / ((x[0] * x[0]) + 1)) - (-x[0])),
        ["numbers beside tensors"] = ([[5]], x => (((x[0] * 3) - 1) / 7) + 2),
        ["exp, log, sqrt, abs, sin, cos"] = ([[5]], x => x[0].Exp().Log() + (x[0].Abs() + 1).Sqrt() + (x[0].Sin() * x[0].Cos())),
        ["sums, means, norm"] = ([[3, 4]], x => x[0].Sum([0]) + x[0].Mean([0, 1], keep: true) + x[0].Norm() + x[0].Sum()),
        ["dtype there and back"] = ([[5]], x => x[0].To(DType.Float64).Clone()),
    };

    public static TheoryData<string> Names() => [.. Composites.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradient_equals_central_differences(string name)
    {
        using var scope = new TensorScope();
        var (shapes, function) = Composites[name];
        var inputs = shapes.Select((shape, index) => FiniteDifferences.Leaf(index, shape)).ToArray();
        var deviation = FiniteDifferences.Deviation(() => FiniteDifferences.Weigh(function(inputs)), inputs);
        output.WriteLine($"{deviation:g2}");
        Assert.True(deviation <= Tolerance, $"off by {deviation:g2} of the largest derivative");
    }

    [Fact]
    public void A_wrong_gradient_is_noticed()
    {
        using var scope = new TensorScope();
        var x = FiniteDifferences.Leaf(0, 4);
        // The detached factor hides half of the derivative of x².
        Assert.InRange(FiniteDifferences.Deviation(() => FiniteDifferences.Weigh(x * x.Detach()), [x]), 0.5, 2);
    }
}
