using System.Collections.Immutable;
using System.Text;
using Prefer.Data;
using Prefer.Text;

namespace Prefer.Models;

/// <summary>How a prompt and a response are put together as tokens.</summary>
public enum EncodingMode
{
    /// <summary>The conversation rendered as one text by a template.</summary>
    Template,

    /// <summary><c>[CLS] prompt [SEP] response [SEP]</c> with segment ids, as the tokenizer's post-processor makes pairs.</summary>
    Pair,

    /// <summary>The prompt's tokens followed by the response's.</summary>
    Concat,
}

/// <summary>How text becomes tokens; written to <c>prefer.json</c>, so that serving encodes exactly as training did.</summary>
public sealed record EncodingOptions
{
    /// <summary>How prompt and response are put together.</summary>
    public EncodingMode Mode { get; init; }

    /// <summary>Name of the template that renders a conversation as text: <c>plain</c>, or <c>chat</c> for the folder's own chat template.</summary>
    public string Template { get; init; } = ChatFormat.PlainName;

    /// <summary>Fingerprint of the chat template; null for <c>plain</c>.</summary>
    public string? TemplateSha256 { get; init; }

    /// <summary>The time that the chat template is told; null where it does not ask. It is fixed, since the day would change the rewards.</summary>
    public DateTime? TemplateTime { get; init; }

    internal TemplateChoice TemplateChoice => Template == ChatFormat.ChatName ? TemplateChoice.Chat : TemplateChoice.Plain;

    /// <summary>Whether the end-of-sequence token follows the response (once, if the tokenizer adds it too).</summary>
    public bool AppendEndToken { get; init; }

    /// <summary>Longest sequence, in tokens, special ones included; longer ones are truncated.</summary>
    public int MaxLength { get; init; } = 1024;
}

/// <summary>A prompt and response as the model reads them.</summary>
/// <param name="Ids">Token ids, special ones included.</param>
/// <param name="TokenTypes">One segment id a token, or empty for all zero.</param>
/// <param name="RemovedCount">Tokens that truncation took away.</param>
public sealed record EncodedSequence(ImmutableArray<int> Ids, ImmutableArray<int> TokenTypes, int RemovedCount)
{
    /// <summary>Index of the first token behind the prompt; 0 where there is no prompt, where ids were given, or where nobody asked.</summary>
    public int ResponseStart { get; init; }

    /// <summary>The same tokens in the same segments (records compare arrays by reference).</summary>
    public bool SameAs(EncodedSequence other) =>
        Ids.AsSpan().SequenceEqual(other.Ids.AsSpan()) && TokenTypes.AsSpan().SequenceEqual(other.TokenTypes.AsSpan());
}

/// <summary>
/// The one function by which every verb turns a prompt and a response into ids. Truncation looks at one sequence, never at a
/// pair: leading special tokens stay, the oldest tokens of the prompt go first, then the end of the response.
/// </summary>
/// <param name="tokenizer">The model's tokenizer; null for a model that only reads ids.</param>
/// <param name="options">How to put things together.</param>
/// <param name="endTokenId">The end-of-sequence token; there when one is appended.</param>
/// <param name="chat">The chat template, where the options name it.</param>
public sealed class ConversationEncoder(Tokenizer? tokenizer, EncodingOptions options, int? endTokenId, ChatFormat? chat = null)
{
    private readonly HashSet<int> specialIds = tokenizer is null ? [] : [.. tokenizer.AddedTokens.Where(token => token.Special).Select(token => token.Id)];

    // 0 while unknown, 1 for no, 2 for yes: one word, since batches are encoded by several threads.
    private int writesStart;

    /// <summary>What it was made with.</summary>
    public EncodingOptions Options => options;

    /// <summary>Whether <see cref="EncodedSequence.ResponseStart"/> is wanted of what a chat template renders, which then renders twice.</summary>
    internal bool MarksResponse { get; init; }

    /// <summary>Ids of a prompt and response; ids that the row itself gave are taken as they are.</summary>
    /// <param name="prompt">Turns before the response; empty for a text encoded as it stands.</param>
    /// <param name="response">What follows them.</param>
    /// <param name="origin">Where the row was read, for messages.</param>
    /// <exception cref="DataException">Text for a model without a tokenizer, ids beyond the maximum length, or no tokens at all.</exception>
    public EncodedSequence Encode(ImmutableArray<Message> prompt, Response response, RowOrigin? origin = null)
    {
        if (response.IsTokenized)
        {
            return response.InputIds.Length <= options.MaxLength
                ? new EncodedSequence(response.InputIds, response.TokenTypeIds, 0)
                : throw new DataException(
                    $"{Place(origin)}{response.InputIds.Length} token ids, more than the maximum length of {options.MaxLength}. Where ids are given, shorten them yourself: only text shows where the prompt ends.");
        }
        if (prompt.IsEmpty && response.Turns.IsEmpty)
        {
            throw new DataException($"{Place(origin)}a list of token ids with none in it; at least one was expected");
        }
        if (tokenizer is null)
        {
            throw new DataException($"{Place(origin)}text, but the model folder has no tokenizer.json. Give token ids (input_ids, chosen_ids, rejected_ids), or add the tokenizer.");
        }
        var isPlainText = prompt.IsEmpty && response.Turns is [{ Role: "text" }];
        var encoded = chat is not null && options.Mode == EncodingMode.Template && !isPlainText ? Chat(tokenizer, chat, prompt, response, origin)
            : options.Mode == EncodingMode.Template && !isPlainText ? Rendered(tokenizer, prompt, response)
            : prompt.IsEmpty ? Single(tokenizer, [], tokenizer.Encode(AsText(response.Turns), addSpecialTokens: false))
            : options.Mode == EncodingMode.Pair ? Pair(tokenizer, prompt, response)
            : Single(tokenizer, tokenizer.Encode(AsText(prompt), addSpecialTokens: false), tokenizer.Encode(AsText(response.Turns), addSpecialTokens: false));
        return encoded.Ids.IsEmpty ? throw new DataException($"{Place(origin)}the row encodes to no tokens at all; a prompt or a response was expected") : encoded;
    }

