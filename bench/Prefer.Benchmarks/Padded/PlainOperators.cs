using Prefer.Torch;

namespace Prefer.Benchmarks.Padded;

/// <summary>libtorch's own operators, which the ordinary way is made of and Prefer no longer calls.</summary>
internal static class PlainOperators
{
    private static readonly Op LinearOp = new("aten::linear");
    private static readonly Op EmbeddingOp = new("aten::embedding");
    private static readonly Op LayerNormOp = new("aten::layer_norm");
    private static readonly Op GeluOp = new("aten::gelu");
    private static readonly Op SiluOp = new("aten::silu");
    private static readonly Op LerpOp = new("aten::lerp_", "Scalar");
    private static readonly Op AddcmulOp = new("aten::addcmul_");
    private static readonly Op AddcdivOp = new("aten::addcdiv_");

    /// <summary>x·Wᵀ + b.</summary>
    internal static Tensor PlainLinear(this Tensor x, Tensor weight, Tensor? bias) => LinearOp.Call(x, weight, bias);

    /// <summary>Rows of a table; its gradient is dense.</summary>
    internal static Tensor PlainEmbedding(this Tensor table, Tensor indices, long? padding = null) => EmbeddingOp.Call(table, indices, padding ?? -1, false, false);

    /// <summary>Layer norm over the last dimension.</summary>
    internal static Tensor PlainLayerNorm(this Tensor x, Tensor weight, Tensor bias, double epsilon) => LayerNormOp.Call(x, weight.Shape.ToArray(), weight, bias, epsilon, true);

    /// <summary>x·Φ(x).</summary>
    internal static Tensor PlainGelu(this Tensor x) => GeluOp.Call(x, Value.Text("none"));

    /// <summary>x·σ(x).</summary>
    internal static Tensor PlainSilu(this Tensor x) => SiluOp.Call(x);

    /// <summary>this += weight · (end − this).</summary>
    internal static void LerpInPlace(this Tensor tensor, Tensor end, double weight) => LerpOp.CallInPlace(tensor, end, weight);

    /// <summary>this += scale · first · second.</summary>
    internal static void AddProductInPlace(this Tensor tensor, Tensor first, Tensor second, double scale) => AddcmulOp.CallInPlace(tensor, first, second, scale);

    /// <summary>this += scale · numerator / denominator.</summary>
    internal static void AddQuotientInPlace(this Tensor tensor, Tensor numerator, Tensor denominator, double scale) => AddcdivOp.CallInPlace(tensor, numerator, denominator, scale);
}
