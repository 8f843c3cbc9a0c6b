using System.Text.Json.Nodes;
using Prefer.Torch;

namespace Prefer.Tests.Models;

// The encoders behind BERT. Every score is computed one by one from its definition: no tables are gathered, no windows are cut out.
internal abstract partial class PaddedReference
{
    private const double Never = -1e30;

    /// <summary>softmax(scores + what is never seen)·v over real keys: scores [B, H, L, L], values [B, H, L, D], to [B, L, H·D].</summary>
    private static Tensor Average(Tensor scores, Tensor values, PaddedBatch batch, Func<int, int, bool>? sees = null)
    {
        var length = batch.Length;
        var mask = new double[batch.RowCount * length * length];
        for (var index = 0; index < mask.Length; index++)
        {
            var (row, query, key) = (index / (length * length), index / length % length, index % length);
            mask[index] = batch.Mask[row][key] == 1 && (sees is null || sees(query, key)) ? 0 : Never;
        }
        var weights = (scores + Tensor.From<double>(mask, [batch.RowCount, 1, length, length]).To(scores.DType)).Softmax(-1);
        return weights.Matmul(values).Permute(0, 2, 1, 3).Reshape(batch.RowCount, length, -1);
    }

    /// <summary>Rows of an embedding whose padding row takes no gradient.</summary>
    private Tensor LookPadded(string name, int[][] ids, PaddedBatch batch, int padding)
    {
        var rows = Look(name, batch, ids, _ => 0);
        var isPadding = Tensor.From<double>([.. ids.SelectMany(row => row).Select(id => id == padding ? 1.0 : 0)], [batch.RowCount, batch.Length, 1]).To(rows.DType);
        return (rows * (-isPadding + 1)) + (rows.Detach() * isPadding);
    }

    /// <summary>BERT's layers under BERT's names; attention and feed-forward, each added and normalised after.</summary>
    private Tensor BertLayer(Tensor x, string layer, PaddedBatch batch, Func<Tensor, Tensor, Tensor> scores, double epsilon, string suffix = "")
    {
        var heads = Model.Config.Count("num_attention_heads");
        Tensor Project(string part) => Heads(Affine(x, $"{layer}.attention.self.{part}{suffix}"), heads);
        var attended = Average(scores(Project("query"), Project("key")), Project("value"), batch);
        x = LayerNorm(x + Affine(attended, $"{layer}.attention.output.dense"), $"{layer}.attention.output.LayerNorm", epsilon);
        var inner = Activate(Affine(x, $"{layer}.intermediate.dense"), Model.Config.Text("hidden_act"));
        return LayerNorm(x + Affine(inner, $"{layer}.output.dense"), $"{layer}.output.LayerNorm", epsilon);
    }

    private static Tensor DotProducts(Tensor queries, Tensor keys) => queries.Matmul(keys.Transpose(2, 3)) * (1 / Math.Sqrt(queries.Shape[3]));

    /// <summary>Liu et al. 2019: BERT with positions that count the tokens that are not padding.</summary>
    private sealed class RobertaReference(ModelFixture model) : PaddedReference(model)
    {
        internal override Tensor Hidden(PaddedBatch batch)
        {
            var padding = Model.Config.OptionalToken("pad_token_id") ?? 1;
            var epsilon = Model.Config.Number("layer_norm_eps");
            var positions = batch.Ids.Select(row => row.Select((id, column) => id == padding ? padding : padding + row.Take(column + 1).Count(other => other != padding)).ToArray()).ToArray();
            var x = LookPadded("roberta.embeddings.word_embeddings.weight", batch.Ids, batch, padding)
                + LookPadded("roberta.embeddings.position_embeddings.weight", positions, batch, padding)
                + Look("roberta.embeddings.token_type_embeddings.weight", batch, Weight("roberta.embeddings.token_type_embeddings.weight").Shape[0] == 1 ? null : batch.TokenTypes, _ => 0);
            x = LayerNorm(x, "roberta.embeddings.LayerNorm", epsilon);
            for (var index = 0; index < Model.Config.Count("num_hidden_layers"); index++)
            {
                x = BertLayer(x, $"roberta.encoder.layer.{index}", batch, DotProducts, epsilon);
            }
            return x;
        }

