using Prefer.Torch;

namespace Prefer.Models.Forest;

/// <summary>A convolution along each sequence of a forest without shared prefixes; what lies beyond a sequence's ends is zero.</summary>
internal static class ForestConvolution
{
    /// <summary>The convolved tokens, [T, o].</summary>
    /// <param name="values">[T, h]; computed in the weights' element type, and given back in their own.</param>
    /// <param name="weight">[o, h / groups, k], k odd</param>
    /// <param name="bias">[o]</param>
    /// <param name="groups">Groups of channels that do not see each other.</param>
    /// <param name="forest">Every sequence a span of its own.</param>
    internal static Tensor Convolve(Tensor values, Tensor weight, Tensor bias, long groups, TokenForest forest)
    {
        // All sequences in one row with zeros between them, as many as the kernel reaches to a side.
        var (tokens, reach) = (forest.Tokens.Length, (int)(weight.Shape[2] - 1) / 2);
        var spread = new long[tokens + (reach * (forest.Spans.Count + 1))];
        var places = new long[tokens];
        Array.Fill(spread, tokens);
        for (var index = 0; index < forest.Spans.Count; index++)
        {
            var (start, length, _, _, _) = forest.Spans[index];
            for (var token = start; token < start + length; token++)
            {
                // The convolution is shorter than its input by the reach at either end.
                places[token] = token + (reach * index);
                spread[places[token] + reach] = token;
            }
        }
        var zero = Tensor.Zeros([1, values.Shape[1]], weight.DType, values.Device);
        var row = Tensor.Cat([values.To(weight.DType), zero]).IndexSelect(0, Tensor.From<long>(spread, values.Device)).Transpose(0, 1).Unsqueeze(0); // [1, h, T + zeros]
        var convolved = row.Contiguous().Convolve(weight, bias, groups); // [1, o, T + inner zeros]
        return convolved.Reshape(weight.Shape[0], -1).Transpose(0, 1).IndexSelect(0, Tensor.From<long>(places, values.Device)).To(values.DType);
    }
}
