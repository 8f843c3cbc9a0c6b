using System.Text.Json.Nodes;
using Prefer.Text;

namespace Prefer.Models;

/// <summary>
/// Gives a decoder a pad token that differs from its end token, as a new reward head needs: Hugging Face reads the reward at the
/// last token that is not the pad token, so with the two equal the end of a response could never be read.
/// </summary>
internal static class PadToken
{
    private const string Added = "<|pad|>";

    private static readonly string[] UsualNames = [Added, "<pad>", "[PAD]", "<|finetune_right_pad_id|>"];

    /// <summary>Names the pad token in the config: one that the tokenizer has, or a new one after the vocabulary's last row.</summary>
    /// <returns>The tokenizer's files, with the new token where one was added, and whether the embedding needs another row.</returns>
    internal static (TokenizerFiles Files, bool NeedsRow) Choose(ModelConfig config, TokenizerFiles files)
    {
        var existing = files.Tokenizer is { } tokenizer ? UsualNames.Select(tokenizer.TokenToId).FirstOrDefault(id => id is not null && id != config.EndTokenId) : null;
        if (existing is not null)
        {
            config.Json["pad_token_id"] = existing;
            return (files, false);
        }
        var id = config.Count("vocab_size");
        config.Json["pad_token_id"] = id;
        config.Json["vocab_size"] = id + 1;
        return (files.Tokenizer is null ? files : Extend(files, id), true);
    }

    private static TokenizerFiles Extend(TokenizerFiles files, int id)
    {
        var json = JsonNode.Parse(files.Tokenizer!.Json.Span)!.AsObject();
        var added = json["added_tokens"] as JsonArray ?? [];
        added.Add(new JsonObject
        {
            ["id"] = id, ["content"] = Added, ["single_word"] = false, ["lstrip"] = false, ["rstrip"] = false, ["normalized"] = false, ["special"] = true,
        });
        json["added_tokens"] = added.DeepClone();
        var companions = new Dictionary<string, byte[]>(files.Companions);
        if (companions.TryGetValue(TokenizerFiles.ConfigName, out var text) && JsonNode.Parse(text) is JsonObject settings)
        {
            settings["pad_token"] = Added;
            companions[TokenizerFiles.ConfigName] = System.Text.Encoding.UTF8.GetBytes(settings.ToJsonString(ModelRecord.JsonOptions));
        }
        return new TokenizerFiles(Tokenizer.FromJson(json.ToJsonString(ModelRecord.JsonOptions), TokenizerFiles.FileName), companions);
    }
}