        internal override Tensor Head(Tensor pooled) => Affine(Affine(pooled, "classifier.dense").Tanh(), "classifier.out_proj").Reshape(-1);
    }

    /// <summary>Clark et al. 2020: BERT behind a projection of narrower embeddings.</summary>
    private sealed class ElectraReference(ModelFixture model) : PaddedReference(model)
    {
        internal override Tensor Hidden(PaddedBatch batch)
        {
            var epsilon = Model.Config.Number("layer_norm_eps");
            var x = Look("electra.embeddings.word_embeddings.weight", batch, batch.Ids, column => column)
                + Look("electra.embeddings.position_embeddings.weight", batch, batch.Positions, column => column)
                + Look("electra.embeddings.token_type_embeddings.weight", batch, batch.TokenTypes, _ => 0);
            x = LayerNorm(x, "electra.embeddings.LayerNorm", epsilon);
            x = Model.Parameters.Names.Contains("electra.embeddings_project.weight") ? Affine(x, "electra.embeddings_project") : x;
            for (var index = 0; index < Model.Config.Count("num_hidden_layers"); index++)
            {
                x = BertLayer(x, $"electra.encoder.layer.{index}", batch, DotProducts, epsilon);
            }
            return x;
        }

        internal override Tensor Head(Tensor pooled) => Affine(Activate(Affine(pooled, "classifier.dense"), "gelu"), "classifier.out_proj").Reshape(-1);
    }

    /// <summary>He et al. 2021, equations 2 to 4: scores of content with content, of content with position, and of position with content.</summary>
    private sealed class DebertaReference(ModelFixture model) : PaddedReference(model)
    {
        internal override Tensor Hidden(PaddedBatch batch)
        {
            var config = Model.Config;
            var epsilon = config.Number("layer_norm_eps", 1e-7);
            var x = Look("deberta.embeddings.word_embeddings.weight", batch, batch.Ids, column => column);
            x = Has("deberta.embeddings.position_embeddings.weight") ? x + Look("deberta.embeddings.position_embeddings.weight", batch, batch.Positions, column => column) : x;
            x = Has("deberta.embeddings.token_type_embeddings.weight") ? x + Look("deberta.embeddings.token_type_embeddings.weight", batch, batch.TokenTypes, _ => 0) : x;
            x = Has("deberta.embeddings.embed_proj.weight") ? Affine(x, "deberta.embeddings.embed_proj") : x;
            x = LayerNorm(x, "deberta.embeddings.LayerNorm", epsilon);
            var real = Tensor.From<double>([.. batch.Mask.SelectMany(row => row).Select(bit => (double)bit)], [batch.RowCount, batch.Length, 1]).To(x.DType);
            var embedded = x * real;
            for (var index = 0; index < config.Count("num_hidden_layers"); index++)
            {
                var layer = $"deberta.encoder.layer.{index}";
                x = BertLayer(x, layer, batch, (queries, keys) => Scores(queries, keys, $"{layer}.attention.self"), epsilon, "_proj");
                if (index == 0 && Has("deberta.encoder.conv.conv.weight"))
                {
                    var convolved = Activate(Convolve(embedded), config.Text("conv_act", "tanh"));
                    x = LayerNorm(x + convolved, "deberta.encoder.conv.LayerNorm", epsilon);
                }
            }
            return x;
        }

        internal override Tensor Head(Tensor pooled) => Affine(Activate(Affine(pooled, "pooler.dense"), Model.Config.Text("pooler_hidden_act", "gelu")), "classifier").Reshape(-1);

        private bool Has(string name) => Model.Parameters.Names.Contains(name);

