namespace Prefer.Torch;

/// <summary>
/// A matrix in a quarter of fp32's memory: codes, one byte an element, and a scale for each row, max|w| / 127, so that w is off by at most
/// half a scale. It is never whole in another form: a product makes blocks of rows out of the codes, one at a time. n rows, m columns, k rows of a block.
/// </summary>
/// <param name="codes">int8 [n, m]</param>
/// <param name="scales">fp32 [n]</param>
/// <param name="dtype">Element type of rows that are looked up.</param>
/// <param name="isTransposed">Whether the rows are those of the transpose of the matrix it stands for.</param>
internal sealed class QuantizedMatrix(Tensor codes, Tensor scales, DType dtype, bool isTransposed) : IDisposable
{
    private const int LargestCode = 127;

    /// <summary>The smallest normal float: rows of zeros, and rows that a scale could not tell from zero, keep a scale that divides.</summary>
    private const double SmallestScale = 1.17549435e-38;

    /// <summary>Elements of a block that is being quantized: 1 MB in fp32, of which there are a few copies.</summary>
    private const long SourceBlock = 1 << 18;

    /// <summary>Elements of a block that is being multiplied with: 16 MB in fp32. Larger blocks are no faster.</summary>
    private const long ProductBlock = 1 << 22;

    /// <summary>Quantizes a matrix of any floating type block by block; one that is a mapped file is read once and held nowhere.</summary>
    internal static QuantizedMatrix Of(Tensor matrix, DType dtype, string device, bool isTransposed)
    {
        using var scope = new TensorScope();
        using var noGrad = TorchRuntime.NoGrad();
        var source = isTransposed ? matrix.Transpose(0, 1) : matrix; // [n, m]
        var (rowCount, columnCount) = (source.Shape[0], source.Shape[1]);
        var codes = Tensor.Zeros([rowCount, columnCount], DType.Int8, device);
        var scales = Tensor.Zeros([rowCount], device: device);
        // As a tensor, so that it divides: a number would be multiplied by its rounded inverse.
        var largest = Tensor.Full([], LargestCode, device: matrix.Device);
        foreach (var (start, count) in Blocks(rowCount, columnCount, SourceBlock))
        {
            using var ofBlock = new TensorScope();
            var block = source.Narrow(0, start, count).To(DType.Float32); // [k, m]
            var scale = (block.Abs().Max([1], keep: true) / largest).ClampMin(SmallestScale); // [k, 1]
            codes.Narrow(0, start, count).CopyFrom((block / scale).Round());
            scales.Narrow(0, start, count).CopyFrom(scale.Reshape(-1));
        }
        return new QuantizedMatrix(TensorScope.Release(codes), TensorScope.Release(scales), dtype, isTransposed);
    }

    /// <summary>x · Wᵀ + bias: [T, m] → [T, n].</summary>
    /// <param name="x">[T, m]</param>
    /// <param name="bias">[n], or null.</param>
    /// <param name="isTransposed">How the caller reads the matrix; another way than it was quantized is an error.</param>
    internal Tensor Linear(Tensor x, Tensor? bias, bool isTransposed)
    {
        CheckLayout(isTransposed);
        var rowCount = codes.Shape[0];
        var blocks = Blocks(rowCount, codes.Shape[1], ProductBlock).ToArray();
        if (blocks is [_])
        {
            return Product(x, bias, 0, rowCount);
        }
        var result = Tensor.Zeros([.. x.Shape.SkipLast(1), rowCount], x.DType, x.Device);
        foreach (var (start, count) in blocks)
        {
            using var scope = new TensorScope();
            result.Narrow(-1, start, count).CopyFrom(Product(x, bias, start, count));
        }
        return result;
    }

    /// <summary>The rows at integer indices [T]: [T, m].</summary>
    internal Tensor Rows(Tensor indices)
    {
        CheckLayout(asked: false);
        using var scope = new TensorScope();
        return scope.MoveOut((codes.IndexSelect(0, indices).To(scales.DType) * scales.IndexSelect(0, indices).Unsqueeze(1)).To(dtype));
    }

    public void Dispose()
    {
        codes.Dispose();
        scales.Dispose();
    }

    // The scale goes to the product, which has fewer elements than the block.
    private Tensor Product(Tensor x, Tensor? bias, long start, long count)
    {
        using var scope = new TensorScope();
        var product = x.Matmul(codes.Narrow(0, start, count).To(x.DType).Transpose(0, 1)); // [T, k]
        product.MultiplyInPlace(scales.Narrow(0, start, count));
        if (bias is not null)
        {
            product.AddInPlace(bias.Narrow(0, start, count));
        }
        return scope.MoveOut(product);
    }

    private void CheckLayout(bool asked)
    {
        if (asked != isTransposed)
        {
            throw new InvalidOperationException($"a matrix quantized by its {(isTransposed ? "columns" : "rows")} was read by the other side");
        }
    }

    private static IEnumerable<(long Start, long Count)> Blocks(long rowCount, long columnCount, long elements)
    {
        var size = Math.Max(1, elements / Math.Max(1, columnCount));
        for (long start = 0; start < rowCount; start += size)
        {
            yield return (start, Math.Min(size, rowCount - start));
        }
    }
}
