using Prefer.Torch;

namespace Prefer.Models.Forest;

/// <summary>
/// One forward pass over a forest: its arrays as tensors, the attention masks its layers share, and dropout.
/// Lives in one <see cref="TensorScope"/>.
/// </summary>
/// <param name="forest">The packed batch.</param>
/// <param name="dtype">Element type of the computation.</param>
/// <param name="device">Where the model lives.</param>
/// <param name="dropout">Probability at every place where the family has dropout; 0 outside training.</param>
/// <param name="recomputes">Whether a layer's activations are dropped, and computed again in the backward pass.</param>
internal sealed class ForestPass(TokenForest forest, DType dtype, string device, double dropout = 0, bool recomputes = false)
{
    private readonly TensorScope? home = TensorScope.Current;
    private readonly Dictionary<(int Queries, int Keys, int? Window, bool Causal), Tensor> masks = [];

    internal TokenForest Forest => forest;

    internal DType DType => dtype;

    internal string Device => device;

    /// <summary>Token ids, int64 [T].</summary>
    internal Tensor Tokens { get; } = Tensor.From<long>(Array.ConvertAll(forest.Tokens, token => (long)token), device);

    /// <summary>Positions, int64 [T].</summary>
    internal Tensor Positions { get; } = Tensor.From<long>(Array.ConvertAll(forest.Positions, position => (long)position), device);

    /// <summary>The spans as attention's kernels read them, int64 [S, 4]: start, length, index of the parent or −1, depth. On the CPU.</summary>
    internal Tensor Spans { get; } = Tensor.From<long>([.. forest.Spans.SelectMany(span => new long[] { span.Start, span.Length, span.Parent ?? -1, span.Depth })], [forest.Spans.Count, 4]);

    /// <summary>Probability with which attention drops a weight.</summary>
    internal double DropoutProbability => dropout;

    /// <summary>
    /// Embeddings of the tokens' segments: [T, h], or [1, h] of a table that has one row, where segments say nothing.
    /// </summary>
    /// <param name="table">A row for each segment.</param>
    internal Tensor TypesOf(Tensor table) =>
        table.Shape[0] == 1 ? table : table.Embedding(Tensor.From<long>(Array.ConvertAll(forest.TokenTypes, type => (long)type), device));

    /// <summary>What the layers begin with, in the element type that is computed in; tables of embeddings may be held in a wider one.</summary>
    internal Tensor Enter(Tensor embedded) => embedded.DType == dtype ? embedded : embedded.To(dtype);

    internal Tensor Dropout(Tensor values) => dropout == 0 ? values : values.Dropout(dropout);

    /// <summary>What a layer makes of hidden states. What it reads beside them must be leaves, or come in as <paramref name="shared"/>.</summary>
    /// <param name="x">[T, h]</param>
    /// <param name="shared">What was computed from parameters for all layers, or null.</param>
    /// <param name="layer">Gets both; may be called again in the backward pass.</param>
    internal Tensor Layer(Tensor x, Tensor? shared, Func<Tensor, Tensor?, Tensor> layer)
    {
        if (recomputes)
        {
            return shared is null
                ? Checkpointing.Run([x], inputs => layer(inputs[0], null), draws: dropout > 0)
                : Checkpointing.Run([x, shared], inputs => layer(inputs[0], inputs[1]), draws: dropout > 0);
        }
        // The gradient graph holds what it needs, and lets it go as the backward pass uses it; our handles would hold all of it until the step ends.
        using var scope = new TensorScope();
        return scope.MoveOut(layer(x, shared));
    }

    /// <inheritdoc cref="Layer(Tensor, Tensor, Func{Tensor, Tensor, Tensor})"/>
    internal Tensor Layer(Tensor x, Func<Tensor, Tensor> layer) => Layer(x, null, (hidden, _) => layer(hidden));

    /// <summary>Keeps a tensor that one layer makes for the layers after it.</summary>
    internal Tensor Keep(Tensor made) => TensorScope.Keep(home, made);

    /// <summary>
    /// The additive mask [queries, keys] of a span whose queries are the last of its path's keys, or null where every query
    /// sees every key. A causal query sees itself and what is before it; a window of w leaves it w − 1 of those.
    /// Without causality a window of w leaves the keys at most w / 2 away.
    /// </summary>
    internal Tensor? Mask(int queries, int keys, bool causal, int? window)
    {
        var windowed = window is { } size && keys > (causal ? size : size / 2);
        if (!windowed && (!causal || queries == 1))
        {
            return null;
        }
        if (!masks.TryGetValue((queries, keys, window, causal), out var mask))
        {
            var values = new double[queries * keys];
            for (var query = 0; query < queries; query++)
            {
                var position = keys - queries + query;
                for (var key = 0; key < keys; key++)
                {
                    var hidden = causal
                        ? key > position || (windowed && position - key >= window)
                        : Math.Abs(position - key) > window / 2;
                    values[(query * keys) + key] = hidden ? double.NegativeInfinity : 0;
                }
            }
            mask = Keep(Tensor.From<double>(values, [queries, keys], device).To(dtype));
            masks.Add((queries, keys, window, causal), mask);
        }
        return mask;
    }
}
