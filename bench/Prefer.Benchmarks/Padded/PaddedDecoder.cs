using Prefer.Models;
using Prefer.Torch;

namespace Prefer.Benchmarks.Padded;

/// <summary>Llama (Touvron et al. 2023) with as many key heads as heads, over padded rows.</summary>
internal sealed class PaddedDecoder(RewardModel model, Precision precision) : PaddedNetwork(model, precision)
{
    protected override int HeadCount { get; } = model.Config.Count("num_attention_heads");

    protected override int LayerCount { get; } = model.Config.Count("num_hidden_layers");

    protected override Tensor Hidden(PaddedBatch batch)
    {
        var (cosine, sine) = Angles(batch.Length);
        var embedded = Weight("model.embed_tokens.weight").PlainEmbedding(batch.Ids, Config.OptionalToken("pad_token_id"));
        var hidden = Layers(embedded, (x, index) =>
        {
            var layer = $"model.layers.{index}";
            var input = Norm(x, $"{layer}.input_layernorm");
            Tensor Project(string part) => Heads(Linear(input, $"{layer}.self_attn.{part}_proj"));
            var attended = Attend(Turn(Project("q"), cosine, sine), Turn(Project("k"), cosine, sine), Project("v"), batch);
            x += Linear(attended, $"{layer}.self_attn.o_proj");
            var inner = Norm(x, $"{layer}.post_attention_layernorm");
            var gated = Linear(inner, $"{layer}.mlp.gate_proj").PlainSilu() * Linear(inner, $"{layer}.mlp.up_proj");
            return x + Linear(gated, $"{layer}.mlp.down_proj");
        });
        return Norm(hidden, "model.norm");
    }

    protected override Tensor Head(Tensor pooled) => Linear(pooled, "score");

    private Tensor Norm(Tensor x, string name) =>
        Weight($"{name}.weight") * (x * (x.Pow(2).Mean([-1], keep: true) + Config.Number("rms_norm_eps")).Rsqrt());

    /// <summary>Cosines and sines of position · θ^(−2i/D), each half twice: [L, D].</summary>
    private (Tensor Cosine, Tensor Sine) Angles(int length)
    {
        var size = Config.Count("hidden_size") / HeadCount;
        var theta = Config.Number("rope_theta");
        float[] frequencies = [.. Enumerable.Range(0, size).Select(column => (float)Math.Pow(theta, -2.0 * (column % (size / 2)) / size))];
        var angles = Tensor.Arange(length).To(DType.Float32).Unsqueeze(1) * Tensor.From<float>(frequencies, [1, size]);
        return (angles.Cos().To(ProductType), angles.Sin().To(ProductType));
    }

    // The half-split form: (a, b) becomes (a·cos − b·sin, b·cos + a·sin).
    private static Tensor Turn(Tensor x, Tensor cosine, Tensor sine)
    {
        var half = x.Shape[3] / 2;
        return (x * cosine) + (Tensor.Cat([-x.Narrow(3, half, half), x.Narrow(3, 0, half)], 3) * sine);
    }
}
