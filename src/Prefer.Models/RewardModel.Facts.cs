using System.Text.Json;

namespace Prefer.Models;

/// <summary>What is known of a model about how it reads text: what a diagnosis compares encoded sequences with.</summary>
public sealed record EncodingFacts
{
    /// <summary>How text becomes tokens.</summary>
    public required EncodingOptions Encoding { get; init; }

    /// <summary>
    /// The special token that every sequence begins with (<c>&lt;s&gt;</c>, <c>[CLS]</c>): the first that the tokenizer puts before a text, or the <c>bos_token</c> of a tokenizer_config.json
    /// that says <c>add_bos_token</c>. Null where there is none.
    /// </summary>
    public required int? StartId { get; init; }

    /// <summary>What stands for what the tokenizer does not know; null where nothing is unknown to it.</summary>
    public required int? UnknownId { get; init; }

    /// <summary>Ids that the data of the last training had; null where the folder does not say.</summary>
    public TokenSet? SeenTokens { get; init; }

    /// <summary>The text of an id in the vocabulary; null where there is no tokenizer or no such id.</summary>
    public Func<int, string?> TokenOf { get; init; } = _ => null;

    /// <summary>Whether the folder has a chat template, used or not.</summary>
    public required bool HasChatTemplate { get; init; }

    /// <summary>Whether the encoding is the one in <c>prefer.json</c> that the model was trained with; false for a foreign folder, or where an option replaced it.</summary>
    public required bool IsRecorded { get; init; }
}

public sealed partial class RewardModel
{
    /// <summary>How it reads text.</summary>
    /// <param name="folder">Where it was loaded from.</param>
    /// <exception cref="ModelException">A file of the folder is not what it should be.</exception>
    public EncodingFacts Facts(string folder)
    {
        var found = ModelRecord.Load(folder);
        return new EncodingFacts
        {
            Encoding = Encoder.Options,
            StartId = StartId(),
            UnknownId = UnknownId(),
            SeenTokens = found?.SeenTokens is { } seen ? TokenSet.FromBytes(seen) : null,
            TokenOf = id => Tokenizer?.IdToToken(id),
            HasChatTemplate = ChatTemplates.Of(folder, TokenizerFiles.Companions).Any,
            IsRecorded = found?.Encoding == Encoder.Options,
        };
    }

    private int? StartId()
    {
        if (Tokenizer is null)
        {
            return null;
        }

        var around = Tokenizer.AddSpecialTokens([]);
        if (around.LeadingSpecialCount > 0)
        {
            return around.Ids[0];
        }

        var adds = TokenizerFiles.Settings()?["add_bos_token"]?.GetValueKind() == JsonValueKind.True;
        return adds && TokenizerFiles.SpecialTokens().TryGetValue("bos_token", out var name) ? Tokenizer.TokenToId(name) : null;
    }

    private int? UnknownId()
    {
        if (Tokenizer is null)
        {
            return null;
        }

        using var json = JsonDocument.Parse(Tokenizer.Json);
        var model = json.RootElement.GetProperty("model");
        return model.TryGetProperty("unk_id", out var id) && id.TryGetInt32(out var number) ? number
            : model.TryGetProperty("unk_token", out var token) && token.ValueKind == JsonValueKind.String ? Tokenizer.TokenToId(token.GetString()!)
            : null;
    }
}
