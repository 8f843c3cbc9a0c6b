using Prefer.Torch;

namespace Prefer.Models;

/// <summary>Rotary position embedding (Su et al. 2021) in the half-split form that Hugging Face uses. T tokens, H heads, D head size.</summary>
internal sealed class RotaryEmbedding
{
    private readonly Tensor cosine; // [T, 1, D]
    private readonly Tensor sine; // [T, 1, D]
    private readonly long half;

    /// <summary>Angles position · θ^(−2i/D) for every token of the pass; computed once a pass, in fp32 unless the pass is fp64.</summary>
    internal RotaryEmbedding(ForestPass pass, int headSize, double theta)
    {
        half = headSize / 2;
        var frequencies = new float[half];
        for (var index = 0; index < half; index++)
        {
            frequencies[index] = (float)(1 / Math.Pow(theta, 2.0 * index / headSize));
        }
        var precise = pass.DType == DType.Float64 ? DType.Float64 : DType.Float32;
        var angles = pass.Positions.To(precise).Unsqueeze(1) * Tensor.From<float>(frequencies, pass.Device).To(precise); // [T, D/2]
        var both = Tensor.Cat([angles, angles], 1).Unsqueeze(1); // [T, 1, D]
        cosine = both.Cos().To(pass.DType);
        sine = both.Sin().To(pass.DType);
    }

    /// <summary>Rotates [T, H, D].</summary>
    internal Tensor Rotate(Tensor values)
    {
        var parts = values.Split([half, half], 2);
        return (values * cosine) + (Tensor.Cat([-parts[1], parts[0]], 2) * sine);
    }
}
