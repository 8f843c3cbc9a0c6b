namespace Prefer.Torch;

// One typed line for each operator that Prefer uses. Names and arguments are libtorch's; dimensions may be negative.
public sealed partial class Tensor
{
    // ---- Making ----
    private static readonly Op ZerosOp = new("aten::zeros");
    private static readonly Op FullOp = new("aten::full");
    private static readonly Op ArangeOp = new("aten::arange");
    private static readonly Op NormalOp = new("aten::normal_");
    private static readonly Op UniformOp = new("aten::uniform_");
    private static readonly Op RandIntOp = new("aten::randint");

    /// <summary>All zero.</summary>
    public static Tensor Zeros(long[] shape, DType dtype = DType.Float32, string device = "cpu") => ZerosOp.Call(shape, dtype, default, Value.Device(device), false);

    /// <summary>All <paramref name="value"/>.</summary>
    public static Tensor Full(long[] shape, double value, DType dtype = DType.Float32, string device = "cpu") => FullOp.Call(shape, value, dtype, default, Value.Device(device), false);

    /// <summary>0, 1, …, <paramref name="end"/> − 1.</summary>
    public static Tensor Arange(long end, DType dtype = DType.Int64, string device = "cpu") => ArangeOp.Call(end, dtype, default, Value.Device(device), false);

    /// <summary>Overwrites every element with a draw from N(mean, std²).</summary>
    public void FillNormal(double mean, double std) => NormalOp.CallInPlace(this, mean, std, default);

    /// <summary>Overwrites every element with a draw from the uniform distribution over [low, high).</summary>
    public void FillUniform(double low, double high) => UniformOp.CallInPlace(this, low, high, default);

    /// <summary>A number below 2³², drawn from the CPU's generator: what a kernel with random numbers of its own begins with.</summary>
    public static long DrawSeed()
    {
        using var scope = new TensorScope();
        return RandIntOp.Call(1L << 32, new[] { 1L }, DType.Int64, default, Value.Device("cpu"), false).ToArray<long>()[0];
    }

    // ---- Types, places, copies ----
    private static readonly Op ToDTypeOp = new("aten::to", "dtype");
    private static readonly Op ToDeviceOp = new("aten::to", "device");
    private static readonly Op CloneOp = new("aten::clone");
    private static readonly Op DetachOp = new("aten::detach");
    private static readonly Op CopyInPlaceOp = new("aten::copy_");

    /// <summary>The same values as another element type; an alias when it is that type already.</summary>
    public Tensor To(DType dtype) => ToDTypeOp.Call(this, dtype, false, false, default);

    /// <summary>The same values on a device.</summary>
    public Tensor To(string device) => ToDeviceOp.Call(this, Value.Device(device), DType, false, false, default);

    /// <summary>A copy with memory of its own.</summary>
    public Tensor Clone() => CloneOp.Call(this, default);

    /// <summary>An alias outside the gradient graph.</summary>
    public Tensor Detach() => DetachOp.Call(this);

    /// <summary>Overwrites the elements with those of <paramref name="source"/> (converted, broadcast).</summary>
    public void CopyFrom(Tensor source)
    {
        CopyInPlaceOp.CallInPlace(this, source, false);
        DropCast();
    }

    // ---- Shapes ----
    private static readonly Op ReshapeOp = new("aten::reshape");
    private static readonly Op TransposeOp = new("aten::transpose", "int");
    private static readonly Op PermuteOp = new("aten::permute");
    private static readonly Op ExpandOp = new("aten::expand");
    private static readonly Op UnsqueezeOp = new("aten::unsqueeze");
    private static readonly Op NarrowOp = new("aten::narrow");
    private static readonly Op CatOp = new("aten::cat");
    private static readonly Op SplitOp = new("aten::split_with_sizes");
    private static readonly Op ContiguousOp = new("aten::contiguous");

