using System.Buffers;
using System.Collections.Immutable;
using System.IO.Compression;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Prefer.Data;

/// <summary>
/// Writes comparisons as canonical JSON Lines, one layout for all: <c>prompt</c> as messages, <c>chosen</c> and <c>rejected</c> as strings
/// where they are one assistant turn and as messages otherwise, or <c>chosen_ids</c> and <c>rejected_ids</c>; then <c>y</c>, <c>margin</c>
/// and <c>weight</c> where they are not the defaults, <c>votes</c>, <c>model_a</c> (of the chosen response) and <c>model_b</c>,
/// <c>subset</c>, <c>id</c>, and the unused fields. Reading gives the same comparisons
/// back, apart from their origin.
/// </summary>
public static class ComparisonWriter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly string[] OwnFields =
    [
        "prompt", "chosen", "rejected", "chosen_ids", "rejected_ids", "chosen_token_type_ids", "rejected_token_type_ids", "y", "margin", "weight", .. VoteRows.Fields, "subset",
    ];

    /// <summary>Writes a file, gzip when the path ends in <c>.gz</c>: first beside it under the name <c>path.partial</c>, then renamed, so that
    /// the path never holds half a file and may be one of those being read.</summary>
    /// <returns>The number of comparisons written.</returns>
    /// <exception cref="DataException">The folder does not exist.</exception>
    public static long Save(string path, IEnumerable<Comparison> comparisons)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? path;
        if (!Directory.Exists(folder))
        {
            throw new DataException($"{path}: found no folder '{folder}' to write into; expected one; create it first");
        }

        string partial = path + ".partial";
        long count;
        try
        {
            using (var file = new FileStream(partial, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                if (path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
                {
                    using var gzip = new GZipStream(file, CompressionLevel.Optimal, leaveOpen: true);
                    count = Write(gzip, comparisons);
                }
                else
                {
                    count = Write(file, comparisons);
                }

                file.Flush(flushToDisk: true);
            }

            File.Move(partial, path, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }

        return count;
    }

    /// <summary>Writes lines to a stream and leaves it open.</summary>
    /// <returns>The number of comparisons written.</returns>
    public static long Write(Stream stream, IEnumerable<Comparison> comparisons)
    {
        long count = 0;
        var line = new ArrayBufferWriter<byte>(4096);
        var readable = new ArrayBufferWriter<byte>(4096);
        using var json = new Utf8JsonWriter(line, Options);
        foreach (Comparison comparison in comparisons)
        {
            WriteObject(json, comparison);
            json.Flush();
            ReadableJson.Write(line.WrittenSpan, readable);
            readable.Write("\n"u8);
            stream.Write(readable.WrittenSpan);
            line.ResetWrittenCount();
            readable.ResetWrittenCount();
            json.Reset();
            count++;
        }

        return count;
    }

    /// <summary>One comparison as the line that <see cref="Save"/> writes, without the line's end.</summary>
    public static string ToJson(Comparison comparison)
    {
        var line = new MemoryStream();
        Write(line, [comparison]);
        return Encoding.UTF8.GetString(line.GetBuffer().AsSpan(0, (int)line.Length - 1));
    }

    private static void WriteObject(Utf8JsonWriter json, Comparison comparison)
    {
        json.WriteStartObject();
        bool tokenized = comparison.Chosen.IsTokenized || comparison.Rejected.IsTokenized;
        if (!tokenized || !comparison.Prompt.IsEmpty)
        {
            WriteMessages(json, "prompt", comparison.Prompt);
        }

        if (tokenized)
        {
            WriteIds(json, "chosen", comparison.Chosen);
            WriteIds(json, "rejected", comparison.Rejected);
        }
        else
        {
            // Where both repeat the prompt's turns, reading would take them for the prompt; written twice, they are taken off once.
            bool repeat = Repeats(comparison.Chosen, comparison.Prompt) && Repeats(comparison.Rejected, comparison.Prompt);
            WriteResponse(json, "chosen", repeat ? comparison.Prompt : [], comparison.Chosen.Turns);
            WriteResponse(json, "rejected", repeat ? comparison.Prompt : [], comparison.Rejected.Turns);
        }

        if (comparison.Label != 1)
        {
            json.WriteNumber("y", comparison.Label);
        }

        if (comparison.Margin is double margin)
        {
            json.WriteNumber("margin", margin);
        }

        if (comparison.Weight != 1)
        {
            json.WriteNumber("weight", comparison.Weight);
        }

        WriteVotes(json, comparison.Votes);
        if (comparison.Systems is not null)
        {
            json.WriteString("model_a", comparison.Systems.Chosen);
            json.WriteString("model_b", comparison.Systems.Rejected);
        }

        if (comparison.Subset is not null)
        {
            json.WriteString("subset", comparison.Subset);
        }

        if (RowId.Node(comparison.Id, comparison.Extra) is JsonNode id)
        {
            json.WritePropertyName(RowId.Field);
            id.WriteTo(json);
        }

        WriteExtra(json, comparison.Extra);
        json.WriteEndObject();
    }

    private static bool Repeats(Response response, ImmutableArray<Message> prompt) => !prompt.IsEmpty && response.Turns.AsSpan().StartsWith(prompt.AsSpan());

    private static void WriteResponse(Utf8JsonWriter json, string name, ImmutableArray<Message> before, ImmutableArray<Message> turns)
    {
        if (before.IsEmpty && turns is [{ Role: "assistant" } only])
        {
            json.WriteString(name, only.Content);
        }
        else
        {
            WriteMessages(json, name, [.. before, .. turns]);
        }
    }

    private static void WriteMessages(Utf8JsonWriter json, string name, ImmutableArray<Message> messages)
    {
        json.WriteStartArray(name);
        foreach (Message message in messages)
        {
            json.WriteStartObject();
            json.WriteString("role", message.Role);
            json.WriteString("content", message.Content);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteVotes(Utf8JsonWriter json, ImmutableArray<Vote> votes)
    {
        if (votes.IsEmpty)
        {
            return;
        }

        json.WriteStartArray("votes");
        foreach (Vote vote in votes)
        {
            string? choice = vote.Choice switch
            {
                Choice.Chosen => "chosen",
                Choice.Rejected => "rejected",
                Choice.Tie => "tie",
                _ => null,
            };
            if (vote.Annotator is null)
            {
                json.WriteStringValue(choice);
                continue;
            }

            json.WriteStartObject();
            json.WriteString("annotator", vote.Annotator);
            json.WriteString("vote", choice);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteIds(Utf8JsonWriter json, string side, Response response)
    {
        if (!response.Turns.IsEmpty)
        {
            throw new ArgumentException($"'{side}' has text although a side of the pair has token ids; a pair is one or the other.");
        }

        WriteNumbers(json, $"{side}_ids", response.InputIds);
        if (!response.TokenTypeIds.IsEmpty)
        {
            WriteNumbers(json, $"{side}_token_type_ids", response.TokenTypeIds);
        }
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, ImmutableArray<int> numbers)
    {
        json.WriteStartArray(name);
        foreach (int number in numbers)
        {
            json.WriteNumberValue(number);
        }

        json.WriteEndArray();
    }

    private static void WriteExtra(Utf8JsonWriter json, JsonObject? extra)
    {
        foreach ((string name, JsonNode? value) in extra ?? [])
        {
            if (name == RowId.Field)
            {
                continue;
            }

            if (OwnFields.Contains(name, StringComparer.Ordinal))
            {
                throw new ArgumentException($"An unused field is named '{name}', which is one of the comparison's own fields.");
            }

            json.WritePropertyName(name);
            if (value is null)
            {
                json.WriteNullValue();
            }
            else
            {
                value.WriteTo(json);
            }
        }
    }
}
