using System.Text.Json.Nodes;
using Prefer.Text;
using Xunit;

namespace Prefer.Tests.Text;

/// <summary>
/// Files whose parts contradict each other, which Hugging Face's library reads all the same. Every expected value was printed by its version
/// 0.23.2 on the same file. The model knows a 0, b 1, ab 2, ▁ 3, space 4 and x 5.
/// </summary>
public sealed class AddedTokenIdTests
{
    private const string Model = """{"a": 0, "b": 1, "ab": 2, "▁": 3, " ": 4, "x": 5}""";

    [Theory]
    [InlineData("""[[40, "<x>"]]""", Model, new[] { 2, 6, 2 }, 7)]
    [InlineData("""[[6, "<y>"], [7, "<x>"]]""", Model, new[] { 2, 7, 6, 2 }, 8)]
    [InlineData("""[[7, "<x>"], [6, "<y>"]]""", Model, new[] { 2, 6, 7, 2 }, 8)]
    [InlineData("""[[0, "<x>"]]""", Model, new[] { 2, 6, 2 }, 7)]
    [InlineData("""[[9, "ab"]]""", Model, new[] { 2, 5, 2 }, 6)]
    [InlineData("""[[6, ""], [7, "<x>"]]""", Model, new[] { 2, 6, 2 }, 7)]
    [InlineData("""[[6, "<x>"]]""", """{"a": 0, "b": 1, "ab": 2, "x": 10}""", new[] { 2, 4, 2 }, 5)]
    [InlineData("""[[6, "<x>"], [7, "<y>"], [10, "x"]]""", """{"a": 0, "b": 1, "ab": 2, "x": 4}""", new[] { 2, 4, 5, 2 }, 6)]
    public void Ids_are_the_models_or_the_next_ones_in_the_order_of_the_file(string added, string vocab, int[] ids, int size)
    {
        var tokenizer = Load(added, json => json["model"]!["vocab"] = JsonNode.Parse(vocab));
        Assert.Equal(ids, tokenizer.Encode("ab<x><y>ab"));
        Assert.Equal(size, tokenizer.VocabularySize);
    }

    [Fact]
    public void A_token_listed_again_has_the_later_settings_and_stays_special()
    {
        foreach (var (first, second) in new[] { (false, true), (true, false) })
        {
            var tokenizer = Load("""[[6, "<x>"], [7, "<x>"]]""", json =>
            {
                json["added_tokens"]![0]!["special"] = first;
                json["added_tokens"]![1]!["special"] = second;
            });
            Assert.Equal([2, 6, 2], tokenizer.Encode("ab<x>ab"));
            Assert.Equal(("ab <x> ab", "ab ab"), (tokenizer.Decode([2, 6, 2]), tokenizer.Decode([2, 6, 2], skipSpecialTokens: true)));
        }
    }

    [Fact]
    public void A_token_listed_again_without_its_normalized_form_is_still_decoded_in_it()
    {
        var tokenizer = Load("""[[6, "A<x>"], [6, "A<x>"]]""", json =>
        {
            json["normalizer"] = JsonNode.Parse("""{"type": "Lowercase"}""");
            json["added_tokens"]![0]!["normalized"] = true;
        });
        Assert.Equal([5, 6, 0, 5], tokenizer.Encode("xA<x>a<x>"));
        Assert.Equal("x a<x> a x", tokenizer.Decode([5, 6, 0, 5]));
    }

    [Theory]
    [InlineData("x\n\na", new[] { 5, 6, 0 })]
    [InlineData("\n \n\nab", new[] { 6, 2 })]
    public void White_space_that_one_token_took_is_no_second_token(string text, int[] ids)
    {
        var tokenizer = Load("""[[6, "\n"]]""", json =>
        {
            json["added_tokens"]![0]!["lstrip"] = true;
            json["added_tokens"]![0]!["rstrip"] = true;
        });
        Assert.Equal(ids, tokenizer.Encode(text));
        Assert.Equal(ids, tokenizer.EncodeWithOffsets(text).Ids);
    }

    [Fact]
    public void Spaces_that_Unigram_does_not_know_are_trimmed_from_the_offsets()
    {
        var tokenizer = Tokenizer.FromJson(
            """
            {"model": {"type": "Unigram", "vocab": [["<unk>", 0], ["a", -1]], "unk_id": 0},
             "post_processor": {"type": "RobertaProcessing", "sep": ["a", 1], "cls": ["a", 1], "trim_offsets": true, "add_prefix_space": false}}
            """, "t.json");
        Assert.Equal([new(0, 1), new(2, 3), new(4, 5), new(7, 7)], tokenizer.EncodeWithOffsets("a q a  ", addSpecialTokens: false).Offsets);
    }

    [Fact]
    public void A_post_processor_may_add_ids_that_no_token_has()
    {
        var tokenizer = Load("""[[6, "<x>"]]""", json => json["post_processor"] = JsonNode.Parse("""{"type": "BertProcessing", "sep": ["q", 99], "cls": ["q", 98]}"""));
        Assert.Equal([98, 2, 6, 2, 99], tokenizer.Encode("ab<x>ab"));
        Assert.Equal("ab <x> ab", tokenizer.Decode([98, 2, 6, 2, 99]));
        Assert.Equal((7, 99), (tokenizer.VocabularySize, tokenizer.LargestId));
    }

    [Fact]
    public void Of_a_token_that_the_vocab_lists_twice_the_last_id_counts_and_two_tokens_may_share_one()
    {
        var tokenizer = Tokenizer.FromJson("""{"model": {"type": "BPE", "vocab": {"a": 7, "b": 1, "a": 1, "ab": 2}, "merges": ["#version: 0.2", "a b"]}}""", "t.json");
        Assert.Equal([2, 2, 2], tokenizer.Encode("abbaab")); // a and b are both 1, and 1 with 1 merges to 2
        Assert.Equal((3, 2), (tokenizer.VocabularySize, tokenizer.LargestId));
    }

    [Fact]
    public void Members_that_the_reference_does_not_know_change_nothing()
    {
        var tokenizer = Load("[]", json =>
        {
            json["model"]!["surprise"] = 1;
            json["normalizer"] = JsonNode.Parse("""{"type": "Lowercase", "surprise": 1}""");
            json["pre_tokenizer"] = JsonNode.Parse("""{"type": "WhitespaceSplit", "surprise": 1}""");
            json["post_processor"] = JsonNode.Parse("""{"type": "BertProcessing", "sep": ["x", 5], "cls": ["x", 5], "surprise": 1}""");
            json["decoder"] = JsonNode.Parse("""{"type": "Fuse", "surprise": 1}""");
        });
        Assert.Equal([5, 2, 2, 5], tokenizer.Encode("AB ab"));
        Assert.Equal("xababx", tokenizer.Decode([5, 2, 2, 5]));
    }

    private static Tokenizer Load(string added, Action<JsonObject> change)
    {
        var json = SmallTokenizers.BytePair();
        json["model"]!["vocab"] = JsonNode.Parse(Model);
        json["model"]!["merges"] = new JsonArray("a b");
        json["added_tokens"] = new JsonArray(
        [
            .. JsonNode.Parse(added)!.AsArray().Select(token => new JsonObject
            {
                ["id"] = token![0]!.GetValue<int>(), ["content"] = token[1]!.GetValue<string>(), ["single_word"] = false, ["lstrip"] = false,
                ["rstrip"] = false, ["normalized"] = false, ["special"] = false,
            }),
        ]);
        return SmallTokenizers.Load(json, change);
    }
}
