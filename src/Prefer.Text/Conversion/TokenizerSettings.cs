using System.Text.Json;
using System.Text.Json.Nodes;

namespace Prefer.Text.Conversion;

/// <summary>
/// What the files around a vocabulary say about its tokenizer: tokenizer_config.json, special_tokens_map.json, added_tokens.json, and the
/// model type of config.json. Any of them may be missing.
/// </summary>
internal sealed class TokenizerSettings
{
    /// <summary>In the order in which the reference adds them.</summary>
    private static readonly string[] Roles = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    private static readonly string[] AdditionalNames = ["additional_special_tokens", "extra_special_tokens"];

    private readonly JsonObject _config, _specialTokensMap;
    private readonly Dictionary<string, string> _defaults = new(StringComparer.Ordinal);

    private TokenizerSettings(string folder)
    {
        Place = Path.Combine(folder, ConfigName);
        _config = ReadObject(Place) ?? [];
        _specialTokensMap = ReadObject(Path.Combine(folder, "special_tokens_map.json")) ?? [];
        Class = Text(_config, "tokenizer_class") is { } name ? name.EndsWith("Fast", StringComparison.Ordinal) ? name[..^4] : name : null;
        ModelType = Text(ReadObject(Path.Combine(folder, "config.json")) ?? [], "model_type");
        Added = [.. AddedByConfig(), .. _config["added_tokens_decoder"] is null ? AddedByFile(ReadObject(Path.Combine(folder, "added_tokens.json")) ?? []) : []];
    }

    public const string ConfigName = "tokenizer_config.json";

    /// <summary>What messages call tokenizer_config.json.</summary>
    public string Place { get; }

    /// <summary>tokenizer_class without the <c>Fast</c> at its end.</summary>
    public string? Class { get; }

    public string? ModelType { get; }

    /// <summary>The tokens of added_tokens_decoder, or of the older added_tokens.json, in ascending order of the ids they are listed with.</summary>
    public IReadOnlyList<AddedToken> Added { get; }

    /// <summary>Special tokens that have no role: additional_special_tokens, and extra_special_tokens as a list or by names.</summary>
    public IEnumerable<AddedToken> Additional =>
        from name in AdditionalNames
        from token in Tokens(_config[name] ?? _specialTokensMap[name])
        select token;

    /// <exception cref="TokenizerException">One of the files is not a JSON object.</exception>
    public static TokenizerSettings Read(string folder) => new(folder);

    /// <summary>Roles that the tokenizer's class fills where the files say nothing.</summary>
    public void Assume(IEnumerable<(string Role, string Token)> roles)
    {
        foreach (var (role, token) in roles)
        {
            _defaults[role] = token;
        }
    }

    /// <summary>The tokens of all roles.</summary>
    public IEnumerable<AddedToken> RoleTokens => Roles.Select(RoleToken).OfType<AddedToken>();

    /// <summary>The token of a role such as <c>bos_token</c>; null where there is none, or where it was said to be none.</summary>
    public string? Role(string role) => RoleToken(role)?.Content;

    public bool? Flag(string name) => _config[name] switch
    {
        null => null,
        JsonValue value when value.TryGetValue<bool>(out var flag) => flag,
        var other => throw Refusal(name, other, "true or false"),
    };

    public int? Count(string name) => _config[name] switch
    {
        null => null,
        JsonValue value when value.TryGetValue<int>(out var count) && count >= 0 => count,
        var other => throw Refusal(name, other, "a whole number from 0"),
    };

    private AddedToken? RoleToken(string role)
    {
        if (_config.ContainsKey(role) || _specialTokensMap.ContainsKey(role))
        {
            return Token(_config[role] ?? (_config.ContainsKey(role) ? null : _specialTokensMap[role]));
        }

        return _defaults.TryGetValue(role, out var token) ? Special(token) with { StripLeft = token == "<mask>" } : null;
    }

    private static AddedToken Special(string content) => new(0, content, Special: true);

    private static IEnumerable<AddedToken> Tokens(JsonNode? node) => node switch
    {
        JsonArray list => list.Select(Token).OfType<AddedToken>(),
        JsonObject byName => byName.Select(entry => Token(entry.Value)).OfType<AddedToken>(),
        _ => [],
    };

    /// <summary>A special token as a text, or as an object with its settings; null for an empty one.</summary>
    private static AddedToken? Token(JsonNode? node) => node switch
    {
        JsonObject token => Text(token, "content") is { Length: > 0 } content ? WithFlags(content, token) with { Special = true } : null,
        _ => Text(node) is { Length: > 0 } content ? Special(content) : null,
    };

    private static AddedToken WithFlags(string content, JsonObject token)
    {
        return new(0, content, Is("special", false), Is("single_word", false), Is("lstrip", false), Is("rstrip", false), Is("normalized", !Is("special", false)));

        bool Is(string name, bool missing) => token[name] is JsonValue value && value.TryGetValue<bool>(out var flag) ? flag : missing;
    }

    private AddedToken[] AddedByConfig()
    {
        if (_config["added_tokens_decoder"] is not { } node)
        {
            return [];
        }

        var byId = new SortedDictionary<int, AddedToken>();
        foreach (var (name, value) in node as JsonObject ?? throw Refusal("added_tokens_decoder", node, "an object"))
        {
            var id = int.TryParse(name, out var number) && number >= 0 ? number : throw Refusal($"added_tokens_decoder.{name}", name, "a token id for a name");
            var token = value as JsonObject ?? throw Refusal($"added_tokens_decoder.{name}", value, "an object");
            byId[id] = WithFlags(Text(token, "content") ?? throw Refusal($"added_tokens_decoder.{name}", value, "an object with a content"), token) with { Id = id };
        }

        return [.. byId.Values];
    }

    private static IEnumerable<AddedToken> AddedByFile(JsonObject ids) =>
        ids.Where(entry => entry.Value is JsonValue value && value.TryGetValue<int>(out _))
            .Select(entry => new AddedToken(entry.Value!.GetValue<int>(), entry.Key, Normalized: true))
            .OrderBy(token => token.Id);

    private static string? Text(JsonObject json, string name) => Text(json[name]);

    private static string? Text(JsonNode? node)
    {
        try
        {
            return node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
        }
        catch (InvalidOperationException error)
        {
            throw new TokenizerException($"{ConfigName} or a file beside it: {node!.GetPath()} is a string that is not valid Unicode", error);
        }
    }

    private TokenizerException Refusal(string name, JsonNode? found, string expected) =>
        new($"{Place}: {name} is {found?.ToJsonString() ?? "null"}, expected {expected}");

    private static JsonObject? ReadObject(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            // A file may list a name twice; the last one counts, as in Python.
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new TokenizerException($"{path}: not a JSON object: an object was expected");
            }

            var json = new JsonObject();
            foreach (var member in document.RootElement.EnumerateObject())
            {
                json[member.Name] = member.Value.ValueKind == JsonValueKind.Null ? null : JsonNode.Parse(member.Value.GetRawText());
            }

            return json;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new TokenizerException($"{path}: not a JSON object: {error.Message}", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TokenizerException($"{path}: cannot be read: {error.Message}", error);
        }
    }
}
