namespace Prefer.Torch;

public sealed partial class Tensor
{
    private QuantizedMatrix? quantized;

    private Tensor(QuantizedMatrix quantized, long[] shape)
    {
        (this.quantized, this.shape) = (quantized, shape);
        TensorScope.Own(this);
    }

    /// <summary>
    /// This matrix as int8 with a scale for each row, max|w| / 127: a quarter of fp32's memory, each element off by at most half its row's scale.
    /// Only <see cref="Linear"/> multiplies with it and <see cref="Embedding"/> looks up in it; anything else is an error, and so are gradients.
    /// </summary>
    /// <param name="dtype">Element type of rows that are looked up.</param>
    /// <param name="device">Where the codes go.</param>
    public Tensor QuantizeRows(DType dtype = DType.Float32, string device = "cpu") => new(QuantizedMatrix.Of(this, dtype, device, isTransposed: false), [.. Shape]);

    /// <summary>The same with a scale for each column, for <see cref="AffineColumns"/>.</summary>
    /// <param name="device">Where the codes go.</param>
    public Tensor QuantizeColumns(string device = "cpu") => new(QuantizedMatrix.Of(this, DType.Float32, device, isTransposed: true), [.. Shape]);
}
