using Prefer.Models;
using Prefer.Torch;

namespace Prefer.Benchmarks.Padded;

/// <summary>DistilBERT (Sanh et al. 2019) over padded rows.</summary>
internal sealed class PaddedEncoder(RewardModel model, Precision precision) : PaddedNetwork(model, precision)
{
    private const double Epsilon = 1e-12;

    protected override int HeadCount { get; } = model.Config.Count("n_heads");

    protected override int LayerCount { get; } = model.Config.Count("n_layers");

    protected override Tensor Hidden(PaddedBatch batch)
    {
        var words = Weight("distilbert.embeddings.word_embeddings.weight").PlainEmbedding(batch.Ids, Config.OptionalToken("pad_token_id"));
        var embedded = Norm(words + Weight("distilbert.embeddings.position_embeddings.weight").PlainEmbedding(Tensor.Arange(batch.Length)), "distilbert.embeddings.LayerNorm");
        return Layers(embedded, (x, index) =>
        {
            var layer = $"distilbert.transformer.layer.{index}";
            var (q, k, v) = (Linear(x, $"{layer}.attention.q_lin"), Linear(x, $"{layer}.attention.k_lin"), Linear(x, $"{layer}.attention.v_lin"));
            var attended = Linear(Attend(Heads(q), Heads(k), Heads(v), batch), $"{layer}.attention.out_lin");
            x = Norm(x + attended, $"{layer}.sa_layer_norm");
            var inner = Linear(x, $"{layer}.ffn.lin1").PlainGelu();
            return Norm(x + Linear(inner, $"{layer}.ffn.lin2"), $"{layer}.output_layer_norm");
        });
    }

    protected override Tensor Head(Tensor pooled) => Linear(Linear(pooled, "pre_classifier").Relu(), "classifier");

    private Tensor Norm(Tensor x, string name) => x.PlainLayerNorm(Weight($"{name}.weight"), Weight($"{name}.bias"), Epsilon);
}
