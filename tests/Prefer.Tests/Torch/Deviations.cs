using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Torch;

/// <summary>How far a kernel's values and gradients are from its chain's, by the element type that the kernel computed in.</summary>
internal sealed class Deviations
{
    private readonly Dictionary<DType, double> worst = [];

    /// <summary>The types that a kernel is compared in.</summary>
    internal static DType[] Types { get; } = [DType.Float64, DType.Float32, DType.BFloat16];

    /// <summary>Notes the largest difference, as a share of the largest expected value where that is above 1.</summary>
    internal void Add(DType dtype, double[][] expected, double[][] found, string place = "")
    {
        foreach (var (wanted, given) in expected.Zip(found))
        {
            var off = given.Zip(wanted, (x, y) => Math.Abs(x - y)).Max() / Math.Max(1, wanted.Max(Math.Abs));
            Assert.True(double.IsFinite(off), $"{dtype}{place}: not a number");
            worst[dtype] = Math.Max(worst.GetValueOrDefault(dtype), off);
        }
    }

    internal void Within(double float64, double single, double half, ITestOutputHelper output)
    {
        output.WriteLine(string.Join(", ", worst.Select(pair => $"{pair.Key} {pair.Value:g2}")));
        foreach (var (dtype, most) in Types.Zip(new[] { float64, single, half }))
        {
            Assert.True(worst[dtype] <= most, $"{dtype} is off by {worst[dtype]:g2}");
        }
    }
}
