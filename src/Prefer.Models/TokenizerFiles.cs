using System.Text.Json;
using System.Text.Json.Nodes;
using Prefer.Models.Files;
using Prefer.Text;

namespace Prefer.Models;

/// <summary>The tokenizer of a model folder, with the files that Hugging Face keeps beside it, which are carried along unread.</summary>
/// <param name="Tokenizer">Null where the folder has neither a tokenizer.json nor a vocabulary that one can be made of.</param>
/// <param name="Companions">File names and contents, such as tokenizer_config.json and chat_template.jinja.</param>
internal sealed record TokenizerFiles(Tokenizer? Tokenizer, IReadOnlyDictionary<string, byte[]> Companions)
{
    internal const string FileName = "tokenizer.json";
    internal const string ConfigName = "tokenizer_config.json";

    private static readonly string[] CompanionNames =
    [
        ConfigName, "special_tokens_map.json", "added_tokens.json", ChatTemplates.FileName, ChatTemplates.LegacyName, "vocab.txt", "vocab.json", "merges.txt", "tokenizer.model", "spiece.model",
        "spm.model", "sentencepiece.bpe.model",
    ];

    internal static TokenizerFiles None { get; } = new(null, new Dictionary<string, byte[]>());

    /// <exception cref="ModelException">tokenizer_config.json is not a JSON object.</exception>
    internal static TokenizerFiles Load(string folder)
    {
        var files = new TokenizerFiles(null, ReadCompanions(folder));
        try
        {
            files.Settings();
        }
        catch (JsonException error)
        {
            throw new ModelException($"{Path.Combine(folder, ConfigName)}: not a JSON object: {error.Message}", error);
        }
        return files with { Tokenizer = Tokenizer.LoadFolder(folder) };
    }

    /// <summary>What stands beside tokenizer.json, by names relative to the folder.</summary>
    internal static Dictionary<string, byte[]> ReadCompanions(string folder)
    {
        var additional = Path.Combine(folder, ChatTemplates.AdditionalFolder);
        var templates = Directory.Exists(additional) ? Directory.EnumerateFiles(additional, "*.jinja").Select(path => $"{ChatTemplates.AdditionalFolder}/{Path.GetFileName(path)}") : [];
        return CompanionNames.Where(name => File.Exists(Path.Combine(folder, name))).Concat(templates).ToDictionary(name => name, name => File.ReadAllBytes(Path.Combine(folder, name)));
    }

    /// <summary>A tokenizer trained here, with the tokenizer_config.json by which Hugging Face loads it.</summary>
    internal static TokenizerFiles Fresh(Tokenizer tokenizer, IReadOnlyDictionary<string, string> specialTokens)
    {
        var config = new JsonObject { ["tokenizer_class"] = "PreTrainedTokenizerFast", ["clean_up_tokenization_spaces"] = false };
        foreach (var (role, token) in specialTokens)
        {
            config[role] = token;
        }
        return new TokenizerFiles(tokenizer, new Dictionary<string, byte[]> { [ConfigName] = System.Text.Encoding.UTF8.GetBytes(config.ToJsonString(ModelRecord.JsonOptions)) });
    }

    /// <summary>Special tokens by Hugging Face's role names (<c>pad_token</c>, <c>eos_token</c>), as tokenizer_config.json gives them.</summary>
    internal IReadOnlyDictionary<string, string> SpecialTokens()
    {
        var roles = new Dictionary<string, string>();
        if (Settings() is { } config)
        {
            foreach (var (key, value) in config)
            {
                // Older files give a string, newer ones an object with the string as its content.
                if (key.EndsWith("_token", StringComparison.Ordinal) && (value is JsonObject token ? token["content"] : value) is JsonValue content && content.TryGetValue<string>(out var name))
                {
                    roles[key] = name;
                }
            }
        }
        return roles;
    }

    /// <summary>tokenizer_config.json, or null where there is none.</summary>
    internal JsonObject? Settings() => Companions.TryGetValue(ConfigName, out var text) ? JsonNode.Parse(text) as JsonObject ?? throw new JsonException("an object was expected") : null;

    /// <summary>The same with other settings in tokenizer_config.json.</summary>
    internal TokenizerFiles With(JsonObject settings) =>
        this with { Companions = new Dictionary<string, byte[]>(Companions) { [ConfigName] = System.Text.Encoding.UTF8.GetBytes(settings.ToJsonString(ModelRecord.JsonOptions)) } };

    internal void Save(string folder)
    {
        Tokenizer?.Save(Path.Combine(folder, FileName));
        foreach (var (name, content) in Companions)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, name))!);
            AtomicFile.Write(Path.Combine(folder, name), stream => stream.Write(content));
        }
    }
}
