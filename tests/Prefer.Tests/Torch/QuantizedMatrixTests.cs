using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Torch;

/// <summary>Matrices as int8: each element off by at most half its row's scale, and products and look-ups those of what the codes stand for.</summary>
public sealed class QuantizedMatrixTests : IDisposable
{
    private readonly TensorScope scope = new();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 33)]
    [InlineData(300, 1000)] // two blocks
    public void Every_element_is_off_by_at_most_half_a_scale(int rows, int columns)
    {
        var values = Draw(rows, columns, seed: 1);
        values.AsSpan(0, columns).Fill(1e-42f); // a scale below the smallest normal float

        var found = Tensor.From<float>(values, [rows, columns]).QuantizeRows().Embedding(Tensor.Arange(rows)).ToArray<float>();

        for (var row = 0; row < rows; row++)
        {
            // Half of 1 / 127 of the largest, with room for two roundings of fp32; the smallest normal float where that is below it.
            var bound = Math.Max(values.AsSpan(row * columns, columns).ToArray().Max(Math.Abs) / 254.0, 1.2e-38 / 2) * (1 + 1e-6);
            for (var column = 0; column < columns; column++)
            {
                Assert.InRange(Math.Abs(values[(row * columns) + column] - (double)found[(row * columns) + column]), 0, bound);
            }
        }
    }

    [Fact]
    public void Zeros_stay_zeros_and_what_is_no_number_does_not_become_one()
    {
        var matrix = Tensor.From<float>([0, 0, 1, float.NaN, float.PositiveInfinity, 2], [3, 2]);

        var found = matrix.QuantizeRows().Embedding(Tensor.Arange(3)).ToArray<float>();

        Assert.Equal([0, 0], found[..2]);
        Assert.All(found[2..], value => Assert.False(float.IsFinite(value)));
    }

    [Theory]
    [InlineData(5, 8)]
    [InlineData(2100, 2048)] // two blocks
    public void Products_are_those_of_the_looked_up_rows(int rows, int columns)
    {
        var quantized = Tensor.From<float>(Draw(rows, columns, seed: 2), [rows, columns]).QuantizeRows(DType.Float64);
        var (x, bias) = (Tensor.From<float>(Draw(3, columns, seed: 3), [3, columns]).To(DType.Float64), Tensor.From<float>(Draw(1, rows, seed: 4)).To(DType.Float64));
        var expected = x.Matmul(quantized.Embedding(Tensor.Arange(rows)).Transpose(0, 1));

        // In fp64 what is left is that looked-up elements are rounded to fp32: 6e-8 of each of a few thousand terms near 1.
        AssertNear((expected + bias).ToArray<double>(), x.Linear(quantized, bias).ToArray<double>(), 1e-4);
        AssertNear(expected.ToArray<double>(), x.Linear(quantized).ToArray<double>(), 1e-4);
    }

    [Fact]
    public void Columns_are_the_rows_of_the_transpose()
    {
        var matrix = Tensor.From<float>(Draw(6, 9, seed: 5), [6, 9]);
        var (x, bias) = (Tensor.From<float>(Draw(4, 6, seed: 6), [4, 6]), Tensor.From<float>(Draw(1, 9, seed: 7)));

        var found = x.AffineColumns(matrix.QuantizeColumns(), bias);

        Assert.Equal([4, 9], found.Shape);
        Assert.Equal(x.Linear(matrix.Transpose(0, 1).Contiguous().QuantizeRows(), bias).ToArray<float>(), found.ToArray<float>());
    }

    [Fact]
    public void Anything_else_is_an_error()
    {
        var (x, matrix, bias) = (Tensor.Zeros([2, 3]), Tensor.Zeros([4, 3]), Tensor.Zeros([3]));
        var (rows, columns) = (matrix.QuantizeRows(), matrix.QuantizeColumns());
        Assert.Equal("quantized matrix [4, 3]", rows.ToString());
        Assert.Equal("quantized matrix [4, 3] can only be multiplied with, by Linear or AffineColumns, and looked up in, by Embedding", Assert.Throws<InvalidOperationException>(() => rows + x).Message);
        Assert.Throws<InvalidOperationException>(() => rows.To(DType.BFloat16));
        Assert.Throws<InvalidOperationException>(() => rows.RequiresGrad = true);
        Assert.Throws<InvalidOperationException>(() => x.Linear(columns));
        Assert.Throws<InvalidOperationException>(() => x.AffineColumns(rows, bias));
        rows.Dispose();
        Assert.Throws<ObjectDisposedException>(() => rows + x);
    }

    private static float[] Draw(int rows, int columns, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, rows * columns).Select(_ => (float)((2 * random.NextDouble()) - 1))];
    }

    private static void AssertNear(double[] expected, double[] found, double tolerance)
    {
        Assert.Equal(expected.Length, found.Length);
        Assert.All(expected.Zip(found), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, tolerance));
    }
}
