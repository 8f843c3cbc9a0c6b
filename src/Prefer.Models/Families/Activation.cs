using Prefer.Torch;

namespace Prefer.Models.Families;

/// <summary>An activation function, by Hugging Face's name.</summary>
/// <param name="Kernel">The kernel that computes it, with its gate, in one pass; null for those that are a chain of operators.</param>
/// <param name="Chain">The same as operators, where there is no kernel.</param>
internal sealed record Activation(FusedActivation? Kernel, Func<Tensor, Tensor> Chain)
{
    /// <summary>Of x·σ(1.702·x), an approximation of GELU (Hendrycks and Gimpel 2016).</summary>
    private const double QuickSlope = 1.702;

    private static readonly Dictionary<string, Activation> ByName = new()
    {
        ["gelu"] = Of(FusedActivation.Gelu),
        ["gelu_new"] = Of(FusedActivation.GeluTanh),
        ["gelu_pytorch_tanh"] = Of(FusedActivation.GeluTanh),
        ["gelu_fast"] = Of(FusedActivation.GeluTanh),
        ["gelu_accurate"] = Of(FusedActivation.GeluTanh),
        ["gelu_python"] = Of(FusedActivation.Gelu),
        ["quick_gelu"] = new(null, x => (x * QuickSlope).Activate(FusedActivation.Silu) / QuickSlope),
        ["linear"] = new(null, x => x),
        ["mish"] = new(null, x => x * (-(-x).LogSigmoid()).Tanh()),
        ["relu"] = new(null, x => x.Relu()),
        ["relu2"] = new(null, x => x.Relu().Pow(2)),
        ["sigmoid"] = new(null, x => x.LogSigmoid().Exp()),
        ["silu"] = Of(FusedActivation.Silu),
        ["swish"] = Of(FusedActivation.Silu),
        ["tanh"] = new(null, x => x.Tanh()),
    };

    /// <summary>x·Φ(x).</summary>
    internal static Activation Gelu => ByName["gelu"];

    /// <exception cref="ModelException">The config names one that does not exist.</exception>
    internal static Activation Of(ModelConfig config, string key, string fallback) =>
        ByName.TryGetValue(config.Text(key, fallback), out var function) ? function : throw config.Wrong(key, $"one of {string.Join(", ", ByName.Keys)}");

    /// <summary>f(x).</summary>
    internal Tensor Apply(Tensor x) => Kernel is { } kernel ? x.Activate(kernel) : Chain(x);

    /// <summary>f(gate)·up.</summary>
    internal Tensor Gate(Tensor gate, Tensor up) => Kernel is { } kernel ? gate.Activate(kernel, up) : Chain(gate) * up;

    private static Activation Of(FusedActivation kernel) => new(kernel, x => x.Activate(kernel));
}
