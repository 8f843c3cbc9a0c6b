using System.Text.Json.Nodes;
using Prefer.Models;
using Prefer.Models.Forest;
using Prefer.Torch;

namespace Prefer.Tests.Models;

// The decoders with rotary positions, and OPT. Written from the papers by model type, where the networks go by switches.
internal abstract partial class PaddedReference
{
    /// <summary>Token embeddings [B, L, h]; the pad token's row takes part in values and not in gradients, as in torch.nn.Embedding.</summary>
    private Tensor Words(string name, PaddedBatch batch, int? pad)
    {
        var x = Look(name, batch, batch.Ids, column => column);
        if (pad is null)
        {
            return x;
        }
        var isPad = Tensor.From<double>([.. batch.Flat(batch.Ids, _ => 0).Select(id => id == pad ? 1.0 : 0)], [batch.RowCount, batch.Length, 1]).To(x.DType);
        return (x * (-isPad + 1)) + (x.Detach() * isPad);
    }

    /// <summary>Turns pairs (xᵢ, xᵢ₊R/2) of the first R columns of [B, H, L, D] by position · frequency, the frequencies by each row's real length.</summary>
    private static Tensor Rotate(Tensor x, PaddedBatch batch, Func<int, float[]> frequencies, double factor)
    {
        var positions = batch.Flat(batch.Positions, column => column);
        var rows = batch.Mask.Select(row => frequencies(row.Sum())).ToArray();
        var half = rows[0].Length;
        var values = new double[positions.Length * half];
        for (var index = 0; index < values.Length; index++)
        {
            values[index] = positions[index / half] * (double)rows[index / half / batch.Length][index % half];
        }
        var angles = Tensor.From<double>(values, [batch.RowCount, 1, batch.Length, half]);
        var (cosine, sine) = ((angles.Cos() * factor).To(x.DType), (angles.Sin() * factor).To(x.DType));
        var (first, second) = (x.Narrow(3, 0, half), x.Narrow(3, half, half));
        var turned = Tensor.Cat([(first * cosine) - (second * sine), (second * cosine) + (first * sine)], 3);
        return x.Shape[3] == 2 * half ? turned : Tensor.Cat([turned, x.Narrow(3, 2 * half, x.Shape[3] - (2 * half))], 3);
    }

    /// <summary>Su et al. 2021 in single precision, as Hugging Face keeps it.</summary>
    private static float[] PlainFrequencies(double theta, int size) =>
        [.. Enumerable.Range(0, (size + 1) / 2).Select(index => 1 / MathF.Pow((float)theta, 2 * index / (float)size))];

    /// <summary>
    /// RMS norms (Zhang and Sennrich 2019), rotary positions, grouped keys, gated inner layer (Shazeer 2020): Llama, and what Mistral, Qwen, Gemma,
    /// Phi-3 and OLMo 2 changed. Scaled frequencies come from the code under test; RotaryScalingTests has their oracles.
    /// </summary>
    private sealed class RotaryReference(ModelFixture model) : PaddedReference(model)
    {
        private ModelConfig Settings => Model.Config;

        private bool IsGemma => Settings.ModelType.StartsWith("gemma", StringComparison.Ordinal);

        private bool IsOlmo => Settings.ModelType == "olmo2";

        internal override Tensor Hidden(PaddedBatch batch)
        {
            var x = Words("model.embed_tokens.weight", batch, Settings.OptionalToken("pad_token_id"));
            x = IsGemma ? x * Math.Sqrt(x.Shape[2]) : x;
            for (var index = 0; index < Settings.Count("num_hidden_layers"); index++)
            {
                var layer = $"model.layers.{index}";
                var attended = Attended(IsOlmo ? x : Norm(x, $"{layer}.input_layernorm"), batch, index);
                x += IsGemma || IsOlmo ? Norm(attended, $"{layer}.post_attention_layernorm") : attended;
                var inner = Inner(IsOlmo ? x : Norm(x, IsGemma ? $"{layer}.pre_feedforward_layernorm" : $"{layer}.post_attention_layernorm"), layer);
                x += IsGemma || IsOlmo ? Norm(inner, $"{layer}.post_feedforward_layernorm") : inner;
            }
            return Norm(x, "model.norm");
        }

        internal override Tensor Head(Tensor pooled) => Affine(pooled, "score").Reshape(-1);