    /// <summary>The same elements in another shape; one size may be −1.</summary>
    public Tensor Reshape(params long[] shape) => ReshapeOp.Call(this, shape);

    /// <summary>Two dimensions exchanged.</summary>
    public Tensor Transpose(long first, long second) => TransposeOp.Call(this, first, second);

    /// <summary>Dimensions in another order.</summary>
    public Tensor Permute(params long[] order) => PermuteOp.Call(this, order);

    /// <summary>Dimensions of size one repeated without copying.</summary>
    public Tensor Expand(params long[] shape) => ExpandOp.Call(this, shape, false);

    /// <summary>A dimension of size one put in at <paramref name="dimension"/>.</summary>
    public Tensor Unsqueeze(long dimension) => UnsqueezeOp.Call(this, dimension);

    /// <summary><paramref name="length"/> entries from <paramref name="start"/> along a dimension.</summary>
    public Tensor Narrow(long dimension, long start, long length) => NarrowOp.Call(this, dimension, start, length);

    /// <summary>Tensors joined along a dimension.</summary>
    public static Tensor Cat(Tensor[] tensors, long dimension = 0) => CatOp.Call(tensors, dimension);

    /// <summary>Cut into pieces of the given sizes; the backward pass joins them again in one copy.</summary>
    public Tensor[] Split(long[] sizes, long dimension = 0) => SplitOp.CallList(this, sizes, dimension);

    /// <summary>The same elements laid out row-major.</summary>
    public Tensor Contiguous() => ContiguousOp.Call(this, 0);

    // ---- Arithmetic, elementwise ----
    private static readonly Op AddOp = new("aten::add", "Tensor");
    private static readonly Op AddScalarOp = new("aten::add", "Scalar");
    private static readonly Op SubOp = new("aten::sub", "Tensor");
    private static readonly Op MulOp = new("aten::mul", "Tensor");
    private static readonly Op MulScalarOp = new("aten::mul", "Scalar");
    private static readonly Op DivOp = new("aten::div", "Tensor");
    private static readonly Op NegOp = new("aten::neg");
    private static readonly Op PowScalarOp = new("aten::pow", "Tensor_Scalar");
    private static readonly Op SqrtOp = new("aten::sqrt");
    private static readonly Op RsqrtOp = new("aten::rsqrt");
    private static readonly Op ExpOp = new("aten::exp");
    private static readonly Op LogOp = new("aten::log");
    private static readonly Op SinOp = new("aten::sin");
    private static readonly Op CosOp = new("aten::cos");
    private static readonly Op TanhOp = new("aten::tanh");
    private static readonly Op AbsOp = new("aten::abs");
    private static readonly Op RoundOp = new("aten::round");
    private static readonly Op ClampMinOp = new("aten::clamp_min");
    private static readonly Op CeilOp = new("aten::ceil");
    private static readonly Op ErfOp = new("aten::erf");
    private static readonly Op ErfinvOp = new("aten::erfinv");

    /// <summary>Sum, with broadcasting.</summary>
    public static Tensor operator +(Tensor left, Tensor right) => AddOp.Call(left, right, 1L);

    /// <summary>Sum with a number.</summary>
    public static Tensor operator +(Tensor left, double right) => AddScalarOp.Call(left, right, 1L);

    /// <summary>Difference, with broadcasting.</summary>
    public static Tensor operator -(Tensor left, Tensor right) => SubOp.Call(left, right, 1L);

    /// <summary>Difference from a number.</summary>
    public static Tensor operator -(Tensor left, double right) => AddScalarOp.Call(left, -right, 1L);

    /// <summary>Negative.</summary>
    public static Tensor operator -(Tensor value) => NegOp.Call(value);

    /// <summary>Elementwise product, with broadcasting.</summary>
    public static Tensor operator *(Tensor left, Tensor right) => MulOp.Call(left, right);

    /// <summary>Product with a number.</summary>
    public static Tensor operator *(Tensor left, double right) => MulScalarOp.Call(left, right);

