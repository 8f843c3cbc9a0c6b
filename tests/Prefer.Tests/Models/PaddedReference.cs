using Prefer.Torch;

namespace Prefer.Tests.Models;

/// <summary>
/// The plain forward over a padded batch that the forest must equal, written from the architectures' definitions and
/// sharing nothing with the networks but the parameters' values. Slow on purpose: every row has L tokens, every score is
/// computed and then masked. B rows, L columns, h hidden size, H query heads, K key heads, D head size.
/// </summary>
internal abstract partial class PaddedReference(ModelFixture model)
{
    private static readonly Op ErfOp = new("aten::erf");
    private static readonly Op SigmoidOp = new("aten::sigmoid");

    internal static PaddedReference Of(ModelFixture model) => model.Config.ModelType switch
    {
        "bert" => new BertReference(model),
        "distilbert" => new DistilBertReference(model),
        "roberta" or "xlm-roberta" or "camembert" => new RobertaReference(model),
        "electra" => new ElectraReference(model),
        "deberta-v2" => new DebertaReference(model),
        "modernbert" => new ModernBertReference(model),
        "gpt2" => new Gpt2Reference(model),
        "gpt_neox" => new GptNeoXReference(model),
        "opt" => new OptReference(model),
        "llama" or "mistral" or "qwen2" or "qwen3" or "gemma2" or "gemma3_text" or "phi3" or "olmo2" => new RotaryReference(model),
        var other => throw new ArgumentException($"no reference for {other}", nameof(model)),
    };

    /// <summary>Last hidden states, [B, L, h].</summary>
    internal abstract Tensor Hidden(PaddedBatch batch);

    /// <summary>The head: [B, h] to [B].</summary>
    internal abstract Tensor Head(Tensor pooled);

    /// <summary>Rewards [B], read at one column of each row.</summary>
    internal Tensor Rewards(PaddedBatch batch, int[] columns) => Head(Pool(Hidden(batch), batch, columns));

    /// <summary>What the head reads, [B, h], of hidden states [B, L, h].</summary>
    protected virtual Tensor Pool(Tensor hidden, PaddedBatch batch, int[] columns)
    {
        var rows = columns.Select((column, row) => ((long)row * batch.Length) + column).ToArray();
        return hidden.Reshape((long)batch.RowCount * batch.Length, -1).IndexSelect(0, Tensor.From<long>(rows));
    }

    protected ModelFixture Model => model;

    protected Tensor Weight(string name) => model.Parameters[name];

    /// <summary>x·Wᵀ + b with W [out, in], b where the model has it.</summary>
    protected Tensor Affine(Tensor x, string name)
    {
        var product = x.Matmul(Weight($"{name}.weight").Transpose(0, 1));
        return model.Parameters.Names.Contains($"{name}.bias") ? product + Weight($"{name}.bias") : product;
    }

    /// <summary>x·W + b with W [in, out].</summary>
    protected Tensor AffineColumns(Tensor x, string name) => x.Matmul(Weight($"{name}.weight")) + Weight($"{name}.bias");

    protected Tensor LayerNorm(Tensor x, string name, double epsilon)
    {
        var centred = x - x.Mean([-1], keep: true);
        var variance = (centred * centred).Mean([-1], keep: true);
        return (centred / (variance + epsilon).Sqrt() * Weight($"{name}.weight")) + Weight($"{name}.bias");
    }

    protected Tensor Look(string name, PaddedBatch batch, int[][]? rows, Func<int, long> otherwise) =>
        Weight(name).IndexSelect(0, Tensor.From<long>(batch.Flat(rows, otherwise))).Reshape(batch.RowCount, batch.Length, -1);

    /// <summary>[B, L, heads·D] to [B, heads, L, D].</summary>
    protected static Tensor Heads(Tensor x, int heads) => x.Reshape(x.Shape[0], x.Shape[1], heads, -1).Permute(0, 2, 1, 3);

    /// <summary>softmax(cap·tanh(scale·q·kᵀ/cap) + mask)·v with key heads repeated: [B, H, L, D], [B, K, L, D] twice, to [B, L, H·D].</summary>
    protected Tensor Attend(Tensor queries, Tensor keys, Tensor values, PaddedBatch batch, bool causal, double scale, int? window = null, double? cap = null)
    {
        var (heads, keyHeads, size) = (queries.Shape[1], keys.Shape[1], queries.Shape[3]);
        Tensor Repeat(Tensor x) => x.Unsqueeze(2).Expand(batch.RowCount, keyHeads, heads / keyHeads, batch.Length, size).Reshape(batch.RowCount, heads, batch.Length, size);
        var scores = queries.Matmul(Repeat(keys).Transpose(2, 3)) * scale;
        scores = cap is { } limit ? (scores / limit).Tanh() * limit : scores;
        return (scores + Mask(batch, causal, window)).Softmax(-1).Matmul(Repeat(values)).Permute(0, 2, 1, 3).Reshape(batch.RowCount, batch.Length, heads * size);
    }

    protected static Tensor Activate(Tensor x, string name) => name switch
    {
        "gelu" => x * 0.5 * (ErfOp.Call(x / Math.Sqrt(2)) + 1),
        "gelu_new" or "gelu_pytorch_tanh" or "gelu_fast" => x * 0.5 * (((x + (x * x * x * 0.044715)) * Math.Sqrt(2 / Math.PI)).Tanh() + 1),
        "silu" => x * SigmoidOp.Call(x),
        "quick_gelu" => x * SigmoidOp.Call(x * 1.702),
        "relu" => (x + x.Abs()) * 0.5,
        "tanh" => x.Tanh(),
        _ => throw new ArgumentException($"no reference for {name}", nameof(name)),
    };

    // Finite, because a row of nothing but −∞ (a left pad's) would be NaN; exp of it is 0 all the same. [B, 1, L, L]
    private Tensor Mask(PaddedBatch batch, bool causal, int? window)
    {
        var length = batch.Length;
        var values = new double[batch.RowCount * length * length];
        for (var index = 0; index < values.Length; index++)
        {
            var (row, query, key) = (index / (length * length), index / length % length, index % length);
            values[index] = batch.Mask[row][key] == 0 || (causal && key > query) || query - key >= (window ?? length) ? -1e30 : 0;
        }
        return Tensor.From<double>(values, [batch.RowCount, 1, length, length]).To(model.DType);
    }
}
