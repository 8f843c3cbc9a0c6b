using Prefer.Torch;

namespace Prefer.Models.Families;

/// <summary>The kinds of parameters that families declare, with Hugging Face's usual start: N(0, initializer_range²), biases 0, norms 1.</summary>
internal sealed class Declarations(ParameterSet parameters, Initial.Normal weights)
{
    internal Tensor Embedding(string name, long rows, long hidden, int? zeroRow = null) =>
        parameters.Declare($"{name}.weight", [rows, hidden], weights with { ZeroRow = zeroRow });

    /// <summary>Weight [out, in] and bias [out].</summary>
    internal (Tensor Weight, Tensor Bias) Linear(string name, long input, long output, bool head = false) =>
        (parameters.Declare($"{name}.weight", [output, input], weights, head, MatrixLayout.Rows), parameters.Declare($"{name}.bias", [output], Initial.Zero, head));

    internal (Tensor Weight, Tensor Bias) Norm(string name, long hidden) =>
        (parameters.Declare($"{name}.weight", [hidden], Initial.One), parameters.Declare($"{name}.bias", [hidden], Initial.Zero));

    /// <summary>GPT-2's layout: weight [in, out] and bias [out].</summary>
    /// <param name="name">Without <c>.weight</c>.</param>
    /// <param name="input">Columns of what comes in.</param>
    /// <param name="output">Columns of what goes out.</param>
    /// <param name="scale">Factor of the start's deviation.</param>
    internal (Tensor Weight, Tensor Bias) Columns(string name, long input, long output, double scale = 1) =>
        (parameters.Declare($"{name}.weight", [input, output], weights with { Std = weights.Std * scale }, matrix: MatrixLayout.Columns), parameters.Declare($"{name}.bias", [output], Initial.Zero));

    /// <summary>Weight [out, in / groups, size] and bias [out] of a convolution.</summary>
    internal (Tensor Weight, Tensor Bias) Kernel(string name, long groupInput, long output, long size) =>
        (parameters.Declare($"{name}.weight", [output, groupInput, size], weights), parameters.Declare($"{name}.bias", [output], Initial.Zero));

    /// <summary>A weight [out, in] with an optional bias.</summary>
    internal (Tensor Weight, Tensor? Bias) Projection(string name, long input, long output, bool bias, bool head = false, Initial? start = null) =>
        (parameters.Declare($"{name}.weight", [output, input], start ?? weights, head, MatrixLayout.Rows), bias ? parameters.Declare($"{name}.bias", [output], Initial.Zero, head) : null);

    /// <summary>A layer norm with an optional bias.</summary>
    internal (Tensor Weight, Tensor? Bias) Norm(string name, long hidden, bool bias, bool head = false) =>
        (parameters.Declare($"{name}.weight", [hidden], Initial.One, head), bias ? parameters.Declare($"{name}.bias", [hidden], Initial.Zero, head) : null);

    /// <summary>The weight of a norm without bias, [hidden].</summary>
    /// <param name="name">Without <c>.weight</c>.</param>
    /// <param name="hidden">Its size.</param>
    /// <param name="isOffset">Whether 1 is added where it is applied: then it begins as 0.</param>
    internal Tensor Scale(string name, long hidden, bool isOffset = false) => parameters.Declare($"{name}.weight", [hidden], isOffset ? Initial.Zero : Initial.One);
}

/// <summary>Applying a declared pair of weight and bias.</summary>
internal static class Applying
{
    internal static Tensor Linear(this Tensor values, (Tensor Weight, Tensor Bias) layer) => values.Linear(layer.Weight, layer.Bias);

    internal static Tensor Project(this Tensor values, (Tensor Weight, Tensor? Bias) layer) => values.Linear(layer.Weight, layer.Bias);

    /// <summary>Several projections of the same values.</summary>
    internal static Tensor[] Project(this Tensor values, params ReadOnlySpan<(Tensor Weight, Tensor? Bias)> layers)
    {
        var (weights, biases) = (new Tensor[layers.Length], new List<Tensor>());
        for (var index = 0; index < weights.Length; index++)
        {
            weights[index] = layers[index].Weight;
            if (layers[index].Bias is { } bias)
            {
                biases.Add(bias);
            }
        }
        return values.Linears(weights, [.. biases]);
    }

    internal static Tensor Normalize(this Tensor values, (Tensor Weight, Tensor? Bias) norm, double epsilon) => values.LayerNorm(norm.Weight, norm.Bias, epsilon);

    /// <summary>The sum of values and a branch, and its layer norm.</summary>
    internal static (Tensor Sum, Tensor Normal) AddNormalize(this Tensor values, Tensor branch, (Tensor Weight, Tensor? Bias) norm, double epsilon) =>
        values.AddLayerNorm(branch, norm.Weight, norm.Bias, epsilon);

    internal static Tensor AffineColumns(this Tensor values, (Tensor Weight, Tensor Bias) layer) => values.AffineColumns(layer.Weight, layer.Bias);
}
