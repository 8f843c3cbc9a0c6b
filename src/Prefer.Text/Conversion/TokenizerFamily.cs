using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Prefer.Text.Conversion;

/// <summary>A class of tokenizers that come without tokenizer.json, and how one is made of their files.</summary>
/// <param name="Class">The class by which transformers calls it.</param>
/// <param name="ModelTypes">Values of config.json's model_type for which it is the class.</param>
/// <param name="Files">All of them are needed; none for a SentencePiece model under any of its names.</param>
/// <param name="Roles">The special tokens of the class.</param>
/// <param name="Convert">Makes a tokenizer.json; tokens that only the settings name are added afterwards.</param>
internal sealed record TokenizerFamily(
    string Class, ImmutableArray<string> ModelTypes, ImmutableArray<string> Files, ImmutableArray<(string Role, string Token)> Roles, Func<VocabularyFolder, JsonObject> Convert)
{
    private static readonly ImmutableArray<(string Role, string Token)> BertRoles =
        [("unk_token", "[UNK]"), ("sep_token", "[SEP]"), ("pad_token", "[PAD]"), ("cls_token", "[CLS]"), ("mask_token", "[MASK]")];

    private static readonly ImmutableArray<(string Role, string Token)> RobertaRoles =
    [
        ("bos_token", "<s>"), ("eos_token", "</s>"), ("unk_token", "<unk>"), ("sep_token", "</s>"), ("pad_token", "<pad>"), ("cls_token", "<s>"),
        ("mask_token", "<mask>"),
    ];

    private static readonly ImmutableArray<string> WordPieces = ["vocab.txt"], BytePairs = ["vocab.json", "merges.txt"];

    public static readonly ImmutableArray<TokenizerFamily> All =
    [
        new("BertTokenizer", ["bert"], WordPieces, BertRoles, VocabularyFiles.Bert),
        new("DistilBertTokenizer", ["distilbert"], WordPieces, BertRoles, VocabularyFiles.Bert),
        new("ElectraTokenizer", ["electra"], WordPieces, BertRoles, VocabularyFiles.Bert),
        new("GPT2Tokenizer", ["gpt2"], BytePairs, [("bos_token", "<|endoftext|>"), ("eos_token", "<|endoftext|>"), ("unk_token", "<|endoftext|>")], VocabularyFiles.Gpt2),
        new("OPTTokenizer", ["opt"], BytePairs, [("bos_token", "</s>"), ("eos_token", "</s>"), ("unk_token", "</s>"), ("pad_token", "<pad>")], VocabularyFiles.Opt),
        new("RobertaTokenizer", ["roberta"], BytePairs, RobertaRoles, VocabularyFiles.Roberta),
        new("Qwen2Tokenizer", ["qwen2", "qwen3", "qwen2_moe", "qwen3_moe"], BytePairs, [("eos_token", "<|endoftext|>"), ("unk_token", "<|endoftext|>"), ("pad_token", "<|endoftext|>")], VocabularyFiles.Qwen2),
        new("T5Tokenizer", ["t5", "mt5", "umt5"], [], [("eos_token", "</s>"), ("unk_token", "<unk>"), ("pad_token", "<pad>")], SentencePieceFiles.T5),
        new("DebertaV2Tokenizer", ["deberta-v2"], [], [("bos_token", "[CLS]"), ("eos_token", "[SEP]"), .. BertRoles], SentencePieceFiles.DebertaV2),
        new("XLMRobertaTokenizer", ["xlm-roberta"], [], RobertaRoles, SentencePieceFiles.XlmRoberta),
        new("LlamaTokenizer", ["llama", "mistral", "mixtral", "phi3"], [], [("bos_token", "<s>"), ("eos_token", "</s>"), ("unk_token", "<unk>")], SentencePieceFiles.Llama),
        new("GemmaTokenizer", ["gemma", "gemma2", "gemma3", "gemma3_text"], [], [("bos_token", "<bos>"), ("eos_token", "<eos>"), ("unk_token", "<unk>"), ("pad_token", "<pad>")], SentencePieceFiles.Gemma),
    ];

    /// <summary>Other names of the classes.</summary>
    private static string Canonical(string name) => name switch
    {
        "LLaMATokenizer" or "CodeLlamaTokenizer" or "MistralTokenizer" => "LlamaTokenizer",
        "MT5Tokenizer" => "T5Tokenizer",
        _ => name,
    };

    /// <summary>The family of the class that tokenizer_config.json names, or null.</summary>
    public static TokenizerFamily? OfClass(TokenizerSettings settings) =>
        settings.Class is { } name ? All.FirstOrDefault(family => family.Class == Canonical(name)) : null;

    /// <summary>
    /// A tokenizer.json of a folder's vocabulary, or null where the folder has none: by the class in tokenizer_config.json, else by the model
    /// type in config.json.
    /// </summary>
    /// <exception cref="TokenizerException">There is a vocabulary, but nothing that says how it is used, or not all of its files.</exception>
    public static JsonObject? ConvertFolder(VocabularyFolder folder)
    {
        string[] known = ["vocab.txt", "vocab.json", "merges.txt", .. VocabularyFolder.SentencePieceNames];
        string[] found = [.. known.Where(folder.Has)];
        if (found.Length == 0)
        {
            return null;
        }

        var settings = folder.Settings;
        var family = OfClass(settings)
            ?? All.FirstOrDefault(family => settings.ModelType is { } type && family.ModelTypes.Contains(type));
        if (family is null)
        {
            throw new TokenizerException(
                $"{folder.Folder}: has {string.Join(", ", found)} but no tokenizer.json, and what kind of tokenizer that is was not found: "
                + $"tokenizer_class in tokenizer_config.json is {settings.Class ?? "missing"}, model_type in config.json is {settings.ModelType ?? "missing"}; "
                + $"expected the class {string.Join(", ", All.Select(known => known.Class))}, or a model type of one, or a tokenizer.json");
        }

        string[] missing = family.Files.IsEmpty
            ? VocabularyFolder.SentencePieceNames.Any(folder.Has) ? [] : [string.Join(" or ", VocabularyFolder.SentencePieceNames)]
            : [.. family.Files.Where(file => !folder.Has(file))];
        if (missing.Length > 0)
        {
            throw new TokenizerException($"{folder.Folder}: a {family.Class} without tokenizer.json needs {string.Join(" and ", missing)}; found {string.Join(", ", found)}");
        }

        settings.Assume(family.Roles);
        return family.Convert(folder);
    }
}