    /// <summary>Turns as the plain template shows them: <c>Human: …</c>, <c>Assistant: …</c>, blank lines between.</summary>
    internal static string RenderPlain(ImmutableArray<Message> turns, bool openReply)
    {
        var text = new StringBuilder();
        foreach (var turn in turns)
        {
            text.Append(text.Length > 0 ? "\n\n" : "").Append(Speaker(turn.Role)).Append(turn.Content);
        }
        return openReply ? text.Append(text.Length > 0 ? "\n\n" : "").Append(Speaker("assistant").TrimEnd()).ToString() : text.ToString();
    }

    private static string Speaker(string role) => role switch
    {
        "user" => "Human: ",
        "assistant" => "Assistant: ",
        "system" => "System: ",
        "text" => "",
        _ => $"{role}: ",
    };

    private static string AsText(ImmutableArray<Message> turns) => turns is [{ Content: var only }] ? only : RenderPlain(turns, openReply: false);

    private static string Place(RowOrigin? origin) => origin is null ? "" : $"{origin}: ";

    private EncodedSequence Rendered(Tokenizer tokenizer, ImmutableArray<Message> prompt, Response response)
    {
        var all = tokenizer.Encode(RenderPlain([.. prompt, .. response.Turns], openReply: false), addSpecialTokens: false);
        // The response begins where the rendering with it first differs, in tokens, from the rendering without.
        var before = tokenizer.Encode(RenderPlain(prompt, openReply: true), addSpecialTokens: false);
        var boundary = all.AsSpan().CommonPrefixLength(before);
        return Single(tokenizer, all[..boundary], all[boundary..]);
    }

    /// <summary>
    /// The chat template's text. It may write the special tokens that the tokenizer puts around a text too; then they stand once, and truncation
    /// keeps them.
    /// </summary>
    private EncodedSequence Chat(Tokenizer tokenizer, ChatFormat chat, ImmutableArray<Message> prompt, Response response, RowOrigin? origin)
    {
        var all = tokenizer.Encode(chat.Render([.. prompt, .. response.Turns], openReply: false, Place(origin)), addSpecialTokens: false);
        var (leading, trailing) = Overlaps(tokenizer, all);
        var kept = leading == 0 && WritesStart(tokenizer, chat) ? StartEnd(tokenizer, all) : 0;
        var core = all.AsSpan(leading..^trailing);
        if (options.AppendEndToken && core is [.., var last] && last == endTokenId)
        {
            core = core[..^1];
        }

        // The response begins where the text with it first differs, in tokens, from the text without. Scoring asks only to truncate.
        var around = tokenizer.SpecialTokenCount(pair: false) + (options.AppendEndToken ? 1 : 0);
        var boundary = prompt.IsEmpty || (!MarksResponse && core.Length + around <= options.MaxLength)
            ? 0
            : all.AsSpan().CommonPrefixLength(tokenizer.Encode(chat.Render(prompt, openReply: true, Place(origin)), addSpecialTokens: false));
        boundary = Math.Clamp(boundary - leading, 0, core.Length);
        return Single(tokenizer, core[..boundary].ToArray(), core[boundary..].ToArray(), kept);
    }

    /// <summary>Whether the template writes what the tokenizer puts before a text, wherever that is: some write white space first.</summary>
    private bool WritesStart(Tokenizer tokenizer, ChatFormat chat)
    {
        if (writesStart == 0)
        {
            writesStart = chat.Sample() is { } sample && StartEnd(tokenizer, tokenizer.Encode(sample, addSpecialTokens: false)) > 0 ? 2 : 1;
        }

        return writesStart == 2;
    }

    /// <summary>Where the special tokens that the tokenizer puts before a text end, if they stand in it; else 0.</summary>
    private static int StartEnd(Tokenizer tokenizer, ReadOnlySpan<int> ids)
    {
        var around = tokenizer.AddSpecialTokens([]);
        var before = around.Ids.AsSpan()[..around.LeadingSpecialCount];
        var at = before.IsEmpty ? -1 : ids.IndexOf(before);
        return at < 0 ? 0 : at + before.Length;
    }

