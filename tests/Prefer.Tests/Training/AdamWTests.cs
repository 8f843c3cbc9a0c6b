using Prefer.Models;
using Prefer.Tests.Statistics;
using Prefer.Torch;
using Prefer.Training;
using Xunit;

namespace Prefer.Tests.Training;

/// <summary>The optimizer against the formulas of Loshchilov and Hutter, one number at a time.</summary>
[Collection(Torch.ProcessWide.Name)]
public sealed class AdamWTests
{
    /// <summary>Some units in the last place a step: the two do the same operations in another order.</summary>
    private const double Tolerance = 1e-13;

    [Theory]
    [InlineData(0, 0.9, 0.999, 1e-8)]
    [InlineData(0.1, 0.9, 0.999, 1e-8)]
    [InlineData(0.3, 0.5, 0.8, 1e-3)]
    [InlineData(0.01, 0, 0, 1e-8)]
    public void Steps_equal_scalar_arithmetic(double decay, double beta1, double beta2, double epsilon)
    {
        using var parameters = Parameters();
        using var optimizer = new AdamW(parameters, Options with { WeightDecay = decay, AdamBeta1 = beta1, AdamBeta2 = beta2, AdamEpsilon = epsilon });
        var random = new Random(1);
        var slow = parameters.Names.ToDictionary(name => name, name => parameters[name].ToArray<double>().Select(value => new Scalar(value)).ToArray());
        for (var step = 1; step <= 7; step++)
        {
            var learningRate = 0.05 / step;
            foreach (var name in parameters.Names)
            {
                // Small and large gradients, and at times none at all.
                var gradient = slow[name].Select(_ => step == 3 ? 0 : (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-6, 3))).ToArray();
                SetGradient(parameters[name], gradient);
                for (var index = 0; index < gradient.Length; index++)
                {
                    slow[name][index].Step(gradient[index], step, learningRate, name == "matrix" ? decay : 0, beta1, beta2, epsilon);
                }
            }

            optimizer.Step(learningRate);

            Assert.Equal(step, optimizer.StepCount);
            foreach (var name in parameters.Names)
            {
                Assert.Null(parameters[name].Gradient());
                foreach (var (found, expected) in parameters[name].ToArray<double>().Zip(slow[name]))
                {
                    Relative.Equal(expected.Value, found, Tolerance);
                }
            }
        }
    }

    [Fact]
    public void A_parameter_without_a_gradient_stays_as_it_is()
    {
        using var parameters = Parameters();
        using var optimizer = new AdamW(parameters, Options with { WeightDecay = 0.1 });
        var before = parameters["matrix"].ToArray<double>();
        SetGradient(parameters["vector"], [1, 2, 3]);

        optimizer.Step(0.1);

        Assert.Equal(before, parameters["matrix"].ToArray<double>());
    }

    [Fact]
    public void The_norm_is_of_all_gradients_together_and_scaling_reaches_all()
    {
        using var parameters = Parameters();
        using var optimizer = new AdamW(parameters, Options);
        Assert.Equal(0, optimizer.GradientNorm());
        SetGradient(parameters["matrix"], [1, -2, 3, -4, 5, -6]);
        SetGradient(parameters["vector"], [7, 8, 9]);

        Relative.Equal(Math.Sqrt(285), optimizer.GradientNorm(), 1e-15);

        // Scaled by a half, they do what gradients half as large do.
        optimizer.Step(0.1, 0.5);
        using var same = Parameters();
        using var halved = new AdamW(same, Options);
        SetGradient(same["matrix"], [0.5, -1, 1.5, -2, 2.5, -3]);
        SetGradient(same["vector"], [3.5, 4, 4.5]);
        halved.Step(0.1);
        Assert.Equal(same["matrix"].ToArray<double>(), parameters["matrix"].ToArray<double>());
        Assert.Equal(same["vector"].ToArray<double>(), parameters["vector"].ToArray<double>());
    }

    [Fact]
    public void Restored_moments_go_on_bit_for_bit()
    {
        using var one = Parameters();
        using var two = Parameters();
        using var first = new AdamW(one, Options);
        using var second = new AdamW(two, Options);
        Take(first, one, 1);
        Take(first, one, 2);
        using (var scope = new TensorScope())
        {
            var state = first.State().ToDictionary(pair => pair.Name, pair => pair.Tensor);
            Assert.Equal(["mean.matrix", "mean.vector", "square.matrix", "square.vector"], state.Keys.Order());
            second.Restore(2, name => state[name]);
            using var noGrad = TorchRuntime.NoGrad();
            foreach (var name in one.Names)
            {
                two[name].CopyFrom(one[name]);
            }
        }

        Take(first, one, 3);
        Take(second, two, 3);

        Assert.All(one.Names, name => Assert.Equal(one[name].ToArray<double>(), two[name].ToArray<double>()));
    }

    private static TrainOptions Options { get; } = new() { Model = "", Data = [], Output = "" };

    private static ParameterSet Parameters()
    {
        TorchRuntime.ManualSeed(5);
        var parameters = new ParameterSet(null, DType.Float64, "cpu");
        parameters.Declare("matrix", [2, 3], new Initial.Normal(1));
        parameters.Declare("vector", [3], new Initial.Normal(1));
        return parameters;
    }

    private static void Take(AdamW optimizer, ParameterSet parameters, int step)
    {
        SetGradient(parameters["matrix"], [1, 2, 3, 4, 5, step]);
        SetGradient(parameters["vector"], [-1, step, -3]);
        optimizer.Step(0.01);
    }

    private static void SetGradient(Tensor parameter, double[] gradient)
    {
        using var scope = new TensorScope();
        (parameter * Tensor.From<double>(gradient, [.. parameter.Shape])).Sum().Backward();
    }

    private sealed class Scalar(double value)
    {
        private double mean;
        private double square;

        internal double Value { get; private set; } = value;

        internal void Step(double gradient, int step, double learningRate, double decay, double beta1, double beta2, double epsilon)
        {
            Value -= learningRate * decay * Value;
            mean = (beta1 * mean) + ((1 - beta1) * gradient);
            square = (beta2 * square) + ((1 - beta2) * gradient * gradient);
            var correctedMean = mean / (1 - Math.Pow(beta1, step));
            var correctedSquare = square / (1 - Math.Pow(beta2, step));
            Value -= learningRate * correctedMean / (Math.Sqrt(correctedSquare) + epsilon);
        }
    }
}
