namespace Prefer.Torch;

/// <summary>Activation functions that have a kernel; numbered as <c>Activation</c> in native/kernels.h.</summary>
public enum FusedActivation
{
    /// <summary>x·σ(x).</summary>
    Silu = 0,

    /// <summary>x·Φ(x).</summary>
    Gelu = 1,

    /// <summary>The tanh approximation of <see cref="Gelu"/>.</summary>
    GeluTanh = 2,
}

// The operators of native/ops_*.cpp: what would be several of libtorch's, each a pass over memory, in one. Where there is no kernel (CUDA, half
// precision) the native side takes libtorch's operators itself.
public sealed partial class Tensor
{
    private static readonly Op FusedRmsNormOp = new("prefer::rms_norm");
    private static readonly Op FusedLayerNormOp = new("prefer::layer_norm");
    private static readonly Op GatedOp = new("prefer::gated");
    private static readonly Op RotateOp = new("prefer::rotate");
    private static readonly Op ForestAttentionOp = new("prefer::forest_attention");
    private static readonly Op LinearOp = new("prefer::linear");
    private static readonly Op EmbeddingOp = new("prefer::embedding");
    private static readonly Op SquareSumOp = new("prefer::square_sum");
    private static readonly Op AdamWOp = new("prefer::adamw_");

    /// <summary>x/√(mean(x²) + ε)·w over the last dimension, statistics in fp32 at least; the weight may be fp32 whatever the type of x.</summary>
    /// <param name="weight">[h]</param>
    /// <param name="epsilon">ε</param>
    /// <param name="addsOne">Whether w is the weight plus one.</param>
    public Tensor RmsNorm(Tensor weight, double epsilon, bool addsOne) => FusedRmsNormOp.CallList(this, default, weight, epsilon, addsOne)[0];

    /// <summary>The sum of this and a branch, and its <see cref="RmsNorm"/>.</summary>
    public (Tensor Sum, Tensor Normal) AddRmsNorm(Tensor branch, Tensor weight, double epsilon, bool addsOne) =>
        FusedRmsNormOp.CallList(this, branch, weight, epsilon, addsOne) is [var sum, var normal] ? (sum, normal) : throw new TorchException("prefer::rms_norm gave one tensor for a sum");

    /// <summary>The sum of this and a branch, and its layer norm over the last dimension.</summary>
    public (Tensor Sum, Tensor Normal) AddLayerNorm(Tensor branch, Tensor? weight, Tensor? bias, double epsilon) =>
        FusedLayerNormOp.CallList(this, branch, weight, bias, epsilon) is [var sum, var normal] ? (sum, normal) : throw new TorchException("prefer::layer_norm gave one tensor for a sum");

    /// <summary>(x − mean)/√(var + ε)·weight + bias over the last dimension; without weight the norm alone. Statistics in fp32 at least.</summary>
    public Tensor LayerNorm(Tensor? weight, Tensor? bias, double epsilon) => FusedLayerNormOp.CallList(this, default, weight, bias, epsilon)[0];

    /// <summary>f(this), or f(this)·up.</summary>
    public Tensor Activate(FusedActivation function, Tensor? up = null) => GatedOp.Call(this, up, (long)function);

    /// <summary>Turns the first R columns of each head of [T, H, D], column i with column i + R/2.</summary>
    /// <param name="cosine">[T, R/2]</param>
    /// <param name="sine">[T, R/2]</param>
    public Tensor Rotate(Tensor cosine, Tensor sine) => RotateOp.Call(this, cosine, sine);

    /// <summary>Attention over spans, on the CPU: softmax(cap(scale·q·kᵀ))·v, each token over its path.</summary>
    /// <param name="queries">[T, H, D]</param>
    /// <param name="keys">[T, K, D], K a divisor of H</param>
    /// <param name="values">[T, K, D]</param>
    /// <param name="spans">int64 [S, 4]: start, length, index of the parent or −1, depth; parents first, trees behind each other.</param>
    /// <param name="scale">Factor of the scores.</param>
    /// <param name="causal">Whether a token is blind to later ones.</param>
    /// <param name="window">Causal: keys that a query sees, itself included. Otherwise keys at most half of it away are seen. 0 for none.</param>
    /// <param name="softCap">c in c·tanh(score/c); 0 for none.</param>
    /// <param name="dropout">Probability with which a weight is dropped.</param>
    /// <param name="seed">Decides which; the low 32 bits count.</param>
    /// <returns>[T, H·D]</returns>
    public static Tensor ForestAttention(
        Tensor queries, Tensor keys, Tensor values, Tensor spans, double scale, bool causal, long window, double softCap, double dropout, long seed) =>
        ForestAttentionOp.Call(queries, keys, values, spans, scale, causal, window, softCap, dropout, seed);

