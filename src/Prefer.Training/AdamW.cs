using Prefer.Models;
using Prefer.Torch;

namespace Prefer.Training;

/// <summary>
/// AdamW (Loshchilov and Hutter 2017) with PyTorch's arithmetic. Weight decay touches matrices only: in every supported family
/// biases and norms are the vectors, which is how Hugging Face's Trainer groups them.
/// </summary>
internal sealed class AdamW : IDisposable
{
    private readonly ParameterSet parameters;
    private readonly TrainOptions options;
    private readonly Dictionary<string, (Tensor Mean, Tensor Square)> moments = [];

    internal AdamW(ParameterSet parameters, TrainOptions options)
    {
        (this.parameters, this.options) = (parameters, options);
        foreach (var name in parameters.Names)
        {
            var parameter = parameters[name];
            moments.Add(name, (ZerosLike(parameter), ZerosLike(parameter)));
        }
    }

    /// <summary>Steps taken.</summary>
    internal int StepCount { get; private set; }

    internal static bool Decays(Tensor parameter) => parameter.Shape.Count > 1;

    /// <summary>Total norm of all gradients.</summary>
    internal double GradientNorm()
    {
        using var scope = new TensorScope();
        using var noGrad = TorchRuntime.NoGrad();
        return Math.Sqrt(Tensor.SquareSum([.. parameters.Names.Select(name => parameters[name].Gradient()).OfType<Tensor>()]));
    }

    /// <summary>One update from the accumulated gradients, which it drops.</summary>
    /// <param name="learningRate">Of this step.</param>
    /// <param name="gradientScale">Factor of all gradients: how they are clipped.</param>
    internal void Step(double learningRate, double gradientScale = 1)
    {
        StepCount++;
        var step = learningRate / (1 - Math.Pow(options.AdamBeta1, StepCount));
        var correction = Math.Sqrt(1 - Math.Pow(options.AdamBeta2, StepCount));
        using var noGrad = TorchRuntime.NoGrad();
        foreach (var name in parameters.Names)
        {
            using var scope = new TensorScope();
            var parameter = parameters[name];
            if (parameter.Gradient() is not { } gradient)
            {
                continue;
            }
            var (mean, square) = moments[name];
            var keep = Decays(parameter) ? 1 - (learningRate * options.WeightDecay) : 1;
            parameter.AdamWInPlace(gradient, mean, square, step, options.AdamBeta1, options.AdamBeta2, correction, options.AdamEpsilon, keep, gradientScale);
            parameter.ClearGradient();
        }
    }

    /// <summary>The moments, named <c>mean.NAME</c> and <c>square.NAME</c>.</summary>
    internal IEnumerable<(string Name, Tensor Tensor)> State() =>
        moments.SelectMany(pair => new[] { ($"mean.{pair.Key}", pair.Value.Mean), ($"square.{pair.Key}", pair.Value.Square) });

    /// <summary>Takes over moments that <see cref="State"/> gave.</summary>
    /// <param name="stepCount">Steps behind them.</param>
    /// <param name="read">Gives the tensor of a name.</param>
    internal void Restore(int stepCount, Func<string, Tensor> read)
    {
        using var scope = new TensorScope();
        using var noGrad = TorchRuntime.NoGrad();
        foreach (var (name, tensor) in State())
        {
            tensor.CopyFrom(read(name));
        }
        StepCount = stepCount;
    }

    public void Dispose()
    {
        foreach (var (mean, square) in moments.Values)
        {
            mean.Dispose();
            square.Dispose();
        }
    }

    private static Tensor ZerosLike(Tensor tensor) => TensorScope.Release(Tensor.Zeros([.. tensor.Shape], tensor.DType, tensor.Device));
}
