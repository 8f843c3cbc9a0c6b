using System.Text.Json.Nodes;
using Prefer.Models;
using Prefer.Models.Families;
using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>Activation functions by Hugging Face's names against their formulas.</summary>
public sealed class ActivationTests
{
    private static readonly Dictionary<string, Func<double, double>> Formulas = new()
    {
        ["gelu_new"] = TanhGelu,
        ["gelu_pytorch_tanh"] = TanhGelu,
        ["gelu_fast"] = x => 0.5 * x * (1 + Math.Tanh(x * 0.7978845608 * (1 + (0.044715 * x * x)))),
        ["quick_gelu"] = x => x / (1 + Math.Exp(-1.702 * x)),
        ["linear"] = x => x,
        ["mish"] = x => x * Math.Tanh(Math.Log(1 + Math.Exp(x))),
        ["relu"] = x => Math.Max(x, 0),
        ["relu2"] = x => Math.Max(x, 0) * Math.Max(x, 0),
        ["sigmoid"] = x => 1 / (1 + Math.Exp(-x)),
        ["silu"] = x => x / (1 + Math.Exp(-x)),
        ["swish"] = x => x / (1 + Math.Exp(-x)),
        ["tanh"] = Math.Tanh,
    };

    public static TheoryData<string> Names() => [.. Formulas.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Values_are_the_formula_s(string name)
    {
        using var scope = new TensorScope();
        Func<Tensor, Tensor> function = Activation.Of(ModelConfig.From(new JsonObject { ["act"] = name }, "here"), "act", "gelu").Apply;
        double[] inputs = [.. Enumerable.Range(-40, 81).Select(step => step / 8.0)];
        var found = function(Tensor.From<double>(inputs)).ToArray<double>();
        // gelu_fast's constant has ten digits.
        Assert.All(inputs.Zip(found), pair => Assert.Equal(Formulas[name](pair.First), pair.Second, 1e-9 * Math.Max(1, Math.Abs(pair.First))));
    }

    [Fact]
    public void The_two_exact_names_of_GELU_are_one()
    {
        using var scope = new TensorScope();
        Tensor Apply(string name) => Activation.Of(ModelConfig.From(new JsonObject { ["act"] = name }, "here"), "act", "relu").Apply(Tensor.Arange(9, DType.Float64) - 4);
        Assert.Equal(Apply("gelu").ToArray<double>(), Apply("gelu_python").ToArray<double>());
        // Φ(1) = 0.8413447460685429.
        Assert.Equal(0.8413447460685429, Apply("gelu").ToArray<double>()[5], 1e-14);
    }

    private static double TanhGelu(double x) => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x))));
}
