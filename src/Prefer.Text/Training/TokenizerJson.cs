using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Prefer.Text.Training;

/// <summary>Writes a trained byte-level BPE as tokenizer.json, with the members of GPT-2's file in their order.</summary>
internal static class TokenizerJson
{
    public static byte[] Write(List<string> vocabulary, List<(string Left, string Right)> merges, BpeTrainingOptions options)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var style = new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var json = new Utf8JsonWriter(buffer, style))
        {
            json.WriteStartObject();
            json.WriteString("version", "1.0");
            json.WriteNull("truncation");
            json.WriteNull("padding");
            WriteAddedTokens(json, options);
            json.WriteNull("normalizer");
            WriteByteLevel(json, "pre_tokenizer");
            if (options.Template == SpecialTokenTemplate.ClassifierSeparator)
            {
                WriteTemplate(json, options);
            }
            else
            {
                WriteByteLevel(json, "post_processor");
            }

            WriteByteLevel(json, "decoder");
            WriteModel(json, vocabulary, merges);
            json.WriteEndObject();
        }

        return [.. buffer.WrittenSpan, (byte)'\n'];
    }

    private static void WriteAddedTokens(Utf8JsonWriter json, BpeTrainingOptions options)
    {
        json.WriteStartArray("added_tokens");
        for (var id = 0; id < options.SpecialTokens.Length; id++)
        {
            json.WriteStartObject();
            json.WriteNumber("id", id);
            json.WriteString("content", options.SpecialTokens[id]);
            json.WriteBoolean("single_word", false);
            json.WriteBoolean("lstrip", false);
            json.WriteBoolean("rstrip", false);
            json.WriteBoolean("normalized", false);
            json.WriteBoolean("special", true);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteByteLevel(Utf8JsonWriter json, string part)
    {
        json.WriteStartObject(part);
        json.WriteString("type", "ByteLevel");
        json.WriteBoolean("add_prefix_space", false);
        json.WriteBoolean("trim_offsets", false);
        json.WriteBoolean("use_regex", true);
        json.WriteEndObject();
    }

    private static void WriteTemplate(Utf8JsonWriter json, BpeTrainingOptions options)
    {
        const string cls = BpeTrainingOptions.Classifier, sep = BpeTrainingOptions.Separator;
        json.WriteStartObject("post_processor");
        json.WriteString("type", "TemplateProcessing");
        WritePieces("single", ("SpecialToken", cls, 0), ("Sequence", "A", 0), ("SpecialToken", sep, 0));
        WritePieces(
            "pair", ("SpecialToken", cls, 0), ("Sequence", "A", 0), ("SpecialToken", sep, 0), ("Sequence", "B", 1), ("SpecialToken", sep, 1));
        json.WriteStartObject("special_tokens");
        foreach (var token in new[] { cls, sep })
        {
            json.WriteStartObject(token);
            json.WriteString("id", token);
            json.WriteStartArray("ids");
            json.WriteNumberValue(options.SpecialTokens.IndexOf(token));
            json.WriteEndArray();
            json.WriteStartArray("tokens");
            json.WriteStringValue(token);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();

        void WritePieces(string name, params ReadOnlySpan<(string Kind, string Id, int TypeId)> pieces)
        {
            json.WriteStartArray(name);
            foreach (var (kind, id, typeId) in pieces)
            {
                json.WriteStartObject();
                json.WriteStartObject(kind);
                json.WriteString("id", id);
                json.WriteNumber("type_id", typeId);
                json.WriteEndObject();
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }
    }

    private static void WriteModel(Utf8JsonWriter json, List<string> vocabulary, List<(string Left, string Right)> merges)
    {
        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        json.WriteNull("dropout");
        json.WriteNull("unk_token");
        json.WriteString("continuing_subword_prefix", "");
        json.WriteString("end_of_word_suffix", "");
        json.WriteBoolean("fuse_unk", false);
        json.WriteBoolean("byte_fallback", false);
        json.WriteBoolean("ignore_merges", false);
        json.WriteStartObject("vocab");
        for (var id = 0; id < vocabulary.Count; id++)
        {
            json.WriteNumber(vocabulary[id], id);
        }

        json.WriteEndObject();
        json.WriteStartArray("merges");
        foreach (var (left, right) in merges)
        {
            json.WriteStringValue($"{left} {right}");
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