        private Tensor Attended(Tensor x, PaddedBatch batch, int index)
        {
            var name = $"model.layers.{index}.self_attn";
            var heads = Settings.Count("num_attention_heads");
            var keyHeads = Settings.Count("num_key_value_heads", heads);
            var size = Settings.Count("head_dim", Settings.Count("hidden_size") / heads);
            var (wide, narrow) = (heads * size, keyHeads * size);
            var fused = Settings.ModelType == "phi3" ? Affine(x, $"{name}.qkv_proj") : null;
            Tensor Part(string part, int start, int width) => fused?.Narrow(2, start, width) ?? Affine(x, $"{name}.{part}_proj");
            var q = NormalHeads(Part("q", 0, wide), heads, size, $"{name}.q_norm");
            var k = NormalHeads(Part("k", wide, narrow), keyHeads, size, $"{name}.k_norm");
            var v = Heads(Part("v", wide + narrow, narrow), keyHeads);
            var sliding = IsSliding(index);
            var (frequencies, factor) = Turning(sliding, size);
            q = Rotate(q, batch, frequencies, factor);
            k = Rotate(k, batch, frequencies, factor);
            var scale = IsGemma ? Settings.Number("query_pre_attn_scalar") : size;
            double? cap = Settings.ModelType == "gemma2" && Settings.Has("attn_logit_softcapping") ? Settings.Number("attn_logit_softcapping") : null;
            return Affine(Attend(q, k, v, batch, causal: true, 1 / Math.Sqrt(scale), sliding ? Settings.Count("sliding_window") : null, cap), $"{name}.o_proj");
        }

        // A norm of queries or keys as wide as a head is of each head, a wider one of the whole projection.
        private Tensor NormalHeads(Tensor x, int heads, int size, string norm)
        {
            if (!Model.Parameters.Names.Contains($"{norm}.weight"))
            {
                return Heads(x, heads);
            }
            return Weight($"{norm}.weight").ElementCount == size && !IsOlmo ? Norm(Heads(x, heads), norm) : Heads(Norm(x, norm), heads);
        }

        private Tensor Inner(Tensor x, string layer)
        {
            var width = Settings.Count("intermediate_size");
            var fused = Settings.ModelType == "phi3" ? Affine(x, $"{layer}.mlp.gate_up_proj") : null;
            var gate = fused?.Narrow(2, 0, width) ?? Affine(x, $"{layer}.mlp.gate_proj");
            var up = fused?.Narrow(2, width, width) ?? Affine(x, $"{layer}.mlp.up_proj");
            return Affine(Activate(gate, IsGemma ? Settings.Text("hidden_activation") : Settings.Text("hidden_act")) * up, $"{layer}.mlp.down_proj");
        }

        private Tensor Norm(Tensor x, string name) =>
            x / ((x * x).Mean([-1], keep: true) + Settings.Number("rms_norm_eps")).Sqrt() * (IsGemma ? Weight($"{name}.weight") + 1 : Weight($"{name}.weight"));

        private bool IsSliding(int index) => Settings.ModelType switch
        {
            "mistral" or "phi3" => Settings.Has("sliding_window"),
            _ when Settings.Json["layer_types"] is JsonArray types => types[index]!.ToString() == "sliding_attention",
            "qwen2" or "qwen3" => Settings.Flag("use_sliding_window", false) && index >= Settings.Count("max_window_layers"),
            "gemma2" => index % 2 == 0,
            "gemma3_text" => (index + 1) % Settings.Count("sliding_window_pattern") != 0,
            _ => false,
        };

        private (Func<int, float[]> Frequencies, double Factor) Turning(bool sliding, int size)
        {
            if (Settings.ModelType == "gemma3_text")
            {
                var nested = Settings.Section("rope_parameters");
                if (sliding)
                {
                    return (_ => PlainFrequencies(nested?.Section("sliding_attention")!.Number("rope_theta") ?? Settings.Number("rope_local_base_freq"), size), 1);
                }
                var theta = nested?.Section("full_attention")!.Number("rope_theta") ?? Settings.Number("rope_theta");
                var divisor = (nested?.Section("full_attention") ?? Settings.Section("rope_scaling"))?.Number("factor", 1) ?? 1;
                return (_ => [.. PlainFrequencies(theta, size).Select(frequency => frequency / (float)divisor)], 1);
            }
            var rotary = Settings.ModelType == "phi3" ? Rotary.Of(Settings, size, partKey: "partial_rotary_factor") : Rotary.Of(Settings, size);
            return rotary.Scaling is RotaryScaling.None ? (_ => PlainFrequencies(rotary.Theta, rotary.Size), 1) : (rotary.Frequencies, rotary.Scaling.AttentionFactor);
        }
    }

