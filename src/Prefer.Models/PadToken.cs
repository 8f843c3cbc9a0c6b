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

    /// <summary>Names the pad token in the config and in the tokenizer's settings: one that the tokenizer has, or a new one behind its last.</summary>
    /// <returns>The tokenizer's files, with the new token where one was added, and whether the embedding needs another row.</returns>
    internal static (TokenizerFiles Files, bool NeedsRow) Choose(ModelConfig config, TokenizerFiles files)
    {
        var rowCount = config.Count("vocab_size");
        if (files.Tokenizer is not { } tokenizer)
        {
            (config.Json["pad_token_id"], config.Json["vocab_size"]) = (rowCount, rowCount + 1);
            return (files, true);
        }
        var existing = Array.Find(UsualNames, name => tokenizer.TokenToId(name) is { } found && found != config.EndTokenId);
        // Many embeddings have spare rows behind the tokenizer's last id.
        var id = existing is null ? tokenizer.LargestId + 1 : tokenizer.TokenToId(existing)!.Value;
        var needsRow = id == rowCount;
        config.Json["pad_token_id"] = id;
        config.Json["vocab_size"] = needsRow ? rowCount + 1 : rowCount;
        if (existing is null)
        {
            files = files with { Tokenizer = Extend(tokenizer, id) };
        }
        if (files.Settings() is { } settings)
        {
            settings["pad_token"] = existing ?? Added;
            files = files.With(settings);
        }
        return (files, needsRow);
    }

    private static Tokenizer Extend(Tokenizer tokenizer, int id)
    {
        var json = JsonNode.Parse(tokenizer.Json.Span)!.AsObject();
        var added = json["added_tokens"] as JsonArray ?? [];
        added.Add(new JsonObject
        {
            ["id"] = id, ["content"] = Added, ["single_word"] = false, ["lstrip"] = false, ["rstrip"] = false, ["normalized"] = false, ["special"] = true,
        });
        json["added_tokens"] = added.DeepClone();
        return Tokenizer.FromJson(json.ToJsonString(ModelRecord.JsonOptions), TokenizerFiles.FileName);
    }
}
