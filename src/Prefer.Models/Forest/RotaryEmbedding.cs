using Prefer.Torch;

namespace Prefer.Models.Forest;

/// <summary>
/// Rotary position embedding (Su et al. 2021) in the half-split form that Hugging Face uses, for one pass. T tokens, H heads, D head size,
/// R turned columns.
/// </summary>
internal sealed class RotaryEmbedding
{
    private readonly Tensor cosine; // [T, R/2]
    private readonly Tensor sine; // [T, R/2]

    /// <summary>Plain rotary positions of whole heads.</summary>
    internal RotaryEmbedding(ForestPass pass, int headSize, double theta)
        : this(pass, new Rotary(theta, headSize, new RotaryScaling.None(), int.MaxValue))
    {
    }

    /// <summary>Angles position · frequency for every token of the pass; computed once a pass, in fp32 unless the pass is fp64.</summary>
    internal RotaryEmbedding(ForestPass pass, Rotary rotary)
    {
        var precise = pass.DType == DType.Float64 ? DType.Float64 : DType.Float32;
        var angles = pass.Positions.To(precise).Unsqueeze(1) * Frequencies(pass, rotary).To(precise); // [T, R/2]
        var factor = rotary.Scaling.AttentionFactor;
        Tensor Scaled(Tensor values) => factor == 1 ? values : values * factor;
        cosine = Scaled(angles.Cos());
        sine = Scaled(angles.Sin());
    }

    /// <summary>Rotates the first R columns of [T, H, D].</summary>
    internal Tensor Rotate(Tensor values) => values.Rotate(cosine, sine);

    // [1, R/2] where all tokens have the same, else [T, R/2] by the group of each token's span.
    private static Tensor Frequencies(ForestPass pass, Rotary rotary)
    {
        var groups = pass.Forest.Spans.Select(span => span.Group).Distinct().ToArray();
        var table = Tensor.From<float>([.. groups.SelectMany(rotary.Frequencies)], [groups.Length, rotary.Columns / 2], pass.Device);
        if (groups.Length == 1)
        {
            return table;
        }
        var rows = new long[pass.Forest.Tokens.Length];
        foreach (var span in pass.Forest.Spans)
        {
            rows.AsSpan(span.Start, span.Length).Fill(Array.IndexOf(groups, span.Group));
        }
        return table.IndexSelect(0, Tensor.From<long>(rows, pass.Device));
    }
}
