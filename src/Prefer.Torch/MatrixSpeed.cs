using System.Diagnostics;

namespace Prefer.Torch;

/// <summary>How fast this machine multiplies matrices: the bound that the speed of a network is measured against.</summary>
public static class MatrixSpeed
{
    /// <summary>Speed of a square matrix product, median of several after one that is not counted, in 10⁹ operations a second.</summary>
    /// <param name="dtype">Element type of the matrices.</param>
    /// <param name="size">Rows and columns.</param>
    /// <param name="productCount">Products that are timed.</param>
    public static double Gflops(DType dtype, int size, int productCount)
    {
        using var scope = new TensorScope();
        using var noGrad = TorchRuntime.NoGrad();
        var values = new float[size * size];
        for (var index = 0; index < values.Length; index++)
        {
            values[index] = index % 17 / 17f; // not zero, and cheap to make
        }

        var matrix = Tensor.From<float>(values, [size, size]).To(dtype);
        var seconds = new double[productCount];
        for (var round = -1; round < productCount; round++)
        {
            var started = Stopwatch.GetTimestamp();
            using var product = TensorScope.Release(matrix.Matmul(matrix));
            if (round >= 0) // the first one also starts threads
            {
                seconds[round] = Stopwatch.GetElapsedTime(started).TotalSeconds;
            }
        }

        Array.Sort(seconds);
        return 2.0 * size * size * size / seconds[productCount / 2] / 1e9;
    }
}