    /// <summary>How many of the special tokens that the tokenizer puts before and after a text stand in it already.</summary>
    private static (int Leading, int Trailing) Overlaps(Tokenizer tokenizer, ReadOnlySpan<int> ids)
    {
        var around = tokenizer.AddSpecialTokens([]);
        var before = around.Ids.AsSpan()[..around.LeadingSpecialCount];
        var after = around.Ids.AsSpan()[around.LeadingSpecialCount..];
        var leading = Math.Min(before.Length, ids.Length);
        while (!ids.StartsWith(before[^leading..]))
        {
            leading--;
        }

        ids = ids[leading..];
        var trailing = Math.Min(after.Length, ids.Length);
        while (!ids.EndsWith(after[..trailing]))
        {
            trailing--;
        }

        return (leading, trailing);
    }

    /// <summary>What a person should know about the special tokens of the chat template and of the tokenizer.</summary>
    internal IEnumerable<string> Notices()
    {
        if (tokenizer is null || chat is null)
        {
            yield break;
        }

        if (options.TemplateTime is { } time)
        {
            yield return $"The chat template asks for the time; it is told {time:yyyy-MM-dd} always, since another day would give other rewards.";
        }

        if (chat.Sample() is not { } sample)
        {
            yield break;
        }

        var (leading, trailing) = Overlaps(tokenizer, tokenizer.Encode(sample, addSpecialTokens: false));
        if (leading == 0 && WritesStart(tokenizer, chat))
        {
            yield return "The chat template and the tokenizer both write the start of a text, the template not as the first; it stands once, where the template has it.";
            yield break;
        }

        var around = tokenizer.AddSpecialTokens([]).Ids.Select(id => tokenizer.IdToToken(id)).ToArray();
        if (leading + trailing > 0)
        {
            yield return $"The chat template and the tokenizer both write {string.Join(" ", around[..leading].Concat(around[^trailing..]))}; it stands once.";
        }

        if (leading + trailing < around.Length)
        {
            yield return $"The tokenizer adds {string.Join(" ", around[leading..^trailing])}, which the chat template does not write; it stands once.";
        }
    }

    /// <param name="start">Tokens up to which the text has its own start, which then is not put before it and stays when the text is truncated.</param>
    private EncodedSequence Single(Tokenizer tokenizer, int[] prompt, int[] response, int start = 0)
    {
        var addsEnd = options.AppendEndToken && !(tokenizer.AddSpecialTokens([]).Ids is [.., var last] && last == endTokenId);
        var room = Room(tokenizer.SpecialTokenCount(pair: false) + (addsEnd ? 1 : 0));
        var (keptPrompt, keptResponse) = Truncate(prompt, response, room, start);
        var surrounded = tokenizer.AddSpecialTokens([.. keptPrompt, .. keptResponse]);
        if (start > 0)
        {
            surrounded = surrounded with { Ids = surrounded.Ids.RemoveRange(0, surrounded.LeadingSpecialCount), LeadingSpecialCount = 0 };
        }

        var ids = addsEnd ? surrounded.Ids.Add(endTokenId!.Value) : surrounded.Ids;
        return new EncodedSequence(ids, [], prompt.Length + response.Length - keptPrompt.Length - keptResponse.Length)
        {
            ResponseStart = prompt.Length == 0 ? 0 : surrounded.LeadingSpecialCount + keptPrompt.Length,
        };
    }

    private EncodedSequence Pair(Tokenizer tokenizer, ImmutableArray<Message> prompt, Response response)
    {
        var first = tokenizer.Encode(AsText(prompt), addSpecialTokens: false);
        var second = tokenizer.Encode(AsText(response.Turns), addSpecialTokens: false);
        var (keptFirst, keptSecond) = Truncate(first, second, Room(tokenizer.SpecialTokenCount(pair: true)));
        var joined = tokenizer.AddSpecialTokens(keptFirst, keptSecond);
        return new EncodedSequence(joined.Ids, joined.TypeIds, first.Length + second.Length - keptFirst.Length - keptSecond.Length);
    }

    private int Room(int specialCount) =>
        options.MaxLength > specialCount
            ? options.MaxLength - specialCount
            : throw new DataException($"the maximum length of {options.MaxLength} tokens leaves no room beside {specialCount} special tokens; raise --max-length");

    private (int[] Prompt, int[] Response) Truncate(int[] prompt, int[] response, int room, int start = 0)
    {
        if (prompt.Length + response.Length <= room)
        {
            return (prompt, response);
        }
        var leading = Math.Min(start, Math.Min(prompt.Length, room));
        while (leading < prompt.Length && leading < room && specialIds.Contains(prompt[leading]))
        {
            leading++;
        }
        var keptResponse = Math.Min(response.Length, room - leading);
        var tail = Math.Min(prompt.Length - leading, room - leading - keptResponse);
        return ([.. prompt[..leading], .. prompt[(prompt.Length - tail)..]], response[..keptResponse]);
    }
}
