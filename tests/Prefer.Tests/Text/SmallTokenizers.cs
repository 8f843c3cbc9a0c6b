using System.Text.Json.Nodes;
using Prefer.Text;

namespace Prefer.Tests.Text;

/// <summary>Tokenizers made for the tests, small enough to work out by hand. Tests change one thing in a copy.</summary>
internal static class SmallTokenizers
{
    /// <summary>WordPiece with BERT's other pieces: un ##aff ##able want ##ed runn ##ing , low.</summary>
    public static JsonObject WordPiece() => JsonNode.Parse(
        """
        {
          "version": "1.0", "truncation": null, "padding": null,
          "added_tokens": [
            {"id": 0, "content": "[UNK]", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true},
            {"id": 1, "content": "[CLS]", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true},
            {"id": 2, "content": "[SEP]", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}
          ],
          "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true},
          "pre_tokenizer": {"type": "BertPreTokenizer"},
          "post_processor": {
            "type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
            "pair": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}},
                     {"Sequence": {"id": "B", "type_id": 1}}, {"SpecialToken": {"id": "[SEP]", "type_id": 1}}],
            "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [1], "tokens": ["[CLS]"]}, "[SEP]": {"id": "[SEP]", "ids": [2], "tokens": ["[SEP]"]}}
          },
          "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
          "model": {
            "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 12,
            "vocab": {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "un": 3, "##aff": 4, "##able": 5, "want": 6, "##ed": 7, "runn": 8, "##ing": 9,
                      ",": 10, "low": 11, "日": 12, "i": 13, "!": 14, "##本": 15}
          }
        }
        """)!.AsObject();

    /// <summary>Byte-pair encoding on the letters of "abc" without pre-tokenizer or decoder: merges a b, then ab c.</summary>
    public static JsonObject BytePair() => JsonNode.Parse(
        """
        {
          "version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
          "normalizer": null, "pre_tokenizer": null, "post_processor": null, "decoder": null,
          "model": {
            "type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null, "end_of_word_suffix": null,
            "fuse_unk": false, "byte_fallback": false, "ignore_merges": false,
            "vocab": {"a": 0, "b": 1, "c": 2, "ab": 3, "abc": 4, "<unk>": 5, " ": 6},
            "merges": ["a b", "ab c"]
          }
        }
        """)!.AsObject();

    public static Tokenizer Load(JsonObject json) => Tokenizer.FromJson(json.ToJsonString(), "small.json");

    /// <summary>A tokenizer whose json was changed in one place.</summary>
    public static Tokenizer Load(JsonObject json, Action<JsonObject> change)
    {
        change(json);
        return Load(json);
    }

    /// <summary>Adds a token that the model does not know, with the next id.</summary>
    public static JsonObject Adding(
        this JsonObject json, string content, bool special = false, bool singleWord = false, bool lstrip = false, bool rstrip = false,
        bool normalized = false)
    {
        var added = json["added_tokens"]!.AsArray();
        added.Add(new JsonObject
        {
            ["id"] = json["model"]!["vocab"]!.AsObject().Count + added.Count(token => json["model"]!["vocab"]![token!["content"]!.GetValue<string>()] is null),
            ["content"] = content,
            ["single_word"] = singleWord,
            ["lstrip"] = lstrip,
            ["rstrip"] = rstrip,
            ["normalized"] = normalized,
            ["special"] = special,
        });
        return json;
    }
}
