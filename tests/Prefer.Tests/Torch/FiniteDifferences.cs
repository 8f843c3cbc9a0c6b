using Prefer.Torch;
using Xunit;

namespace Prefer.Tests.Torch;

/// <summary>Gradients against central differences in float64.</summary>
internal static class FiniteDifferences
{
    // Fourth order: (8(f(h) − f(−h)) − (f(2h) − f(−2h))) / 12h. Truncation h⁴ and rounding 1e-16/h meet near h = 1e-3 for
    // functions that bend on a scale of one.
    private const double Step = 1e-3;

    /// <summary>Compares every partial derivative, or a seeded choice of them, and gives the largest deviation relative to the largest derivative.</summary>
    /// <param name="objective">A scalar of the inputs' present values.</param>
    /// <param name="inputs">Leaves that require gradients, float64; left as they were.</param>
    /// <param name="perInput">Elements of each input that are moved: a seeded choice where there are more.</param>
    /// <param name="step">h, smaller for functions that bend more sharply.</param>
    internal static double Deviation(Func<Tensor> objective, IReadOnlyList<Tensor> inputs, int perInput = int.MaxValue, double step = Step)
    {
        double[][] gradients;
        using (new TensorScope())
        {
            objective().Backward();
            gradients = [.. inputs.Select(input => input.Gradient()?.ToArray<double>() ?? new double[input.ElementCount])];
        }
        using var mode = TorchRuntime.NoGrad();
        var (worst, largest) = (0.0, gradients.Max(values => values.Max(Math.Abs)));
        for (var index = 0; index < inputs.Count; index++)
        {
            inputs[index].ClearGradient();
            var count = (int)inputs[index].ElementCount;
            var chosen = Enumerable.Range(0, count).ToArray();
            new Random(index).Shuffle(chosen);
            foreach (var element in chosen.Take(perInput))
            {
                double At(double offset) => Evaluate(objective, inputs[index], element, offset);
                var difference = ((8 * (At(step) - At(-step))) - (At(2 * step) - At(-2 * step))) / (12 * step);
                worst = Math.Max(worst, Math.Abs(difference - gradients[index][element]));
            }
        }
        Assert.True(largest > 0, "no gradient arrived");
        return worst / largest;
    }

    /// <summary>A leaf of seeded values spread over [−2, 2].</summary>
    internal static Tensor Leaf(int seed, params long[] shape)
    {
        var random = new Random(seed);
        var values = new double[shape.Aggregate(1L, (product, size) => product * size)];
        for (var index = 0; index < values.Length; index++)
        {
            values[index] = (4 * random.NextDouble()) - 2;
        }
        var leaf = Tensor.From<double>(values, shape);
        leaf.RequiresGrad = true;
        return leaf;
    }

    /// <summary>A scalar in which every element of a tensor has a weight of its own, so that no gradient is lost to symmetry.</summary>
    internal static Tensor Weigh(Tensor values)
    {
        var random = new Random(1);
        var weights = new double[values.ElementCount];
        for (var index = 0; index < weights.Length; index++)
        {
            weights[index] = random.NextDouble() - 0.5;
        }
        return (values * Tensor.From<double>(weights, [.. values.Shape])).Sum();
    }

    private static double Evaluate(Func<Tensor> objective, Tensor input, int element, double offset)
    {
        using var scope = new TensorScope();
        var before = input.Clone();
        var moved = before.ToArray<double>();
        moved[element] += offset;
        input.CopyFrom(Tensor.From<double>(moved, [.. input.Shape]));
        var value = objective().Item();
        input.CopyFrom(before);
        return value;
    }
}
