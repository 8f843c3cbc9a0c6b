using Prefer.Models;
using Prefer.Torch;

namespace Prefer.Benchmarks.Padded;

/// <summary>Gradient clipping and AdamW without decay, an operator a parameter and step, as PyTorch's own does it without fusion.</summary>
internal sealed class PaddedAdamW : IDisposable
{
    private const double Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8, MaxNorm = 1;

    private readonly (Tensor Parameter, Tensor Mean, Tensor Square)[] states;
    private int stepCount;

    internal PaddedAdamW(ParameterSet parameters) =>
        states = [.. parameters.Names.Select(name => parameters[name]).Select(parameter => (parameter, Tensor.Zeros([.. parameter.Shape]), Tensor.Zeros([.. parameter.Shape])))];

    internal void Step(double learningRate)
    {
        stepCount++;
        using var scope = new TensorScope();
        using var noGrad = TorchRuntime.NoGrad();
        var gradients = Array.ConvertAll(states, state => state.Parameter.Gradient()!);
        var norm = Tensor.Cat(Array.ConvertAll(gradients, gradient => gradient.Norm().Reshape(1))).Norm().Item();
        var scale = Math.Min(1, MaxNorm / (norm + 1e-6));
        var (meanCorrection, squareCorrection) = (1 - Math.Pow(Beta1, stepCount), Math.Sqrt(1 - Math.Pow(Beta2, stepCount)));
        for (var index = 0; index < states.Length; index++)
        {
            using var inner = new TensorScope();
            var ((parameter, mean, square), gradient) = (states[index], gradients[index]);
            gradient.MultiplyInPlace(scale);
            mean.LerpInPlace(gradient, 1 - Beta1);
            square.MultiplyInPlace(Beta2);
            square.AddProductInPlace(gradient, gradient, 1 - Beta2);
            var denominator = square.Sqrt() / squareCorrection;
            denominator.AddInPlace(Epsilon);
            parameter.AddQuotientInPlace(mean, denominator, -learningRate / meanCorrection);
            parameter.ClearGradient();
        }
    }

    public void Dispose()
    {
        foreach (var (_, mean, square) in states)
        {
            mean.Dispose();
            square.Dispose();
        }
    }
}
