using System.Collections.Immutable;
using System.Text.Json;

namespace Prefer.Data;

/// <summary>A row read as a prompt and responses to choose from.</summary>
internal static class SlateRows
{
    /// <summary>The row's slate. Ranks and scores, which a ranking has beside its responses, are passed through like any other field.</summary>
    /// <exception cref="BadRowException">There are no responses, or a field is wrong.</exception>
    public static Slate Parse(Row row)
    {
        if (row.Take("responses") is not JsonElement responses)
        {
            throw new BadRowException($"no 'responses' among {string.Join(", ", row.FieldNames)}", "the fields prompt, responses or messages, responses", "add the list of responses to choose from, or name its column with --columns responses=COLUMN");
        }

        if (responses.ValueKind != JsonValueKind.Array)
        {
            throw Row.Wrong("responses", responses, "a list of responses");
        }

        if (responses.GetArrayLength() == 0)
        {
            throw new BadRowException("none in 'responses'", "one response or more", "add responses, or remove the row");
        }

        Conversation conversation = Conversation.Read(TakePrompt(row), [.. responses.EnumerateArray().Select((response, index) => ($"responses[{index}]", response))]);
        return new Slate { Prompt = conversation.Prompt, Responses = conversation.Responses, Id = row.TakeId(), Extra = row.Rest(), Origin = row.Origin };
    }

    private static JsonElement? TakePrompt(Row row)
    {
        if (!row.Has("messages"))
        {
            return row.Take("prompt");
        }

        if (row.Has("prompt"))
        {
            throw new BadRowException("both 'prompt' and 'messages'", "one of them", "remove the other");
        }

        JsonElement list = row.Take("messages")!.Value;
        ImmutableArray<Message> messages = Conversation.Messages("messages", list.ValueKind == JsonValueKind.Array ? list : throw Row.Wrong("messages", list, "a list of messages"));
        return messages is [.., { Role: "assistant" }]
            ? throw new BadRowException("'messages' that end with an assistant's turn", "the conversation before the responses", "move that turn into 'responses', or remove it")
            : list;
    }
}
