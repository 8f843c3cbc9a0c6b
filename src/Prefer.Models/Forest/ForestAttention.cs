using Prefer.Torch;

namespace Prefer.Models.Forest;

/// <summary>
/// Attention over a token forest, the only code that knows about spans. T packed tokens, H query heads, K key heads
/// (H a multiple of K), D head size. Left out on purpose: padding, which does not exist here.
/// </summary>
internal static class ForestAttention
{
    /// <summary>
    /// Scores to be added for a span, [H, t, n]: from its queries [H, t, D], scaled, and its path's keys [K, n, D], the last t of
    /// which are at the queries' positions.
    /// </summary>
    internal delegate Tensor ScoreBias(Tensor queries, Tensor keys);

    /// <summary>softmax(scale · q·kᵀ + bias + mask)·v, each token over its ancestors' spans and its own.</summary>
    /// <param name="queries">[T, H, D]</param>
    /// <param name="keys">[T, K, D]</param>
    /// <param name="values">[T, K, D]</param>
    /// <param name="pass">The forest and what its layers share.</param>
    /// <param name="causal">Whether a token is blind to the later tokens of its own span.</param>
    /// <param name="scale">Factor of the scores, usually 1/√D.</param>
    /// <param name="window">Sliding window in tokens; see <see cref="ForestPass.Mask"/>.</param>
    /// <param name="softCap">c in c·tanh(score/c), applied before bias and mask.</param>
    /// <param name="bias">Scores that depend on positions, or on positions and content.</param>
    /// <returns>[T, H·D]</returns>
    internal static Tensor Attend(
        Tensor queries, Tensor keys, Tensor values, ForestPass pass, bool causal, double scale, int? window = null, double? softCap = null, ScoreBias? bias = null)
    {
        if (bias is null && pass.Device == "cpu")
        {
            var seed = pass.DropoutProbability > 0 ? Tensor.DrawSeed() : 0;
            return Tensor.ForestAttention(queries, keys, values, pass.Spans, scale, causal, window ?? 0, softCap ?? 0, pass.DropoutProbability, seed);
        }
        return Chain(queries, keys, values, pass, causal, scale, window, softCap, bias);
    }

    /// <summary>The same a span at a time with libtorch's operators: where scores have a bias, and on devices without the kernel.</summary>
    internal static Tensor Chain(
        Tensor queries, Tensor keys, Tensor values, ForestPass pass, bool causal, double scale, int? window = null, double? softCap = null, ScoreBias? bias = null)
    {
        if (queries.DType == DType.BFloat16 && pass.Device == "cpu")
        {
            // Without a kernel, libtorch's batched products of bf16 are slow on processors that have no instructions for it.
            ScoreBias? precise = bias is null ? null : (q, k) => bias(q.To(DType.BFloat16), k.To(DType.BFloat16)).To(DType.Float32);
            return Chain(queries.To(DType.Float32), keys.To(DType.Float32), values.To(DType.Float32), pass, causal, scale, window, softCap, precise).To(DType.BFloat16);
        }
        var (tokens, heads, size) = (queries.Shape[0], queries.Shape[1], queries.Shape[2]);
        var keyHeads = keys.Shape[1];
        var lengths = new long[pass.Forest.Spans.Count];
        for (var index = 0; index < lengths.Length; index++)
        {
            lengths[index] = pass.Forest.Spans[index].Length;
        }
        // One split a tensor: its backward is one concatenation, where slices would each fill a gradient of all T tokens.
        var spanQueries = (queries * scale).Transpose(0, 1).Contiguous().Split(lengths, 1); // [H, t, D] each
        var spanKeys = keys.Transpose(0, 1).Contiguous().Split(lengths, 1); // [K, t, D] each
        var spanValues = values.Transpose(0, 1).Contiguous().Split(lengths, 1);

        var outputs = new Tensor[lengths.Length];
        for (var index = 0; index < outputs.Length; index++)
        {
            var path = pass.Forest.Path(index);
            var pathKeys = Gather(spanKeys, path); // [K, n, D]
            var pathValues = Gather(spanValues, path);
            var (queryCount, keyCount) = ((int)lengths[index], (int)pathKeys.Shape[1]);

            // The H/K query heads that read one key head stand behind each other as rows of one product.
            var grouped = spanQueries[index].Reshape(keyHeads, -1, size); // [K, (H/K)·t, D]
            var scores = grouped.BatchedMatmul(pathKeys.Transpose(1, 2)).Reshape(heads, queryCount, keyCount);
            if (softCap is { } cap)
            {
                scores = (scores / cap).Tanh() * cap;
            }
            if (bias is not null)
            {
                scores += bias(spanQueries[index], pathKeys);
            }
            if (pass.Mask(queryCount, keyCount, causal, window)?.To(scores.DType) is { } mask)
            {
                scores += mask;
            }
            var weights = pass.Dropout(scores.Softmax(-1)).Reshape(keyHeads, -1, keyCount);
            outputs[index] = weights.BatchedMatmul(pathValues).Reshape(heads, queryCount, size);
        }
        var joined = outputs.Length == 1 ? outputs[0] : Tensor.Cat(outputs, 1); // [H, T, D]
        return joined.Transpose(0, 1).Reshape(tokens, heads * size);
    }

    private static Tensor Gather(Tensor[] spans, ReadOnlySpan<int> path)
    {
        if (path.Length == 1)
        {
            return spans[path[0]];
        }
        var parts = new Tensor[path.Length];
        for (var index = 0; index < parts.Length; index++)
        {
            parts[index] = spans[path[index]];
        }
        return Tensor.Cat(parts, 1);
    }
}