        private Tensor Scores(Tensor queries, Tensor keys, string self)
        {
            var config = Model.Config;
            var kinds = config.Json["pos_att_type"] is JsonArray list ? [.. list.Select(item => (string)item!)] : config.Text("pos_att_type", "").Split('|');
            var terms = 1 + kinds.Count(kind => kind is "c2p" or "p2c");
            var scores = queries.Matmul(keys.Transpose(2, 3));
            if (config.Flag("relative_attention", false))
            {
                var table = Weight("deberta.encoder.rel_embeddings.weight");
                table = config.Text("norm_rel_ebd", "none") == "layer_norm" ? LayerNorm(table, "deberta.encoder.LayerNorm", config.Number("layer_norm_eps", 1e-7)) : table;
                var isShared = config.Flag("share_att_key", false);
                var length = (int)queries.Shape[2];
                var half = (int)table.Shape[0] / 2;
                // [1, H, L, L, D]: the projected row of every pair.
                Tensor Pairs(string name, Func<int, int, int> row)
                {
                    var rows = Enumerable.Range(0, length * length).Select(index => (long)Math.Clamp(row(index / length, index % length), 0, (2 * half) - 1));
                    return Affine(table.IndexSelect(0, Tensor.From<long>([.. rows])), name).Reshape(1, length, length, queries.Shape[1], -1).Permute(0, 3, 1, 2, 4);
                }
                if (kinds.Contains("c2p"))
                {
                    scores += (queries.Unsqueeze(3) * Pairs($"{self}.{(isShared ? "key_proj" : "pos_key_proj")}", (i, j) => half + Bucket(i - j))).Sum([4]);
                }
                if (kinds.Contains("p2c"))
                {
                    scores += (keys.Unsqueeze(2) * Pairs($"{self}.{(isShared ? "query_proj" : "pos_query_proj")}", (i, j) => half - Bucket(j - i))).Sum([4]);
                }
            }
            return scores / Math.Sqrt(queries.Shape[3] * terms);
        }

        private int Bucket(int distance)
        {
            var (count, far) = (Model.Config.Whole("position_buckets", -1), Model.Config.Whole("max_relative_positions", -1));
            far = far < 1 ? Model.Config.Count("max_position_embeddings") : far;
            var middle = count / 2;
            if (count < 1 || Math.Abs(distance) <= middle)
            {
                return distance;
            }
            var step = MathF.Log(Math.Abs(distance) / (float)middle) / MathF.Log((float)((far - 1.0) / middle)) * (middle - 1);
            return Math.Sign(distance) * ((int)MathF.Ceiling(step) + middle);
        }

        // The sum over offsets of the shifted rows times the kernel's slice, group by group.
        private Tensor Convolve(Tensor x)
        {
            var (kernel, bias) = (Weight("deberta.encoder.conv.conv.weight"), Weight("deberta.encoder.conv.conv.bias"));
            var groups = Model.Config.Count("conv_groups", 1);
            var (length, width, reach) = (x.Shape[1], x.Shape[2] / groups, (kernel.Shape[2] - 1) / 2);
            var zeros = Tensor.Zeros([x.Shape[0], reach, x.Shape[2]], x.DType);
            var wide = Tensor.Cat([zeros, x, zeros], 1);
            var outputs = new Tensor[groups];
            for (var group = 0; group < groups; group++)
            {
                var sum = bias.Narrow(0, group * width, width);
                for (var offset = 0; offset < kernel.Shape[2]; offset++)
                {
                    var slice = kernel.Narrow(0, group * width, width).Narrow(2, offset, 1).Reshape(width, width);
                    sum += wide.Narrow(1, offset, length).Narrow(2, group * width, width).Matmul(slice.Transpose(0, 1));
                }
                outputs[group] = sum;
            }
            return Tensor.Cat(outputs, 2);
        }
    }

