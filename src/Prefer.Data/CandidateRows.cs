using System.Collections.Immutable;
using System.Text.Json;

namespace Prefer.Data;

/// <summary>A row read as one candidate to be scored.</summary>
internal static class CandidateRows
{
    private const string Known = "[messages] [prompt, response] [text] [input_ids]";

    /// <summary>The row's candidate and the layout it was written in.</summary>
    /// <exception cref="BadRowException">The row is not one of the known layouts, or a field is wrong.</exception>
    public static (RowLayout Layout, Candidate Candidate) Parse(Row row)
    {
        RowLayout layout = RowLayouts.Of(row, RowLayouts.OfCandidates, Known);
        (ImmutableArray<Message> prompt, Response response) = Read(row, layout);
        return (layout, new Candidate { Prompt = prompt, Response = response, Id = row.TakeId(), Extra = row.Rest(), Origin = row.Origin });
    }

    /// <summary>Prompt and response of a row of a known layout.</summary>
    public static (ImmutableArray<Message> Prompt, Response Response) Read(Row row, RowLayout layout) => layout switch
    {
        RowLayout.Messages => SplitMessages(row),
        RowLayout.PromptResponse => ReadPromptResponse(row),
        RowLayout.Text => ([], new Response { Turns = [new Message(Conversation.TextRole, row.TakeText("text")!)] }),
        _ => ([], TokenResponse.Read(row, "input_ids", "token_type_ids", "attention_mask")),
    };

    private static (ImmutableArray<Message> Prompt, Response Response) ReadPromptResponse(Row row)
    {
        Conversation conversation = Conversation.Read(row.Take("prompt"), [("response", row.Take("response")!.Value)]);
        return (conversation.Prompt, conversation.Responses[0]);
    }

    /// <summary>The assistant turns at the end are the response.</summary>
    private static (ImmutableArray<Message> Prompt, Response Response) SplitMessages(Row row)
    {
        JsonElement list = row.Take("messages")!.Value;
        ImmutableArray<Message> messages = list.ValueKind == JsonValueKind.Array ? Conversation.Messages("messages", list) : throw Row.Wrong("messages", list, "a list of messages");
        int begin = messages.Length;
        while (begin > 0 && messages[begin - 1].Role == "assistant")
        {
            begin--;
        }

        if (begin == messages.Length)
        {
            string found = messages.IsEmpty ? "no messages" : $"'messages' that end with a turn of '{messages[^1].Role}'";
            throw new BadRowException(found, "an assistant's turn at the end, to be scored", "add the response");
        }

        return (messages[..begin], new Response { Turns = messages[begin..] });
    }
}
