using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Prefer.Text.Templates;

namespace Prefer.Models;

/// <summary>
/// The chat templates of a model folder, found where Hugging Face finds them: <c>chat_template.jinja</c>, then <c>chat_template</c> in
/// tokenizer_config.json (one, or a list of named ones), then <c>chat_template.json</c>; <c>additional_chat_templates/NAME.jinja</c> beside them.
/// </summary>
public sealed class ChatTemplates
{
    internal const string FileName = "chat_template.jinja";
    internal const string LegacyName = "chat_template.json";
    internal const string AdditionalFolder = "additional_chat_templates";

    private const string DefaultName = "default";
    private const string ToolName = "tool_use";
    private const string SpecialTokensName = "special_tokens_map.json";

    private static readonly string[] Roles = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    private readonly string folder;
    private readonly Dictionary<string, string> texts = new(StringComparer.Ordinal);

    private ChatTemplates(string folder, TemplateVariables specialTokens) => (this.folder, SpecialTokens) = (folder, specialTokens);

    /// <summary>The special tokens by which templates know them (<c>bos_token</c>, <c>eos_token</c>, …); those the folder does not name are undefined.</summary>
    public TemplateVariables SpecialTokens { get; }

    /// <summary>Whether the folder has any.</summary>
    public bool Any => texts.Count > 0;

    /// <summary>The templates of a folder; there may be none.</summary>
    /// <exception cref="ModelException">One of the files is not what it should be.</exception>
    public static ChatTemplates Load(string folder) =>
        Directory.Exists(folder) ? Of(folder, TokenizerFiles.ReadCompanions(folder)) : throw new ModelException($"{folder}: no such folder. A model folder holds config.json, model.safetensors and tokenizer files.");

    /// <summary>The text that transformers would take.</summary>
    /// <param name="hasTools">Whether tools are given: then <c>tool_use</c> is taken where there is one.</param>
    /// <returns>Null where the folder has no template.</returns>
    /// <exception cref="ModelException">Several templates, and none of them is the default.</exception>
    public string? Choose(bool hasTools) =>
        hasTools && texts.TryGetValue(ToolName, out var forTools) ? forTools
        : texts.TryGetValue(DefaultName, out var usual) ? usual
        : texts.Count == 0 ? null
        : throw new ModelException($"{folder}: has the chat templates {string.Join(", ", texts.Keys.Order(StringComparer.Ordinal))}, and none of the name {DefaultName}. Put the one to be used into {FileName}.");

    /// <summary>The template of a name, or null.</summary>
    public string? Named(string name) => texts.GetValueOrDefault(name);

    /// <summary>SHA-256 of a template's text, by which a folder knows whether it is still the one that the model was trained with.</summary>
    internal static string Fingerprint(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    internal static ChatTemplates Of(string folder, IReadOnlyDictionary<string, byte[]> files)
    {
        var config = Json(folder, TokenizerFiles.ConfigName, files);
        var templates = new ChatTemplates(folder, SpecialTokensOf(config, Json(folder, SpecialTokensName, files)));
        templates.Add(Json(folder, LegacyName, files)?["chat_template"], LegacyName);
        templates.Add(config?["chat_template"], TokenizerFiles.ConfigName);
        foreach (var (name, content) in files)
        {
            if (name == FileName || name.StartsWith(AdditionalFolder + "/", StringComparison.Ordinal))
            {
                templates.texts[name == FileName ? DefaultName : Path.GetFileNameWithoutExtension(name)] = Text(content);
            }
        }

        return templates;
    }

    private static string Text(byte[] content) => Encoding.UTF8.GetString(content.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? content.AsSpan(3) : content);

    private static JsonObject? Json(string folder, string name, IReadOnlyDictionary<string, byte[]> files)
    {
        if (!files.TryGetValue(name, out var content))
        {
            return null;
        }

        try
        {
            return JsonNode.Parse(content) as JsonObject ?? throw new ModelException($"{Path.Combine(folder, name)}: an object was expected");
        }
        catch (JsonException error)
        {
            throw new ModelException($"{Path.Combine(folder, name)}: not a JSON object: {error.Message}", error);
        }
    }

    private static TemplateVariables SpecialTokensOf(JsonObject? config, JsonObject? map)
    {
        var tokens = new TemplateVariables();
        foreach (var source in new[] { map, config }.OfType<JsonObject>())
        {
            foreach (var role in Roles)
            {
                if (Content(source[role]) is { } content)
                {
                    tokens.Set(role, content);
                }
            }

            if (source["additional_special_tokens"] is JsonArray several)
            {
                tokens.Set("additional_special_tokens", several.Select(Content).OfType<string>());
            }

            foreach (var (role, token) in source["extra_special_tokens"] as JsonObject ?? [])
            {
                if (Content(token) is { } content)
                {
                    tokens.Set(role, content);
                }
            }
        }

        return tokens;
    }

    // Older files give a string, newer ones an object with the string as its content.
    private static string? Content(JsonNode? token) => (token is JsonObject added ? added["content"] : token) is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private void Add(JsonNode? value, string file)
    {
        switch (value)
        {
            case null:
                break;
            case JsonValue text when text.TryGetValue<string>(out var only):
                texts[DefaultName] = only;
                break;
            case JsonArray list:
                foreach (var entry in list)
                {
                    texts[Content(entry?["name"]) ?? throw Wrong(file)] = Content(entry?["template"]) ?? throw Wrong(file);
                }

                break;
            default:
                throw Wrong(file);
        }
    }

    private ModelException Wrong(string file) => new($"{Path.Combine(folder, file)}: chat_template is neither a string nor a list of {{\"name\": …, \"template\": …}}");
}