    /// <summary>Elementwise quotient, with broadcasting.</summary>
    public static Tensor operator /(Tensor left, Tensor right) => DivOp.Call(left, right);

    /// <summary>Quotient by a number.</summary>
    public static Tensor operator /(Tensor left, double right) => MulScalarOp.Call(left, 1 / right);

    /// <summary>Elementwise power.</summary>
    public Tensor Pow(double exponent) => PowScalarOp.Call(this, exponent);

    /// <summary>Elementwise square root.</summary>
    public Tensor Sqrt() => SqrtOp.Call(this);

    /// <summary>Elementwise 1/√x.</summary>
    public Tensor Rsqrt() => RsqrtOp.Call(this);

    /// <summary>Elementwise eˣ.</summary>
    public Tensor Exp() => ExpOp.Call(this);

    /// <summary>Elementwise natural logarithm.</summary>
    public Tensor Log() => LogOp.Call(this);

    /// <summary>Elementwise sine.</summary>
    public Tensor Sin() => SinOp.Call(this);

    /// <summary>Elementwise cosine.</summary>
    public Tensor Cos() => CosOp.Call(this);

    /// <summary>Elementwise hyperbolic tangent.</summary>
    public Tensor Tanh() => TanhOp.Call(this);

    /// <summary>Elementwise absolute value.</summary>
    public Tensor Abs() => AbsOp.Call(this);

    /// <summary>Elementwise, the nearest whole number; the even one of two.</summary>
    public Tensor Round() => RoundOp.Call(this);

    /// <summary>Elementwise, at least this value.</summary>
    public Tensor ClampMin(double least) => ClampMinOp.Call(this, least);

    /// <summary>Elementwise, the smallest whole number not below.</summary>
    public Tensor Ceiling() => CeilOp.Call(this);

    /// <summary>Elementwise error function.</summary>
    public Tensor Erf() => ErfOp.Call(this);

    /// <summary>Elementwise inverse of the error function.</summary>
    public Tensor InverseErf() => ErfinvOp.Call(this);

    // ---- In place, outside the gradient graph ----
    private static readonly Op AddInPlaceOp = new("aten::add_", "Tensor");
    private static readonly Op AddScalarInPlaceOp = new("aten::add_", "Scalar");
    private static readonly Op MulInPlaceOp = new("aten::mul_", "Tensor");
    private static readonly Op MulScalarInPlaceOp = new("aten::mul_", "Scalar");

    /// <summary>this += scale · other.</summary>
    public void AddInPlace(Tensor other, double scale = 1) => AddInPlaceOp.CallInPlace(this, other, scale);

    /// <summary>this += value.</summary>
    public void AddInPlace(double value) => AddScalarInPlaceOp.CallInPlace(this, value, 1L);

    /// <summary>this *= other.</summary>
    public void MultiplyInPlace(Tensor other) => MulInPlaceOp.CallInPlace(this, other);

    /// <summary>this *= value.</summary>
    public void MultiplyInPlace(double value) => MulScalarInPlaceOp.CallInPlace(this, value);

    // ---- Reductions ----
    private static readonly Op SumOp = new("aten::sum");
    private static readonly Op SumDimOp = new("aten::sum", "dim_IntList");
    private static readonly Op MeanDimOp = new("aten::mean", "dim");
    private static readonly Op AmaxOp = new("aten::amax");
    private static readonly Op NormOp = new("aten::norm", "Scalar");
    private static readonly Op LogSumExpOp = new("aten::logsumexp");

    /// <summary>Sum of all elements, as a scalar.</summary>
    public Tensor Sum() => SumOp.Call(this, default);

    /// <summary>Sum over dimensions.</summary>
    public Tensor Sum(long[] dimensions, bool keep = false) => SumDimOp.Call(this, dimensions, keep, default);

    /// <summary>Mean over dimensions.</summary>
    public Tensor Mean(long[] dimensions, bool keep = false) => MeanDimOp.Call(this, dimensions, keep, default);

