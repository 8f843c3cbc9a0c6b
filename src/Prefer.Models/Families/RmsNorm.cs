using Prefer.Torch;

namespace Prefer.Models.Families;

/// <summary>x/√(mean(x²) + ε) · w over the last dimension (Zhang and Sennrich 2019).</summary>
/// <param name="Weight">w, or w − 1.</param>
/// <param name="Epsilon">ε.</param>
/// <param name="AddsOne">Whether the weight is stored as w − 1, as in Gemma.</param>
internal sealed record RmsNorm(Tensor Weight, double Epsilon, bool AddsOne)
{
    /// <summary>Rows of any shape, the same shape out.</summary>
    internal Tensor Apply(Tensor x)
    {
        var normal = x * ((x * x).Mean([-1], keep: true) + Epsilon).Rsqrt();
        return (AddsOne ? Weight + 1 : Weight) * normal;
    }
}
