using System.Collections.Immutable;
using System.Text.Json;

namespace Prefer.Data;

/// <summary>How the prompt of a row was known.</summary>
internal enum PromptSource
{
    /// <summary>The row has a prompt field.</summary>
    Given,

    /// <summary>The responses are message lists; the prompt is what they share.</summary>
    SharedTurns,

    /// <summary>The responses are Human/Assistant transcripts; the prompt is what they share.</summary>
    Transcripts,

    /// <summary>The responses are plain texts, where no turns are to be seen.</summary>
    None,
}

/// <summary>
/// Prompt and responses of one row from their fields. One rule serves pairs, votes, rankings and candidates:
/// <list type="bullet">
/// <item>A prompt is a list of messages, or a string: a user message, or a transcript (its trailing empty <c>Assistant:</c> is only a cue and is dropped).</item>
/// <item>A response is a string, one assistant turn, or a list of messages. Where all of them begin with the prompt's own turns, these are taken off.</item>
/// <item>Without a prompt the responses' longest common turns are it, leaving each response its last turn; texts that are not transcripts become one turn of role <c>text</c>.</item>
/// </list>
/// </summary>
internal sealed record Conversation(ImmutableArray<Message> Prompt, ImmutableArray<Response> Responses, PromptSource Source)
{
    /// <summary>The role of a text that is encoded as it stands, without a chat template.</summary>
    public const string TextRole = "text";

    /// <summary>Reads the prompt field, where there is one, and the response fields.</summary>
    public static Conversation Read(JsonElement? prompt, IReadOnlyList<(string Name, JsonElement Value)> responses)
    {
        bool allTranscripts = responses.Count > 0 && responses.All(response => response.Value.ValueKind == JsonValueKind.String && Transcript.IsTranscript(response.Value.GetString()!));
        switch (prompt)
        {
            case null when allTranscripts:
                return Shared(responses.Select(response => Transcript.Parse(response.Value.GetString()!)), PromptSource.Transcripts);

            case null when responses.All(response => response.Value.ValueKind == JsonValueKind.Array):
                return Shared(responses.Select(response => Messages(response.Name, response.Value)), PromptSource.SharedTurns);

            case null when responses.All(response => response.Value.ValueKind == JsonValueKind.String):
                return new Conversation([], [.. responses.Select(response => One(new Message(TextRole, response.Value.GetString()!)))], PromptSource.None);

            case null:
                throw new BadRowException(
                    "no prompt, and responses of which not all are strings and not all are message lists",
                    "responses of one form",
                    "write them all as strings or all as message lists, or add a prompt");

            case { ValueKind: JsonValueKind.String } text:
                return WithPrompt(text.GetString()!, responses, allTranscripts);

            case JsonElement list:
                return WithPrompt(Messages("prompt", list), [.. responses.Select(response => Turns(response.Name, response.Value))]);
        }
    }

    /// <summary>A list of messages, each with <c>role</c> and <c>content</c> and nothing else.</summary>
    public static ImmutableArray<Message> Messages(string name, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            throw Row.Wrong(name, value, "a string or a list of messages");
        }

        return [.. value.EnumerateArray().Select((message, index) => OneMessage($"{name}[{index}]", message))];
    }

    private static Conversation WithPrompt(string prompt, IReadOnlyList<(string Name, JsonElement Value)> responses, bool allTranscripts)
    {
        if (!Transcript.IsTranscript(prompt))
        {
            return prompt.Length == 0 && allTranscripts
                ? Read(null, responses)
                : WithPrompt(prompt.Length == 0 ? [] : [new Message("user", prompt)], [.. responses.Select(response => Turns(response.Name, response.Value))]);
        }

        ImmutableArray<Message> turns = Transcript.Parse(prompt);
        bool cued = turns[^1] is { Role: "assistant", Content: "" };
        turns = cued ? turns[..^1] : turns;
        if (allTranscripts)
        {
            ImmutableArray<Message>[] whole = [.. responses.Select(response => Transcript.Parse(response.Value.GetString()!))];
            if (whole.All(side => BeginsWith(side, turns)))
            {
                return WithPrompt(turns, whole);
            }
        }

        // After "Assistant:" the first space of the answer belongs to the mark, as it does inside a transcript.
        bool spaced = cued && prompt[^1] == ':';
        return WithPrompt(turns, [.. responses.Select(response => Turns(response.Name, response.Value, spaced))]);
    }

    private static Conversation WithPrompt(ImmutableArray<Message> prompt, IReadOnlyList<ImmutableArray<Message>> sides)
    {
        int repeated = sides.All(side => BeginsWith(side, prompt)) ? prompt.Length : 0;
        return new Conversation(prompt, [.. sides.Select(side => new Response { Turns = side[repeated..] })], PromptSource.Given);
    }

    private static Conversation Shared(IEnumerable<ImmutableArray<Message>> responses, PromptSource source)
    {
        ImmutableArray<Message>[] sides = [.. responses];
        int most = Math.Max(0, sides.Min(side => side.Length) - 1);
        int shared = 0;
        while (shared < most && sides.All(side => side[shared] == sides[0][shared]))
        {
            shared++;
        }

        return new Conversation(sides[0][..shared], [.. sides.Select(side => new Response { Turns = side[shared..] })], source);
    }

    private static ImmutableArray<Message> Turns(string name, JsonElement value, bool dropFirstSpace = false)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            return Messages(name, value);
        }

        string text = value.GetString()!;
        return [new Message("assistant", dropFirstSpace && text.StartsWith(' ') ? text[1..] : text)];
    }

    private static Message OneMessage(string name, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw Row.Wrong(name, value, "a message {\"role\": …, \"content\": …}");
        }

        string? role = null;
        string? content = null;
        foreach (JsonProperty field in value.EnumerateObject())
        {
            if (field.NameEquals("role"u8))
            {
                role = Text($"{name}.role", field.Value);
            }
            else if (field.NameEquals("content"u8))
            {
                content = Text($"{name}.content", field.Value);
            }
            else if (field.Value.ValueKind != JsonValueKind.Null)
            {
                throw new BadRowException($"the field '{field.Name}' in '{name}'", "messages of role and content only", "remove the field, or write what it says into the content");
            }
        }

        return role is not null && content is not null
            ? new Message(role, content)
            : throw new BadRowException($"no '{(role is null ? "role" : "content")}' in '{name}'", "messages of role and content", "add it");
    }

    private static string Text(string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Row.Wrong(name, value, "a string");

    private static Response One(Message turn) => new() { Turns = [turn] };

    private static bool BeginsWith(ImmutableArray<Message> side, ImmutableArray<Message> prompt) => side.AsSpan().StartsWith(prompt.AsSpan());
}