    /// <summary>
    /// The copy in bf16 of a weight that is held in fp32, made by <see cref="Linears"/> when bf16 values first meet it, so that the weight is not converted
    /// by every call; <see cref="AdamWInPlace"/> renews it.
    /// </summary>
    private Tensor? cast;

    /// <summary>this·weightᵀ + bias for each of several weights that read the same input; the gradients of this are summed inside the products.</summary>
    /// <param name="weights">[out, in] each, or [in, out] with <paramref name="columns"/>; all of one element type, which may be wider than that of this.</param>
    /// <param name="biases">[out] each, or none at all.</param>
    /// <param name="columns">Whether weights are [in, out].</param>
    public Tensor[] Linears(Tensor[] weights, Tensor[] biases, bool columns = false)
    {
        if (weights[0].quantized is not null)
        {
            return [.. weights.Select((weight, index) => weight.quantized!.Linear(this, biases.Length > 0 ? biases[index] : null, columns))];
        }
        var casts = DType == DType.BFloat16 && weights[0].DType == DType.Float32 ? Array.ConvertAll(weights, weight => weight.InBf16()) : [];
        return LinearOp.CallList(this, weights, biases, casts, columns);
    }

    private Tensor InBf16()
    {
        if (cast is null)
        {
            using var noGrad = TorchRuntime.NoGrad();
            cast = TensorScope.Release(Detach().To(DType.BFloat16));
        }
        return cast;
    }

    private void DropCast()
    {
        cast?.Dispose();
        cast = null;
    }

    /// <summary>this·weightᵀ + bias.</summary>
    /// <param name="weight">[out, in]; its element type may be wider than that of this.</param>
    /// <param name="bias">[out]</param>
    public Tensor Linear(Tensor weight, Tensor? bias = null) => Linears([weight], bias is null ? [] : [bias])[0];

    /// <summary>this·weight + bias, weight [in, out]: GPT-2's layout.</summary>
    public Tensor AffineColumns(Tensor weight, Tensor bias) => Linears([weight], [bias], columns: true)[0];

    /// <summary>Rows of this [V, h] at integer indices [T]: [T, h]. The gradient of a leaf is added to those rows alone.</summary>
    /// <param name="indices">[T]</param>
    /// <param name="paddingIndex">A row that gets no gradient, or null.</param>
    public Tensor Embedding(Tensor indices, long? paddingIndex = null) => quantized is { } rows ? rows.Rows(indices) : EmbeddingOp.Call(this, indices, paddingIndex ?? -1);

    /// <summary>Σ x² over all elements of all tensors, summed in double precision.</summary>
    public static double SquareSum(Tensor[] tensors) => SquareSumOp.CallNumber((Value)tensors);

    /// <summary>One update of AdamW, in place, with PyTorch's arithmetic; the copy in bf16 takes the new values too.</summary>
    /// <param name="gradient">Of this shape and type.</param>
    /// <param name="mean">First moment.</param>
    /// <param name="square">Second moment.</param>
    /// <param name="step">Learning rate / (1 − β₁ᵗ).</param>
    /// <param name="beta1">β₁</param>
    /// <param name="beta2">β₂</param>
    /// <param name="correction">√(1 − β₂ᵗ)</param>
    /// <param name="epsilon">ε</param>
    /// <param name="keep">1 − learning rate · weight decay.</param>
    /// <param name="scale">Factor of the gradient.</param>
    public void AdamWInPlace(
        Tensor gradient, Tensor mean, Tensor square, double step, double beta1, double beta2, double correction, double epsilon, double keep, double scale) =>
        AdamWOp.CallInPlace(this, gradient, mean, square, cast, step, beta1, beta2, correction, epsilon, keep, scale);
}
