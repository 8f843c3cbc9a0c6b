using Prefer.Torch;

namespace Prefer.Tests.Models;

// The encoders and GPT-2 of the padded reference. Layer and weight names are Hugging Face's.
internal abstract partial class PaddedReference
{
    /// <summary>Devlin et al. 2018: post-norm encoder, learned positions, segments, pooler with tanh.</summary>
    private sealed class BertReference(ModelFixture model) : PaddedReference(model)
    {
        internal override Tensor Hidden(PaddedBatch batch)
        {
            var (heads, epsilon) = (Model.Config.Count("num_attention_heads"), Model.Config.Number("layer_norm_eps"));
            var x = Look("bert.embeddings.word_embeddings.weight", batch, batch.Ids, column => column)
                + Look("bert.embeddings.position_embeddings.weight", batch, batch.Positions, column => column)
                + Look("bert.embeddings.token_type_embeddings.weight", batch, batch.TokenTypes, _ => 0);
            x = LayerNorm(x, "bert.embeddings.LayerNorm", epsilon);
            for (var index = 0; index < Model.Config.Count("num_hidden_layers"); index++)
            {
                var layer = $"bert.encoder.layer.{index}";
                var self = $"{layer}.attention.self";
                var (q, k, v) = (Heads(Affine(x, $"{self}.query"), heads), Heads(Affine(x, $"{self}.key"), heads), Heads(Affine(x, $"{self}.value"), heads));
                var attended = Attend(q, k, v, batch, causal: false, 1 / Math.Sqrt(x.Shape[2] / heads));
                x = LayerNorm(x + Affine(attended, $"{layer}.attention.output.dense"), $"{layer}.attention.output.LayerNorm", epsilon);
                var inner = Activate(Affine(x, $"{layer}.intermediate.dense"), Model.Config.Text("hidden_act"));
                x = LayerNorm(x + Affine(inner, $"{layer}.output.dense"), $"{layer}.output.LayerNorm", epsilon);
            }
            return x;
        }

        internal override Tensor Head(Tensor pooled) => Affine(Affine(pooled, "bert.pooler.dense").Tanh(), "classifier").Reshape(-1);
    }

    /// <summary>Sanh et al. 2019: BERT without segments and pooler, with a ReLU layer before the classifier.</summary>
    private sealed class DistilBertReference(ModelFixture model) : PaddedReference(model)
    {
        internal override Tensor Hidden(PaddedBatch batch)
        {
            const double epsilon = 1e-12;
            var heads = Model.Config.Count("n_heads");
            var x = Look("distilbert.embeddings.word_embeddings.weight", batch, batch.Ids, column => column)
                + Look("distilbert.embeddings.position_embeddings.weight", batch, batch.Positions, column => column);
            x = LayerNorm(x, "distilbert.embeddings.LayerNorm", epsilon);
            for (var index = 0; index < Model.Config.Count("n_layers"); index++)
            {
                var layer = $"distilbert.transformer.layer.{index}";
                Tensor Project(string part) => Heads(Affine(x, $"{layer}.attention.{part}"), heads);
                var attended = Attend(Project("q_lin"), Project("k_lin"), Project("v_lin"), batch, causal: false, 1 / Math.Sqrt(x.Shape[2] / heads));
                x = LayerNorm(x + Affine(attended, $"{layer}.attention.out_lin"), $"{layer}.sa_layer_norm", epsilon);
                var inner = Activate(Affine(x, $"{layer}.ffn.lin1"), Model.Config.Text("activation"));
                x = LayerNorm(x + Affine(inner, $"{layer}.ffn.lin2"), $"{layer}.output_layer_norm", epsilon);
            }
            return x;
        }

        internal override Tensor Head(Tensor pooled) => Affine(Activate(Affine(pooled, "pre_classifier"), "relu"), "classifier").Reshape(-1);
    }

    /// <summary>Radford et al. 2019: pre-norm decoder, learned positions, joint query-key-value layer of columns.</summary>
    private sealed class Gpt2Reference(ModelFixture model) : PaddedReference(model)
    {
        internal override Tensor Hidden(PaddedBatch batch)
        {
            var (heads, epsilon) = (Model.Config.Count("n_head"), Model.Config.Number("layer_norm_epsilon"));
            var x = Look("transformer.wte.weight", batch, batch.Ids, column => column)
                + Look("transformer.wpe.weight", batch, batch.Positions, column => column);
            var hidden = x.Shape[2];
            for (var index = 0; index < Model.Config.Count("n_layer"); index++)
            {
                var layer = $"transformer.h.{index}";
                var joined = AffineColumns(LayerNorm(x, $"{layer}.ln_1", epsilon), $"{layer}.attn.c_attn");
                Tensor Part(int part) => Heads(joined.Narrow(2, part * hidden, hidden), heads);
                var scale = Model.Config.Flag("scale_attn_weights", true) ? 1 / Math.Sqrt(hidden / heads) : 1;
                scale /= Model.Config.Flag("scale_attn_by_inverse_layer_idx", false) ? index + 1 : 1;
                x += AffineColumns(Attend(Part(0), Part(1), Part(2), batch, causal: true, scale), $"{layer}.attn.c_proj");
                var inner = Activate(AffineColumns(LayerNorm(x, $"{layer}.ln_2", epsilon), $"{layer}.mlp.c_fc"), Model.Config.Text("activation_function"));
                x += AffineColumns(inner, $"{layer}.mlp.c_proj");
            }
            return LayerNorm(x, "transformer.ln_f", epsilon);
        }

        internal override Tensor Head(Tensor pooled) => Affine(pooled, "score").Reshape(-1);
    }
}
