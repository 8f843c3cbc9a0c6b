using Prefer.Torch;

namespace Prefer.Models.Families;

/// <summary>x/√(mean(x²) + ε) · w over the last dimension (Zhang and Sennrich 2019).</summary>
/// <param name="Weight">w, or w − 1.</param>
/// <param name="Epsilon">ε.</param>
/// <param name="AddsOne">Whether the weight is stored as w − 1, as in Gemma.</param>
internal sealed record RmsNorm(Tensor Weight, double Epsilon, bool AddsOne)
{
    /// <summary>Rows of any shape, the same shape out.</summary>
    internal Tensor Apply(Tensor x) => x.RmsNorm(Weight, Epsilon, AddsOne);

    /// <summary>The sum of x and a branch, and its norm.</summary>
    internal (Tensor Sum, Tensor Normal) Add(Tensor x, Tensor branch) => x.AddRmsNorm(branch, Weight, Epsilon, AddsOne);
}