    /// <summary>Warner et al. 2024: norms before, rotary positions, every n-th layer global and the others local, gated inner layers.</summary>
    private sealed class ModernBertReference(ModelFixture model) : PaddedReference(model)
    {
        internal override Tensor Hidden(PaddedBatch batch)
        {
            var config = Model.Config;
            var (heads, half) = (config.Count("num_attention_heads"), config.Count("local_attention", 128) / 2);
            var x = Norm(Look("model.embeddings.tok_embeddings.weight", batch, batch.Ids, column => column), "model.embeddings.norm");
            for (var index = 0; index < config.Count("num_hidden_layers"); index++)
            {
                var layer = $"model.layers.{index}";
                var isGlobal = config.Json["layer_types"] is JsonArray types ? (string)types[index]! == "full_attention" : index % config.Count("global_attn_every_n_layers", 3) == 0;
                var joined = Affine(index == 0 ? x : Norm(x, $"{layer}.attn_norm"), $"{layer}.attn.Wqkv");
                Tensor Part(int part) => Heads(joined.Narrow(2, part * x.Shape[2], x.Shape[2]), heads);
                var scores = DotProducts(Turn(Part(0), Theta(isGlobal)), Turn(Part(1), Theta(isGlobal)));
                x += Affine(Average(scores, Part(2), batch, isGlobal ? null : (query, key) => Math.Abs(query - key) <= half), $"{layer}.attn.Wo");
                var inner = Affine(Norm(x, $"{layer}.mlp_norm"), $"{layer}.mlp.Wi");
                var width = inner.Shape[2] / 2;
                x += Affine(Activate(inner.Narrow(2, 0, width), config.Text("hidden_activation", "gelu")) * inner.Narrow(2, width, width), $"{layer}.mlp.Wo");
            }
            return Norm(x, "model.final_norm");
        }

        internal override Tensor Head(Tensor pooled) =>
            Affine(Norm(Activate(Affine(pooled, "head.dense"), Model.Config.Text("classifier_activation", "gelu")), "head.norm"), "classifier").Reshape(-1);

        protected override Tensor Pool(Tensor hidden, PaddedBatch batch, int[] columns)
        {
            if (Model.Config.Text("classifier_pooling", "cls") != "mean")
            {
                return base.Pool(hidden, batch, columns);
            }
            var shares = batch.Mask.SelectMany(row => row.Select(bit => (double)bit / row.Sum())).ToArray();
            return (hidden * Tensor.From<double>(shares, [batch.RowCount, batch.Length, 1]).To(hidden.DType)).Sum([1]);
        }

        private double Theta(bool isGlobal) =>
            Model.Config.Json["rope_parameters"]?[isGlobal ? "full_attention" : "sliding_attention"]?["rope_theta"] is { } theta ? (double)theta
            : isGlobal ? Model.Config.Number("global_rope_theta", 160000) : Model.Config.Number("local_rope_theta", 10000);

        private Tensor Norm(Tensor x, string name)
        {
            var centred = x - x.Mean([-1], keep: true);
            var scaled = centred / ((centred * centred).Mean([-1], keep: true) + Model.Config.Number("norm_eps", 1e-5)).Sqrt() * Weight($"{name}.weight");
            return Model.Parameters.Names.Contains($"{name}.bias") ? scaled + Weight($"{name}.bias") : scaled;
        }

        // Pair i of a head turns by column · θ^(−2i/D); the rotation as a matrix for each column.
        private static Tensor Turn(Tensor x, double theta)
        {
            var (length, size) = ((int)x.Shape[2], (int)x.Shape[3]);
            var matrices = new double[length * size * size];
            for (var column = 0; column < length; column++)
            {
                for (var pair = 0; pair < size / 2; pair++)
                {
                    var angle = column * (double)(1 / MathF.Pow((float)theta, 2 * pair / (float)size));
                    void Set(int from, int to, double value) => matrices[(((column * size) + from) * size) + to] = value;
                    Set(pair, pair, Math.Cos(angle));
                    Set(pair, pair + (size / 2), Math.Sin(angle));
                    Set(pair + (size / 2), pair, -Math.Sin(angle));
                    Set(pair + (size / 2), pair + (size / 2), Math.Cos(angle));
                }
            }
            return x.Unsqueeze(3).Matmul(Tensor.From<double>(matrices, [length, size, size]).To(x.DType)).Reshape([.. x.Shape]);
        }
    }
}
