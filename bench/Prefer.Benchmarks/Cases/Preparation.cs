using System.Text.Json;
using System.Text.Json.Nodes;
using Prefer.Data;
using Prefer.Models;
using Prefer.Models.Files;
using Prefer.Text;
using Prefer.Training;

namespace Prefer.Benchmarks.Cases;

/// <summary>
/// What all processes of a run share: the data, and models with fresh weights as saved folders, so that every case begins with
/// the same weights and the same ids.
/// </summary>
/// <param name="Folder">Where it lies.</param>
/// <param name="Data">The file of comparisons.</param>
/// <param name="Amount">How much the run does.</param>
internal sealed record Preparation(string Folder, string Data, Amount Amount)
{
    /// <summary>A DistilBERT of the published size.</summary>
    internal const string Encoder = "encoder";

    /// <summary>A Llama of about 26 M parameters in matrix products, and its embedding.</summary>
    internal const string Causal = "causal";

    /// <summary>The preset that start-up is measured with.</summary>
    internal const string Small = "small";

    private const string RecordName = "preparation.json";
    private const int MaxLength = 512, VocabularySize = 8192, SmallVocabularySize = 4096, TinyVocabularySize = 512;

    internal string FolderOf(string model) => Path.Combine(Folder, model);

    internal IEnumerable<Comparison> Comparisons() => Comparisons(Data, Amount);

    internal static Preparation Open(string folder)
    {
        var record = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, RecordName)))!;
        return new Preparation(folder, (string)record["data"]!, Amount.Of((string)record["amount"]!));
    }

    /// <summary>Draws and saves the models.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="data">Comparisons, as every verb reads them.</param>
    /// <param name="tokenizer">A folder with a tokenizer; null trains one on the data.</param>
    /// <param name="encoderTokenizer">Another one for the encoder; null takes the same way as the causal model.</param>
    /// <param name="amount">How much the run will do.</param>
    internal static void Make(string folder, string data, string? tokenizer, string? encoderTokenizer, Amount amount)
    {
        Directory.CreateDirectory(folder);
        var preparation = new Preparation(folder, Path.GetFullPath(data), amount);
        Comparison[] rows = [.. preparation.Comparisons()];
        preparation.Draw(Encoder, rows, encoderTokenizer ?? tokenizer, EncoderConfig(amount), VocabularySize);
        preparation.Draw(Causal, rows, tokenizer, CausalConfig(amount), VocabularySize);
        preparation.Draw(Small, rows, null, null, SmallVocabularySize);
        AtomicFile.WriteText(Path.Combine(folder, RecordName), new JsonObject { ["data"] = preparation.Data, ["amount"] = amount.Name }.ToJsonString());
        AtomicFile.WriteText(Path.Combine(folder, "one.jsonl"), JsonSerializer.Serialize(new { prompt = "Say hello.", response = "Hello!" }) + "\n");
    }

    private void Draw(string name, Comparison[] rows, string? tokenizer, JsonObject? config, int vocabularySize)
    {
        var path = FolderOf(name) + ".json";
        if (config is not null)
        {
            File.WriteAllText(path, config.ToJsonString());
        }
        // Some tokenizers of decoders put nothing between the texts of a pair.
        var hasPairs = tokenizer is null || Tokenizer.LoadFolder(tokenizer)?.SpecialTokenCount(pair: true) > 0;
        using var model = TrainingModel.Open(
            new TrainOptions
            {
                Model = FreshModel.Prefix + (config is null ? "llama-mini" : path), Data = [Data], Output = Folder, Tokenizer = tokenizer,
                VocabularySize = Amount.Shrinks ? TinyVocabularySize : vocabularySize, MaxLength = MaxLength, Encoding = name == Encoder && !hasPairs ? EncodingMode.Template : null,
            },
            rows);
        model.Save(FolderOf(name));
    }

    private static Comparison[] Comparisons(string data, Amount amount)
    {
        Comparison[] rows = [.. DataSource.Open([data]).Comparisons().Where(row => !row.TeachesNothing).Take(amount.PairCount)];
        // Some may go: truncation can make two responses the same.
        var needed = Math.Max(amount.ResponseCount, Batches.PairCount * (Math.Max(amount.StepCount, amount.ScoredBatchCount) + 1));
        return rows.Length >= needed && !rows[0].Chosen.IsTokenized
            ? rows
            : throw new DataException($"{data}: found {rows.Length} comparisons that teach something{(rows.Length > 0 && rows[0].Chosen.IsTokenized ? ", of token ids" : "")}; the benchmark needs {needed} or more, as text");
    }

    private static JsonObject EncoderConfig(Amount amount) => new()
    {
        ["model_type"] = "distilbert", ["activation"] = "gelu", ["dim"] = amount.Shrinks ? 32 : 768, ["hidden_dim"] = amount.Shrinks ? 64 : 3072, ["n_heads"] = amount.Shrinks ? 2 : 12,
        ["n_layers"] = amount.Shrinks ? 2 : 6, ["max_position_embeddings"] = MaxLength, ["initializer_range"] = 0.02, ["pad_token_id"] = 0, ["sinusoidal_pos_embds"] = false,
        ["vocab_size"] = 30522,
    };

    private static JsonObject CausalConfig(Amount amount) => new()
    {
        ["model_type"] = "llama", ["hidden_act"] = "silu", ["hidden_size"] = amount.Shrinks ? 32 : 512, ["intermediate_size"] = amount.Shrinks ? 64 : 1408,
        ["num_attention_heads"] = amount.Shrinks ? 2 : 8, ["num_key_value_heads"] = amount.Shrinks ? 2 : 8, ["num_hidden_layers"] = amount.Shrinks ? 2 : 8,
        ["max_position_embeddings"] = 8192, ["initializer_range"] = 0.02, ["rms_norm_eps"] = 1e-5, ["rope_theta"] = 10000.0, ["attention_bias"] = false, ["mlp_bias"] = false,
        ["pad_token_id"] = null, ["eos_token_id"] = null, ["bos_token_id"] = null, ["tie_word_embeddings"] = false, ["vocab_size"] = 32000,
    };
}
