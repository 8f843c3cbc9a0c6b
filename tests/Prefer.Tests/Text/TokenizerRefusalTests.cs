using System.Text.Json.Nodes;
using Prefer.Text;
using Xunit;

namespace Prefer.Tests.Text;

/// <summary>What cannot be read is refused, and the message says what was found, where, and what is supported.</summary>
public sealed class TokenizerRefusalTests
{
    [Fact]
    public void Broken_json_is_refused_with_its_position() =>
        Assert.Equal("t.json: is not valid JSON at line 2, byte 13 of 24 bytes; expected a tokenizer.json", Refusal("{\n  \"model\": nonsense\n}\n"));

    [Fact]
    public void A_truncated_file_is_refused_with_its_position()
    {
        var whole = SmallTokenizers.BytePair().ToJsonString();
        var half = whole[..(whole.Length / 2)];
        Assert.Equal(
            $"t.json: is not valid JSON at line 1, byte {half.Length + 1} of {half.Length} bytes; expected a tokenizer.json", Refusal(half));
    }

    [Fact]
    public void An_empty_file_is_refused() =>
        Assert.Equal("t.json: is not valid JSON at line 1, byte 1 of 0 bytes; expected a tokenizer.json", Refusal(""));

    [Fact]
    public void A_missing_file_is_refused_by_its_path()
    {
        var message = Assert.Throws<TokenizerException>(() => Tokenizer.Load("/nowhere/tokenizer.json")).Message;
        Assert.StartsWith("/nowhere/tokenizer.json: cannot be read: ", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]", "t.json: the document is a list, expected an object")]
    [InlineData("{}", "t.json: the document has no \"model\"")]
    [InlineData("""{"version": "2.0"}""", "t.json: version is \"2.0\", expected \"1.0\"")]
    [InlineData("""{"model": {}}""", "t.json: model has neither a \"type\" nor a \"vocab\"")]
    [InlineData("""{"model": {"type": "BPE", "merges": []}}""", "t.json: model has no \"vocab\"")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": -1}, "merges": []}}""", "t.json: model.vocab.a is -1, expected a whole number from 0 to 2147483647")]
    [InlineData("""{"model": {"type": "BPE", "vocab": [], "merges": []}}""", "t.json: model.vocab is a list, expected an object")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {}, "merges": []}}""", "t.json: the document has no token at all")]
    [InlineData(
        """{"model": {"type": "BPE", "vocab": {"\ud800": 0}, "merges": []}}""", "t.json: model.vocab has a name that is not valid Unicode")]
    [InlineData("""{"model": {"type": "Unigram", "vocab": [["a", 0.5, 1]]}}""", "t.json: model.vocab[0] has 3 parts, expected a token and its score")]
    [InlineData("""{"model": {"type": "Unigram", "vocab": [["a", "b"]]}}""", "t.json: model.vocab[0][1] is a string, expected a number")]
    [InlineData("""{"model": {"type": "Unigram", "vocab": [["a", 0]], "unk_id": 1}}""", "t.json: model.unk_id is 1, but the vocab has 1 tokens")]
    public void A_file_of_another_shape_is_refused(string json, string message) => Assert.Equal(message, Refusal(json));

    [Theory]
    [InlineData("""{"type": "WordPiece", "vocab": {"a": 0}}""", "the text has \"b\", which is in no token of the model, and its unknown token \"[UNK]\" is not in its vocab")]
    [InlineData("""{"type": "BPE", "unk_token": "?", "vocab": {"a": 0}, "merges": []}""", "the text has \"b\", which is in no token of the model, and its unknown token \"?\" is not in its vocab")]
    [InlineData("""{"type": "WordLevel", "vocab": {"a": 0}}""", "the text has \"b\", which is in no token of the model, and its unknown token \"<unk>\" is not in its vocab")]
    [InlineData("""{"type": "Unigram", "vocab": [["a", 0]]}""", "the text has the character b (U+0062), which is in no token of the Unigram model, and the model has no unk_id to stand for it")]
    public void A_text_that_needs_a_missing_unknown_token_is_refused(string model, string message)
    {
        var tokenizer = Tokenizer.FromJson($$"""{"model": {{model}}}""", "t.json");
        Assert.Equal([0], tokenizer.Encode("a"));
        Assert.Equal(message, Assert.Throws<TokenizerException>(() => tokenizer.Encode("b")).Message);
    }

    [Theory]
    [InlineData("""{"type": "Sequence", "processors": [{"type": "BertProcessing", "sep": ["x", 0], "cls": ["x", 0]}, {"type": "BertProcessing", "sep": ["x", 0], "cls": ["x", 0]}]}""", "t.json: post_processor has 2 members that put tokens around the text; only one is supported")]
    [InlineData("""{"type": "BertProcessing", "sep": ["x"], "cls": ["x", 0]}""", "t.json: post_processor.sep has 1 parts, expected a token and its id")]
    public void A_post_processor_that_cannot_be_followed_is_refused(string processor, string message) =>
        Assert.Equal(message, Refusal(json => json["post_processor"] = JsonNode.Parse(processor)));

    [Theory]
    [InlineData("""{"type": "BPEDecoder", "suffix": ""}""", "t.json: decoder has an empty suffix, which marks no end of a word")]
    [InlineData("""{"type": "Metaspace", "replacement": "__"}""", "t.json: decoder.replacement is \"__\", expected one character")]
    [InlineData("""{"type": "Metaspace", "replacement": "_", "prepend_scheme": "often"}""", "t.json: decoder.prepend_scheme is \"often\", expected always, first or never")]
    [InlineData("""{"type": "Metaspace", "replacement": "_", "prepend_scheme": "first", "add_prefix_space": false}""", "t.json: decoder.add_prefix_space is false, but prepend_scheme is \"first\" (\"always\" where it is missing); expected \"never\"")]
    [InlineData("""{"type": "CTC", "pad_token": ""}""", "t.json: decoder has an empty pad_token or word_delimiter_token, which can be in no token")]
    public void A_decoder_that_cannot_be_followed_is_refused(string decoder, string message) =>
        Assert.Equal(message, Refusal(json => json["decoder"] = JsonNode.Parse(decoder)));

    [Theory]
    [InlineData("normalizer", "a normalizer", "Append, BertNormalizer, ")]
    [InlineData("pre_tokenizer", "a pre-tokenizer", "BertPreTokenizer, ByteLevel, ")]
    [InlineData("post_processor", "a post-processor", "BertProcessing, ")]
    [InlineData("decoder", "a decoder", "BPEDecoder, ByteFallback, ")]
    [InlineData("model", "a model", "BPE, ")]
    public void An_unknown_kind_is_refused_by_name(string part, string noun, string supported)
    {
        var json = SmallTokenizers.WordPiece();
        json[part]!["type"] = "Telepathy";
        Assert.StartsWith(
            $"t.json: {part} is {noun} of the kind \"Telepathy\", which is not supported; supported: {supported}",
            Refusal(json.ToJsonString()), StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_kind_inside_a_sequence_is_refused_where_it_stands() => Assert.StartsWith(
        "t.json: normalizer.normalizers[1] is a normalizer of the kind \"Telepathy\"",
        Refusal(
            json => json["normalizer"] = JsonNode.Parse("""{"type": "Sequence", "normalizers": [{"type": "Lowercase"}, {"type": "Telepathy"}]}""")),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("a", "x", "\"x\" is not in the vocab")]
    [InlineData("x", "a", "\"x\" is not in the vocab")]
    [InlineData("b", "c", "\"bc\" is not in the vocab")]
    public void Merges_of_tokens_that_are_not_in_the_vocab_are_refused(string left, string right, string message) => Assert.Equal(
        $"t.json: model.merges[1] merges \"{left}\" and \"{right}\", but {message}",
        Refusal(json => json["model"]!["merges"]![1] = $"{left} {right}"));

    [Fact]
    public void Merges_of_another_shape_are_refused()
    {
        Assert.Equal(
            "t.json: model.merges[0] has 3 parts, expected the two tokens of a merge", Refusal(json => json["model"]!["merges"]![0] = "a b c"));
        Assert.Equal("t.json: model.merges[0] is a number, expected a list", Refusal(json => json["model"]!["merges"]![0] = 7));
    }

    [Fact]
    public void Settings_that_would_change_the_ids_are_refused()
    {
        Assert.Equal(
            "t.json: model.dropout is 0.1; merges dropped at random are not supported, only null",
            Refusal(json => json["model"]!["dropout"] = 0.1));
        Assert.StartsWith(
            "t.json: the document has the field \"surprise\", which is not supported here; supported: version, ",
            Refusal(json => json["surprise"] = 1), StringComparison.Ordinal);
        Assert.Equal("t.json: model.fuse_unk is a string, expected true or false", Refusal(json => json["model"]!["fuse_unk"] = "yes"));
    }

    [Fact]
    public void A_template_of_unknown_tokens_is_refused()
    {
        var unlisted = SmallTokenizers.WordPiece();
        unlisted["post_processor"]!["single"]![0]!["SpecialToken"]!["id"] = "[BOS]";
        Assert.Equal(
            "t.json: post_processor.single[0].SpecialToken names \"[BOS]\", which is not among the special_tokens of the template",
            Refusal(unlisted.ToJsonString()));
    }

    private static string Refusal(Action<JsonObject> change)
    {
        var json = SmallTokenizers.BytePair();
        change(json);
        return Refusal(json.ToJsonString());
    }

    private static string Refusal(string json) => Assert.Throws<TokenizerException>(() => Tokenizer.FromJson(json, "t.json")).Message;
}
