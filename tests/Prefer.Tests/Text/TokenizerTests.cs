using System.Diagnostics;
using Prefer.Text;
using Xunit;

namespace Prefer.Tests.Text;

/// <summary>The public surface on tokenizers small enough to work out by hand.</summary>
public sealed class TokenizerTests
{
    [Fact]
    public void Word_pieces_are_the_longest_that_fit()
    {
        var tokenizer = SmallTokenizers.Load(SmallTokenizers.WordPiece());
        Assert.Equal([1, 3, 4, 5, 10, 6, 7, 2], tokenizer.Encode("Unaffable, wantéd"));
        Assert.Equal([3, 4, 5], tokenizer.Encode("unaffable", addSpecialTokens: false));
        Assert.Equal("unaffable, wanted", tokenizer.Decode(tokenizer.Encode("Unaffable, wantéd"), skipSpecialTokens: true));
    }

    [Fact]
    public void A_batch_is_its_texts_in_order()
    {
        var tokenizer = SmallTokenizers.Load(SmallTokenizers.WordPiece());
        string[] texts = [.. Enumerable.Range(0, 200).Select(index => string.Concat(Enumerable.Repeat("unaffable, ", index % 7)))];
        Assert.Equal(texts.Select(text => tokenizer.Encode(text)), tokenizer.EncodeBatch(texts));
        Assert.Equal(texts.Select(text => tokenizer.Encode(text, addSpecialTokens: false)), tokenizer.EncodeBatch(texts, addSpecialTokens: false));
    }

    [Fact]
    public void A_word_that_cannot_be_cut_or_is_too_long_is_one_unknown_token()
    {
        var tokenizer = SmallTokenizers.Load(SmallTokenizers.WordPiece());
        Assert.Equal([0], tokenizer.Encode("unaffablest", addSpecialTokens: false));
        Assert.Equal([3, 5, 5], tokenizer.Encode("unableable", addSpecialTokens: false));
        Assert.Equal([0], tokenizer.Encode("unableableable", addSpecialTokens: false)); // 14 characters, at most 12
        Assert.Equal([new TextRange(1, 15)], tokenizer.EncodeWithOffsets(" unableableable", addSpecialTokens: false).Offsets);
    }

    [Fact]
    public void Offsets_count_code_points_and_added_tokens_have_none()
    {
        var encoding = SmallTokenizers.Load(SmallTokenizers.WordPiece()).EncodeWithOffsets("😀 日 low");
        Assert.Equal([1, 0, 12, 11, 2], encoding.Ids);
        Assert.Equal([new(0, 0), new(0, 1), new(2, 3), new(4, 7), new(0, 0)], encoding.Offsets);
        Assert.Equal([true, false, false, false, true], encoding.SpecialTokensMask);
        Assert.Equal([0, 0, 0, 0, 0], encoding.TypeIds);
    }

    [Fact]
    public void Special_tokens_can_be_put_around_ids_later()
    {
        var tokenizer = SmallTokenizers.Load(SmallTokenizers.WordPiece());
        var single = tokenizer.AddSpecialTokens([6, 7]);
        Assert.Equal([1, 6, 7, 2], single.Ids);
        Assert.Equal([0, 0, 0, 0], single.TypeIds);
        Assert.Equal(1, single.LeadingSpecialCount);
        Assert.Equal([1, 6, 2, 2], tokenizer.AddSpecialTokens([6], []).Ids);
        Assert.Equal([0, 0, 0, 1], tokenizer.AddSpecialTokens([6], []).TypeIds);
        Assert.Equal((2, 3), (tokenizer.SpecialTokenCount(pair: false), tokenizer.SpecialTokenCount(pair: true)));
    }

    [Fact]
    public void Without_a_post_processor_a_pair_is_written_one_after_the_other()
    {
        var tokenizer = SmallTokenizers.Load(SmallTokenizers.BytePair());
        var joined = tokenizer.AddSpecialTokens([4], [3, 2]);
        Assert.Equal([4, 3, 2], joined.Ids);
        Assert.Equal([0, 1, 1], joined.TypeIds);
        Assert.Equal(0, joined.LeadingSpecialCount);
        Assert.Equal("abc ab c", tokenizer.Decode([4, 3, 2])); // no decoder: tokens with spaces between
    }

    [Fact]
    public void The_vocabulary_counts_added_tokens_once()
    {
        var tokenizer = SmallTokenizers.Load(SmallTokenizers.BytePair().Adding("ab", special: true), json => json["added_tokens"]![0]!["id"] = 3);
        Assert.Equal((7, 6), (tokenizer.VocabularySize, tokenizer.LargestId));

        // The model has no token with the id 7, and Hugging Face's library gives that one whatever the file says.
        tokenizer = SmallTokenizers.Load(SmallTokenizers.BytePair().Adding("<x>"), json => json["added_tokens"]![0]!["id"] = 40);
        Assert.Equal((8, 7), (tokenizer.VocabularySize, tokenizer.LargestId));
        Assert.Equal((7, "<x>"), (tokenizer.TokenToId("<x>"), tokenizer.IdToToken(7)));
        Assert.Equal((4, "abc"), (tokenizer.TokenToId("abc"), tokenizer.IdToToken(4)));
        Assert.Null(tokenizer.TokenToId("xyz"));
        Assert.Null(tokenizer.IdToToken(39));
        Assert.Equal("abc <x>", tokenizer.Decode([4, 39, 7]));
    }

    [Fact]
    public void Truncation_and_padding_of_the_file_are_not_applied()
    {
        var tokenizer = SmallTokenizers.Load(
            SmallTokenizers.WordPiece(),
            json => json["truncation"] = new System.Text.Json.Nodes.JsonObject
            {
                ["direction"] = "Right", ["max_length"] = 3, ["strategy"] = "LongestFirst", ["stride"] = 0,
            });
        Assert.Equal(8, tokenizer.Encode("unaffable, wanted").Length);
    }

    [Fact]
    public void A_lone_surrogate_is_a_replacement_character()
    {
        var tokenizer = BytePairTraining.Train(["x"], BpeTrainingOptions.ForDecoder(258));
        Assert.Equal("a\uFFFDb", tokenizer.Decode(tokenizer.Encode("a\uD800b")));
    }

    [Fact]
    public void Bytes_that_are_no_text_become_one_replacement_for_each_part_of_a_character()
    {
        // F0 9F 98 is a character cut short, FF no part of any: "maximal subparts", Unicode 15, section 3.9.
        var tokenizer = BytePairTraining.Train(["x"], BpeTrainingOptions.ForDecoder(258));
        int[] smile = tokenizer.Encode("😀");
        int[] bytes = [.. smile[..3], tokenizer.TokenToId("ÿ")!.Value, smile[3], tokenizer.TokenToId("a")!.Value];
        Assert.Equal("\uFFFD\uFFFD\uFFFDa", tokenizer.Decode(bytes));
    }

    [Fact]
    public void The_time_for_one_long_word_does_not_grow_with_its_square()
    {
        // Scanning the whole word for every merge would take 10^10 steps and more; this takes about a second on a free machine.
        var clock = Stopwatch.StartNew();
        var tokenizer = BytePairTraining.Train([new string('a', 1000)], BpeTrainingOptions.ForDecoder(262));
        Assert.Equal(12_500, tokenizer.Encode(new string('a', 200_000)).Length);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), $"took {clock.Elapsed}");
    }
}
