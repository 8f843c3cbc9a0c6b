using Prefer.Models;
using Prefer.Torch;

namespace Prefer.Tests.Models;

/// <summary>Reads what a backward pass left.</summary>
internal static class Gradients
{
    /// <summary>The gradients by name, copied out and cleared; zero where a parameter was not reached.</summary>
    internal static Dictionary<string, double[]> Take(ParameterSet parameters)
    {
        var gradients = new Dictionary<string, double[]>();
        foreach (var name in parameters.Names)
        {
            var parameter = parameters[name];
            gradients.Add(name, parameter.Gradient()?.To(DType.Float64).ToArray<double>() ?? new double[parameter.ElementCount]);
            parameter.ClearGradient();
        }
        return gradients;
    }
}
