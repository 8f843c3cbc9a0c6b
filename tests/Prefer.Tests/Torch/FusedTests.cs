using System.Diagnostics;
using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Torch;

/// <summary>
/// The kernels of native/ against chains of libtorch's operators: values and gradients in float64, and fp32 and bf16 against float64. Sizes are drawn, so
/// that rows end inside a register.
/// </summary>
public sealed class FusedTests(ITestOutputHelper output)
{
    private const int T = 7, H = 3;

    private static readonly Dictionary<string, (Func<int, long[][]> Shapes, Func<Tensor[], Tensor> Kernel, Func<Tensor[], Tensor> Chain)> Cases = new()
    {
        ["rms norm"] = (h => [[T, h], [h]], x => x[0].RmsNorm(x[1], 1e-3, false), x => Rms(x[0]) * x[1]),
        ["rms norm, one added"] = (h => [[T, h], [h]], x => x[0].RmsNorm(x[1], 1e-3, true), x => Rms(x[0]) * (x[1] + 1)),
        ["rms norm of a sum"] = (h => [[T, h], [T, h], [h]], x => Both(x[0].AddRmsNorm(x[1], x[2], 1e-3, false)), x => Both((x[0] + x[1], Rms(x[0] + x[1]) * x[2]))),
        ["layer norm"] = (h => [[T, h], [h], [h]], x => x[0].LayerNorm(x[1], x[2], 1e-3), x => (Centred(x[0]) * x[1]) + x[2]),
        ["layer norm without bias"] = (h => [[T, h], [h]], x => x[0].LayerNorm(x[1], null, 1e-3), x => Centred(x[0]) * x[1]),
        ["layer norm without weight"] = (h => [[T, h]], x => x[0].LayerNorm(null, null, 1e-3), x => Centred(x[0])),
        ["layer norm of a sum"] = (
            h => [[T, h], [T, h], [h], [h]], x => Both(x[0].AddLayerNorm(x[1], x[2], x[3], 1e-3)), x => Both((x[0] + x[1], (Centred(x[0] + x[1]) * x[2]) + x[3]))),
        ["silu"] = (h => [[T, h]], x => (x[0] * 4).Activate(FusedActivation.Silu), x => x[0] * 4 * (x[0] * 4).LogSigmoid().Exp()),
        ["gelu"] = (h => [[T, h]], x => (x[0] * 4).Activate(FusedActivation.Gelu), x => Gelu(x[0] * 4)),
        ["gelu, tanh form"] = (h => [[T, h]], x => (x[0] * 4).Activate(FusedActivation.GeluTanh), x => TanhGelu(x[0] * 4)),
        ["gated"] = (h => [[T, h], [T, h]], x => x[0].Activate(FusedActivation.Silu, x[1]), x => x[0] * x[0].LogSigmoid().Exp() * x[1]),
        ["gated halves of one matrix"] = (
            h => [[T, 2 * h]],
            x => x[0].Split([x[0].Shape[1] / 2, x[0].Shape[1] / 2], 1) is var part ? part[0].Activate(FusedActivation.Gelu, part[1]) : x[0],
            x => x[0].Split([x[0].Shape[1] / 2, x[0].Shape[1] / 2], 1) is var part ? Gelu(part[0]) * part[1] : x[0]),
        ["rotation"] = (h => [[T, H, (2 * h) + 3]], x => x[0].Rotate(Angles(x[0]).Cos(), Angles(x[0]).Sin()), x => Turned(x[0], Angles(x[0]))),
        ["linears"] = (
            h => [[T, h], [5, h], [9, h], [5], [9]],
            x => Tensor.Cat(x[0].Linears([x[1], x[2]], [x[3], x[4]]), 1),
            x => Tensor.Cat([x[0].Matmul(x[1].Transpose(0, 1)) + x[3], x[0].Matmul(x[2].Transpose(0, 1)) + x[4]], 1)),
        ["linear in columns"] = (h => [[T, h], [h, 5], [5]], x => x[0].AffineColumns(x[1], x[2]), x => x[0].Matmul(x[1]) + x[2]),
        ["embedding"] = (
            h => [[4, h]], x => x[0].Embedding(Tensor.From<long>([2, 0, 2, 3])) + x[0].Embedding(Tensor.From<long>([1, 1, 0, 3])),
            x => x[0].IndexSelect(0, Tensor.From<long>([2, 0, 2, 3])) + x[0].IndexSelect(0, Tensor.From<long>([1, 1, 0, 3]))),
    };

