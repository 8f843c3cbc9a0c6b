using System.Text.Json.Nodes;
using Prefer.Models.Families;
using Prefer.Text;

namespace Prefer.Models;

/// <summary>Models with fresh weights: a preset or a config file, with the vocabulary of a tokenizer.</summary>
public static class FreshModel
{
    /// <summary>What model names begin with that ask for fresh weights: <c>new:llama-mini</c>, <c>new:config.json</c>.</summary>
    public const string Prefix = "new:";

    private static readonly Dictionary<string, Func<JsonObject>> Presets = new()
    {
        ["distilbert-mini"] = () => new JsonObject
        {
            ["activation"] = "gelu", ["attention_dropout"] = 0.1, ["bos_token_id"] = null, ["dim"] = 192, ["dropout"] = 0.1, ["eos_token_id"] = null,
            ["hidden_dim"] = 768, ["initializer_range"] = 0.02, ["max_position_embeddings"] = 512, ["model_type"] = "distilbert", ["n_heads"] = 6,
            ["n_layers"] = 4, ["pad_token_id"] = 0, ["qa_dropout"] = 0.1, ["seq_classif_dropout"] = 0.2, ["sinusoidal_pos_embds"] = false,
            ["tie_word_embeddings"] = true, ["transformers_version"] = "4.49.0", ["vocab_size"] = 0,
        },
        ["llama-mini"] = () => new JsonObject
        {
            ["attention_bias"] = false, ["attention_dropout"] = 0.0, ["bos_token_id"] = null, ["eos_token_id"] = 1, ["head_dim"] = 32, ["hidden_act"] = "silu",
            ["hidden_size"] = 192, ["initializer_range"] = 0.02, ["intermediate_size"] = 512, ["max_position_embeddings"] = 1024, ["mlp_bias"] = false,
            ["model_type"] = "llama", ["num_attention_heads"] = 6, ["num_hidden_layers"] = 4, ["num_key_value_heads"] = 2, ["pad_token_id"] = 0,
            ["pretraining_tp"] = 1, ["rms_norm_eps"] = 1e-5, ["rope_scaling"] = null, ["rope_theta"] = 10000.0, ["tie_word_embeddings"] = false,
            ["transformers_version"] = "4.49.0", ["use_cache"] = true, ["vocab_size"] = 0,
        },
    };

    /// <summary>Whether a model name asks for fresh weights.</summary>
    public static bool IsNew(string model) => model.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Whether the fresh model reads left to right: then its tokenizer wants an end token, otherwise [CLS] and [SEP].</summary>
    /// <exception cref="ModelException">No such preset or file, or not a config of a supported family.</exception>
    public static bool IsCausal(string model) => Family.Of(ConfigOf(model), model).IsCausal;

    /// <summary>Draws a model with Hugging Face's initialisation.</summary>
    /// <param name="model">new:PRESET or new:FILE.</param>
    /// <param name="tokenizer">Its tokenizer with the special tokens by role (pad_token, eos_token, …), or null for a model of ids.</param>
    /// <param name="seed">The same seed gives the same weights.</param>
    /// <param name="options">Type, device and encoding.</param>
    internal static RewardModel Create(string model, TokenizerFiles tokenizer, ulong seed, LoadOptions options)
    {
        var config = ConfigOf(model);
        if (tokenizer.Tokenizer is { } own)
        {
            Adopt(config.Json, own, tokenizer.SpecialTokens(), isPreset: Presets.ContainsKey(model[Prefix.Length..]));
            if (Family.Of(config, model).IsCausal && (config.OptionalToken("pad_token_id") is not { } pad || pad == config.EndTokenId))
            {
                (tokenizer, _) = PadToken.Choose(config, tokenizer);
            }
        }
        else if (Presets.ContainsKey(model[Prefix.Length..]))
        {
            throw new ModelException($"{model}: a preset takes its vocabulary from a tokenizer, and data of token ids trains none. Name one with --tokenizer, or use new:FILE, a config.json with its vocab_size.");
        }
        return RewardModel.Draw(config, model, tokenizer, seed, options);
    }

    /// <summary>Takes over the tokenizer's vocabulary and special tokens. A preset has no tokens of its own; a config file's stay where the tokenizer names none.</summary>
    private static void Adopt(JsonObject config, Tokenizer tokenizer, IReadOnlyDictionary<string, string> specialTokens, bool isPreset)
    {
        config["vocab_size"] = tokenizer.LargestId + 1;
        foreach (var (role, key) in new[] { ("pad_token", "pad_token_id"), ("eos_token", "eos_token_id"), ("bos_token", "bos_token_id") })
        {
            if (specialTokens.TryGetValue(role, out var token))
            {
                config[key] = tokenizer.TokenToId(token);
            }
            else if (isPreset)
            {
                config[key] = null;
            }
        }
    }

    private static ModelConfig ConfigOf(string model)
    {
        var name = model[Prefix.Length..];
        if (Presets.TryGetValue(name, out var preset))
        {
            return ModelConfig.From(preset(), model);
        }
        return File.Exists(name)
            ? ModelConfig.Load(name)
            : throw new ModelException($"{model}: neither a preset ({string.Join(", ", Presets.Keys.Select(key => Prefix + key))}) nor the path of a config.json");
    }
}