    /// <summary>Black et al. 2022: attention and inner layer in parallel, each head's query, key and value behind each other, a part of each head turned.</summary>
    private sealed class GptNeoXReference(ModelFixture model) : PaddedReference(model)
    {
        internal override Tensor Hidden(PaddedBatch batch)
        {
            var config = Model.Config;
            var (heads, epsilon) = (config.Count("num_attention_heads"), config.Number("layer_norm_eps"));
            var x = Words("gpt_neox.embed_in.weight", batch, pad: null);
            var size = (int)x.Shape[2] / heads;
            var rope = config.Section("rope_parameters");
            var turned = (int)(size * (rope?.Number("partial_rotary_factor") ?? config.Number("rotary_pct")));
            var frequencies = PlainFrequencies(rope?.Number("rope_theta") ?? config.Number("rotary_emb_base"), turned);
            for (var index = 0; index < config.Count("num_hidden_layers"); index++)
            {
                var layer = $"gpt_neox.layers.{index}";
                var joined = Affine(LayerNorm(x, $"{layer}.input_layernorm", epsilon), $"{layer}.attention.query_key_value").Reshape(batch.RowCount, batch.Length, heads, 3, size);
                Tensor Part(int part) => joined.Narrow(3, part, 1).Reshape(batch.RowCount, batch.Length, heads, size).Permute(0, 2, 1, 3);
                Tensor Turned(int part) => Rotate(Part(part), batch, _ => frequencies, 1);
                var attended = Affine(Attend(Turned(0), Turned(1), Part(2), batch, causal: true, 1 / Math.Sqrt(size)), $"{layer}.attention.dense");
                var entering = config.Flag("use_parallel_residual", true) ? x : x + attended;
                var inner = Activate(Affine(LayerNorm(entering, $"{layer}.post_attention_layernorm", epsilon), $"{layer}.mlp.dense_h_to_4h"), config.Text("hidden_act"));
                x = x + attended + Affine(inner, $"{layer}.mlp.dense_4h_to_h");
            }
            return LayerNorm(x, "gpt_neox.final_layer_norm", epsilon);
        }

        internal override Tensor Head(Tensor pooled) => Affine(pooled, "score").Reshape(-1);
    }

    /// <summary>Zhang et al. 2022: learned positions counted over real tokens from row 2, norms before or after, embeddings of another width.</summary>
    private sealed class OptReference(ModelFixture model) : PaddedReference(model)
    {
        internal override Tensor Hidden(PaddedBatch batch)
        {
            var config = Model.Config;
            var (heads, before) = (config.Count("num_attention_heads"), config.Flag("do_layer_norm_before", true));
            int[][] counted = [.. batch.Mask.Select(row => row.Select((real, column) => real == 0 ? 1 : 1 + row[..(column + 1)].Sum()).ToArray())];
            var x = Words("model.decoder.embed_tokens.weight", batch, config.OptionalToken("pad_token_id"));
            x = Through(x, "model.decoder.project_in") + Look("model.decoder.embed_positions.weight", batch, counted, column => column);
            for (var index = 0; index < config.Count("num_hidden_layers"); index++)
            {
                var layer = $"model.decoder.layers.{index}";
                var entering = before ? Norm(x, $"{layer}.self_attn_layer_norm") : x;
                Tensor Project(string part) => Heads(Affine(entering, $"{layer}.self_attn.{part}_proj"), heads);
                x += Affine(Attend(Project("q"), Project("k"), Project("v"), batch, causal: true, 1 / Math.Sqrt(x.Shape[2] / heads)), $"{layer}.self_attn.out_proj");
                x = before ? x : Norm(x, $"{layer}.self_attn_layer_norm");
                entering = before ? Norm(x, $"{layer}.final_layer_norm") : x;
                x += Affine(Activate(Affine(entering, $"{layer}.fc1"), config.Text("activation_function", "relu")), $"{layer}.fc2");
                x = before ? x : Norm(x, $"{layer}.final_layer_norm");
            }
            x = before && !config.Flag("_remove_final_layer_norm", false) ? Norm(x, "model.decoder.final_layer_norm") : x;
            return Through(x, "model.decoder.project_out");
        }

        internal override Tensor Head(Tensor pooled) => Affine(pooled, "score").Reshape(-1);

        private Tensor Through(Tensor x, string name) => Model.Parameters.Names.Contains($"{name}.weight") ? Affine(x, name) : x;

        private Tensor Norm(Tensor x, string name)
        {
            if (Model.Config.Flag("layer_norm_elementwise_affine", true))
            {
                return LayerNorm(x, name, 1e-5);
            }
            var centred = x - x.Mean([-1], keep: true);
            return centred / ((centred * centred).Mean([-1], keep: true) + 1e-5).Sqrt();
        }
    }
}