    public static TheoryData<string> Names() => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_kernel_equals_its_chain(string name)
    {
        var (shapes, kernel, chain) = Cases[name];
        var deviations = new Deviations();
        // Rows of the last size are divided among threads.
        foreach (var size in new[] { 1, 2, 7, 8, 15, 16, 33, 70, 2403 })
        {
            using var scope = new TensorScope();
            var leaves = shapes(size).Select((shape, index) => FiniteDifferences.Leaf((100 * size) + index, shape)).ToArray();
            foreach (var dtype in Deviations.Types)
            {
                // What is compared begins with the same rounded numbers.
                var rounded = Array.ConvertAll(leaves, leaf => leaf.Detach().To(dtype));
                var expected = Run(chain, Array.ConvertAll(rounded, leaf => leaf.To(DType.Float64).Clone()));
                var found = Run(kernel, Array.ConvertAll(rounded, leaf => leaf.Clone()));
                deviations.Add(dtype, expected, found, $", size {size}");
            }
        }
        // Rounding of sums; in bf16 of a few operations in a row of 2⁻⁹ each.
        deviations.Within(1e-13, 4e-6, 0.03, output);
    }

    [Fact]
    public async Task Kernels_for_older_processors_agree_too()
    {
        foreach (var instructions in new[] { "base", "avx2" })
        {
            var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, ArgumentList = { typeof(FusedTests).Assembly.Location, "-noColor", "-method", "*A_kernel_equals_its_chain", "-method", "*A_kernel_of_attention_equals_its_chain" } };
            start.Environment["PREFER_INSTRUCTIONS"] = instructions;
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            var text = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken) + await errors;
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(process.ExitCode == 0, $"{instructions}: {text}");
        }
    }

    [Fact]
    public void Infinities_and_nan_pass_through_activations()
    {
        using var scope = new TensorScope();
        float[] values = [float.NaN, 200, -200, 0, float.PositiveInfinity, 1e-30f];
        foreach (var function in Enum.GetValues<FusedActivation>())
        {
            var found = Tensor.From<float>(values).Activate(function).ToArray<float>();
            Assert.True(float.IsNaN(found[0]));
            Assert.Equal([200, 0, 0, float.PositiveInfinity], new[] { found[1], MathF.Abs(found[2]), found[3], found[4] });
        }
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

    private static Tensor Both((Tensor Sum, Tensor Normal) pair) => Tensor.Cat([pair.Sum, pair.Normal], 1);

    private static Tensor Rms(Tensor x) => x * ((x * x).Mean([-1], keep: true) + 1e-3).Rsqrt();

    private static Tensor Centred(Tensor x)
    {
        var centred = x - x.Mean([-1], keep: true);
        return centred * ((centred * centred).Mean([-1], keep: true) + 1e-3).Rsqrt();
    }

    private static Tensor Gelu(Tensor x) => x * 0.5 * ((x / Math.Sqrt(2)).Erf() + 1);

    private static Tensor TanhGelu(Tensor x) => x * 0.5 * (((x + (x * x * x * 0.044715)) * Math.Sqrt(2 / Math.PI)).Tanh() + 1);

    // [T, R/2], R the largest even number of columns that leaves three or four as they are.
    private static Tensor Angles(Tensor x)
    {
        var half = (x.Shape[2] - 3) / 2;
        return Tensor.Arange(T * half, x.DType == DType.Float64 ? DType.Float64 : DType.Float32).Reshape(T, half) * 0.375;
    }

    private static Tensor Turned(Tensor x, Tensor angles)
    {
        var half = angles.Shape[1];
        var parts = x.Split([half, half, x.Shape[2] - (2 * half)], 2);
        var (cosine, sine) = (angles.Cos().Unsqueeze(1), angles.Sin().Unsqueeze(1));
        return Tensor.Cat([(parts[0] * cosine) - (parts[1] * sine), (parts[1] * cosine) + (parts[0] * sine), parts[2]], 2);
    }
}