    /// <summary>Largest element along dimensions; NaN where there is one.</summary>
    public Tensor Max(long[] dimensions, bool keep = false) => AmaxOp.Call(this, dimensions, keep);

    /// <summary>√Σx², as a scalar.</summary>
    public Tensor Norm() => NormOp.Call(this, 2L);

    /// <summary>log Σ eˣ along a dimension, without overflow.</summary>
    public Tensor LogSumExp(long dimension) => LogSumExpOp.Call(this, new[] { dimension }, false);

    // ---- Products and look-ups ----
    private static readonly Op MatmulOp = new("aten::matmul");
    private static readonly Op BmmOp = new("aten::bmm");
    private static readonly Op IndexSelectOp = new("aten::index_select");
    private static readonly Op IndexAddOp = new("aten::index_add");
    private static readonly Op GatherOp = new("aten::gather");
    private static readonly Op ArgMaxOp = new("aten::argmax");
    private static readonly Op Conv1dOp = new("aten::conv1d");

    /// <summary>Matrix product, batched over leading dimensions.</summary>
    public Tensor Matmul(Tensor other) => MatmulOp.Call(this, other);

    /// <summary>[B, n, m] · [B, m, p].</summary>
    public Tensor BatchedMatmul(Tensor other) => BmmOp.Call(this, other);

    /// <summary>Entries at integer indices along a dimension.</summary>
    public Tensor IndexSelect(long dimension, Tensor indices) => IndexSelectOp.Call(this, dimension, indices);

    /// <summary>A copy to whose entries at integer indices those of <paramref name="source"/> are added along a dimension.</summary>
    public Tensor IndexAdd(long dimension, Tensor indices, Tensor source) => IndexAddOp.Call(this, dimension, indices, source, 1L);

    /// <summary>Index of the largest entry along a dimension, int64.</summary>
    public Tensor ArgMax(long dimension) => ArgMaxOp.Call(this, dimension, false);

    /// <summary>One entry along a dimension for every integer of <paramref name="indices"/>, which has as many dimensions as this.</summary>
    public Tensor Gather(long dimension, Tensor indices) => GatherOp.Call(this, dimension, indices, false);

    /// <summary>Convolution along the last dimension, without padding: [B, in, n] to [B, out, n − k + 1].</summary>
    /// <param name="weight">[out, in / groups, k]</param>
    /// <param name="bias">[out]</param>
    /// <param name="groups">Groups of channels that do not see each other.</param>
    public Tensor Convolve(Tensor weight, Tensor bias, long groups) =>
        Conv1dOp.Call(this, weight, bias, new long[] { 1 }, new long[] { 0 }, new long[] { 1 }, groups);

    // ---- Networks ----
    private static readonly Op ReluOp = new("aten::relu");
    private static readonly Op SoftmaxOp = new("aten::softmax", "int");
    private static readonly Op LogSoftmaxOp = new("aten::log_softmax", "int");
    private static readonly Op LogSigmoidOp = new("aten::log_sigmoid");
    private static readonly Op DropoutOp = new("aten::dropout");

    /// <summary>max(x, 0).</summary>
    public Tensor Relu() => ReluOp.Call(this);

    /// <summary>Softmax along a dimension.</summary>
    public Tensor Softmax(long dimension) => SoftmaxOp.Call(this, dimension, default);

    /// <summary>Logarithm of the softmax along a dimension.</summary>
    public Tensor LogSoftmax(long dimension) => LogSoftmaxOp.Call(this, dimension, default);

    /// <summary>log σ(x), exact in both tails.</summary>
    public Tensor LogSigmoid() => LogSigmoidOp.Call(this);

    /// <summary>Zeroes each element with this probability and scales the others by 1/(1 − p); draws from the device's generator.</summary>
    public Tensor Dropout(double probability) => DropoutOp.Call(this, probability, true);
}
