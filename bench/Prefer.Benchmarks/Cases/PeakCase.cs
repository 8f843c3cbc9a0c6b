using System.Text.Json.Nodes;
using Prefer.Models;
using Prefer.Torch;

namespace Prefer.Benchmarks.Cases;

/// <summary>The matrix-product peak that MFU is measured against: a large square product, median of several.</summary>
internal static class PeakCase
{
    private const int SmallSize = 512, SmallProductCount = 3;

    internal static JsonObject Run(Amount amount, Precision precision)
    {
        var dtype = TypeOf(precision);
        var size = Math.Min(SmallSize, amount.PeakSize);
        var gflops = MatrixSpeed.Gflops(dtype, size, amount.PeakProductCount);
        // Where a precision is emulated, a large product takes minutes and says no more than a small one.
        while (size < amount.PeakSize && 2 * Math.Pow(2 * size, 3) / (gflops * 1e9) < 1)
        {
            size *= 2;
            gflops = MatrixSpeed.Gflops(dtype, size, amount.PeakProductCount);
        }
        return new JsonObject { ["gflops"] = gflops, ["size"] = size };
    }

    /// <summary>Refuses a precision in which matrix products are slower than in fp32: nothing could be gained by it.</summary>
    /// <exception cref="NotAvailableException">It is slower.</exception>
    internal static void CheckFaster(Precision precision)
    {
        if (precision == Precision.Fp32)
        {
            return;
        }
        if (MatrixSpeed.Gflops(TypeOf(precision), SmallSize, SmallProductCount) < MatrixSpeed.Gflops(DType.Float32, SmallSize, SmallProductCount))
        {
            throw new NotAvailableException("matrix products in bf16 are slower than in fp32 on this machine");
        }
    }

    private static DType TypeOf(Precision precision) => precision == Precision.Bf16 ? DType.BFloat16 : DType.Float32;
}
