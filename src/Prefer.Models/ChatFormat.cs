using Prefer.Data;
using Prefer.Text.Templates;

namespace Prefer.Models;

/// <summary>By what conversations are rendered.</summary>
public enum TemplateChoice
{
    /// <summary>Turns as <c>Human: …</c>, <c>Assistant: …</c>, blank lines between.</summary>
    Plain,

    /// <summary>The chat template in the model folder.</summary>
    Chat,
}

/// <summary>A folder's chat template, ready to render conversations for a model.</summary>
/// <param name="template">The template.</param>
/// <param name="specialTokens">The special tokens as the template knows them.</param>
/// <param name="time">What the template is told for the time.</param>
public sealed class ChatFormat(ChatTemplate template, TemplateVariables specialTokens, DateTime time)
{
    internal const string PlainName = "plain";
    internal const string ChatName = "chat";

    /// <summary>The text of a conversation.</summary>
    /// <param name="turns">Its turns.</param>
    /// <param name="openReply">Whether the beginning of the assistant's next turn follows.</param>
    /// <param name="place">What a message begins with.</param>
    /// <exception cref="DataException">The template refuses the conversation; the message has its own words.</exception>
    internal string Render(IEnumerable<Message> turns, bool openReply, string place)
    {
        try
        {
            return Render(turns, openReply);
        }
        catch (TemplateException error)
        {
            throw new DataException($"{place}{error.Message}", error);
        }
    }

    /// <summary>A short conversation as the template writes it, or null where it refuses one.</summary>
    internal string? Sample()
    {
        try
        {
            return Render([new Message("user", "Hello"), new Message("assistant", "Hi")], openReply: false);
        }
        catch (TemplateException)
        {
            return null;
        }
    }

    internal static ChatFormat? Of(string folder, EncodingOptions options, TokenizerFiles files)
    {
        if (options.Template != ChatName)
        {
            return null;
        }

        var templates = ChatTemplates.Of(folder, files.Companions);
        return new ChatFormat(Parse(folder, templates.Choose(hasTools: false)!), templates.SpecialTokens, options.TemplateTime ?? default);
    }

    /// <summary>Which template a model is read with: what was asked for, else what its record says, else its chat template where it has one.</summary>
    /// <returns>Options of which only those of the template count.</returns>
    /// <exception cref="ModelException">There is no such template, or it is not the one that the model was trained with.</exception>
    internal static EncodingOptions Choose(string folder, EncodingOptions? recorded, EncodingMode mode, TokenizerFiles files, LoadOptions options)
    {
        if (recorded is not null && recorded.Template is not (PlainName or ChatName))
        {
            throw new ModelException($"{folder}: {ModelRecord.FileName} names the template {recorded.Template}; this version has {PlainName} and {ChatName}");
        }

        if (options.Template == TemplateChoice.Chat && mode != EncodingMode.Template)
        {
            throw new ModelException($"{folder}: a chat template renders a conversation as one text; use it with --encoding template");
        }

        // A conversation that is not rendered has no template, and a record that says plain was trained with it.
        if (mode != EncodingMode.Template || options.Template == TemplateChoice.Plain || (options.Template is null && recorded?.Template == PlainName))
        {
            return new EncodingOptions();
        }

        var text = ChatTemplates.Of(folder, files.Companions).Choose(hasTools: false);
        var isRecorded = recorded?.Template == ChatName && options.TokenizerFolder is null;
        if (text is null)
        {
            return !isRecorded && options.Template is null
                ? new EncodingOptions()
                : throw new ModelException($"{folder}: has no chat template{(isRecorded ? ", but the model was trained with one: restore the file" : "; use --template plain, or add chat_template.jinja")}");
        }

        var fingerprint = ChatTemplates.Fingerprint(text);
        if (isRecorded && options.Template is null && recorded!.TemplateSha256 != fingerprint)
        {
            throw new ModelException($"{folder}: the chat template is not the one that the model was trained with (SHA-256 {fingerprint}, {ModelRecord.FileName} says {recorded.TemplateSha256}). Restore it, or take it as it is with --template chat.");
        }

        var readsClock = Parse(folder, text).ReadsClock;
        return new EncodingOptions { Template = ChatName, TemplateSha256 = fingerprint, TemplateTime = readsClock ? options.TemplateTime ?? recorded?.TemplateTime ?? DateTime.Now : null };
    }

    private static ChatTemplate Parse(string folder, string text)
    {
        try
        {
            return ChatTemplate.Parse(text);
        }
        catch (TemplateException error)
        {
            throw new ModelException($"{folder}: {error.Message}. Without it: --template plain.", error);
        }
    }

    private string Render(IEnumerable<Message> turns, bool openReply) => template.Render(
        new TemplateVariables(specialTokens).SetMessages(turns.Select(turn => (turn.Role, turn.Content))).Set("tools", (string?)null).Set("documents", (string?)null).Set("add_generation_prompt", openReply),
        time);
}
