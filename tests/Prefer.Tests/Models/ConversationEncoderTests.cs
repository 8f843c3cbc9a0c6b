using System.Collections.Immutable;
using Prefer.Data;
using Prefer.Models;
using Prefer.Text;
using Xunit;

namespace Prefer.Tests.Models;

/// <summary>How prompt and response become ids, and what truncation takes away.</summary>
public sealed class ConversationEncoderTests
{
    private const int End = 1, Classifier = 1, Separator = 2;

    private static readonly string[] Words = ["water", "boils", "at", "hello", "the", "quick", "brown", "fox", "languages", "é", "你好", "👋", "<|endoftext|>", "a"];

    private static readonly Tokenizer ForDecoder = SmallTextModel.Tokenizer(isCausal: true).Tokenizer!;

    private static readonly Tokenizer ForEncoder = SmallTextModel.Tokenizer(isCausal: false).Tokenizer!;

    private static readonly ImmutableArray<Message> Dialogue = [new("system", "Be brief."), new("user", "hello"), new("assistant", "hi"), new("user", "water?")];

    [Fact]
    public void Ids_with_none_in_them_are_refused_as_such()
    {
        var encoder = new ConversationEncoder(ForDecoder, new EncodingOptions { Mode = EncodingMode.Template, MaxLength = 64 }, null);
        var error = Assert.Throws<DataException>(() => encoder.Encode([], new Response { InputIds = [] }));
        Assert.Equal("a list of token ids with none in it; at least one was expected", error.Message);
    }

    [Fact]
    public void A_dialogue_is_rendered_by_the_plain_template() =>
        Assert.Equal(
            ForDecoder.Encode("System: Be brief.\n\nHuman: hello\n\nAssistant: hi\n\nHuman: water?\n\nAssistant: It boils.", addSpecialTokens: false),
            Encode(ForDecoder, EncodingMode.Template, Dialogue, "It boils."));

    [Fact]
    public void The_end_token_follows_once()
    {
        var plain = ForDecoder.Encode("Human: hello\n\nAssistant: hi", addSpecialTokens: false);
        Assert.Equal([.. plain, End], Encode(ForDecoder, EncodingMode.Template, [new("user", "hello")], "hi", append: true));

        // A tokenizer that adds it too.
        var ending = Encode(ForEncoder, EncodingMode.Concat, [new("user", "hello")], "hi", append: true, end: Separator);
        Assert.Equal([Classifier, .. ForEncoder.Encode("hello", addSpecialTokens: false), .. ForEncoder.Encode("hi", addSpecialTokens: false), Separator], ending);
    }

    [Fact]
    public void A_pair_has_its_separators_and_segments()
    {
        var encoder = new ConversationEncoder(ForEncoder, new EncodingOptions { Mode = EncodingMode.Pair, MaxLength = 64 }, null);
        var (first, second) = (ForEncoder.Encode("hello", addSpecialTokens: false), ForEncoder.Encode("It boils.", addSpecialTokens: false));

        var encoded = encoder.Encode([new("user", "hello")], Response.FromText("It boils."));

        Assert.Equal([Classifier, .. first, Separator, .. second, Separator], encoded.Ids);
        Assert.Equal([.. Enumerable.Repeat(0, first.Length + 2), .. Enumerable.Repeat(1, second.Length + 1)], encoded.TokenTypes);
    }

    [Fact]
    public void A_pair_whose_prompt_is_a_dialogue_has_it_rendered() =>
        Assert.Equal(
            ForEncoder.Encode("System: Be brief.\n\nHuman: hello\n\nAssistant: hi\n\nHuman: water?", "It boils."),
            Encode(ForEncoder, EncodingMode.Pair, Dialogue, "It boils."));

    [Fact]
    public void Concatenation_puts_the_response_s_tokens_behind_the_prompt_s() =>
        Assert.Equal(
            [.. ForDecoder.Encode("hel", addSpecialTokens: false), .. ForDecoder.Encode("lo", addSpecialTokens: false)],
            Encode(ForDecoder, EncodingMode.Concat, [new("user", "hel")], "lo"));

    [Theory]
    [InlineData(EncodingMode.Template)]
    [InlineData(EncodingMode.Pair)]
    [InlineData(EncodingMode.Concat)]
    public void A_text_is_encoded_as_it_stands(EncodingMode mode)
    {
        var text = new Response { Turns = [new Message("text", "\n\nHuman: hello\n\nAssistant: hi")] };
        var encoder = new ConversationEncoder(ForEncoder, new EncodingOptions { Mode = mode, MaxLength = 64 }, null);

        Assert.Equal(ForEncoder.Encode("\n\nHuman: hello\n\nAssistant: hi"), encoder.Encode([], text).Ids);
    }

    [Fact]
    public void Ids_are_taken_as_they_are_and_too_many_of_them_refused_with_their_place()
    {
        var encoder = new ConversationEncoder(ForDecoder, new EncodingOptions { MaxLength = 4, AppendEndToken = true }, End);
        var (fits, tooLong) = (new Response { InputIds = [9, 8, 7, 6], TokenTypeIds = [0, 0, 1, 1] }, new Response { InputIds = [9, 8, 7, 6, 5] });

        Assert.Equal([9, 8, 7, 6], encoder.Encode([], fits).Ids);
        Assert.Equal([0, 0, 1, 1], encoder.Encode([], fits).TokenTypes);
        var error = Assert.Throws<DataException>(() => encoder.Encode([], tooLong, new RowOrigin("data.jsonl", 7)));
        Assert.StartsWith("data.jsonl:7: 5 token ids, more than the maximum length of 4.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_without_a_tokenizer_and_rows_without_tokens_are_refused_with_their_place()
    {
        var none = new ConversationEncoder(null, new EncodingOptions { Mode = EncodingMode.Concat }, null);
        Assert.StartsWith("data.jsonl:7: text, but the model folder has no tokenizer.json.",
            Assert.Throws<DataException>(() => none.Encode([new("user", "a")], Response.FromText("b"), new RowOrigin("data.jsonl", 7))).Message, StringComparison.Ordinal);
        var some = new ConversationEncoder(ForDecoder, new EncodingOptions { Mode = EncodingMode.Concat }, null);
        Assert.StartsWith("data.jsonl:7: the row encodes to no tokens at all",
            Assert.Throws<DataException>(() => some.Encode([new("user", "")], Response.FromText(""), new RowOrigin("data.jsonl", 7))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_maximum_length_that_leaves_no_room_is_refused()
    {
        var encoder = new ConversationEncoder(ForEncoder, new EncodingOptions { Mode = EncodingMode.Pair, MaxLength = 3 }, null);

        var error = Assert.Throws<DataException>(() => encoder.Encode([new("user", "a")], Response.FromText("b")));
        Assert.Equal("the maximum length of 3 tokens leaves no room beside 3 special tokens; raise --max-length", error.Message);
    }

    [Theory]
    [InlineData(EncodingMode.Template, true)]
    [InlineData(EncodingMode.Concat, true)]
    [InlineData(EncodingMode.Template, false)]
    [InlineData(EncodingMode.Concat, false)]
    [InlineData(EncodingMode.Pair, false)]
    public void Truncation_keeps_leading_specials_the_prompt_s_end_and_the_response_s_beginning(EncodingMode mode, bool isDecoder)
    {
        var random = new Random(3);
        var (tokenizer, specialCount) = isDecoder ? (ForDecoder, 1) : (ForEncoder, mode == EncodingMode.Pair ? 3 : 2);
        var truncatedCount = 0;
        for (var round = 0; round < 400; round++)
        {
            ImmutableArray<Message> prompt = [.. Enumerable.Range(0, 1 + (2 * random.Next(2))).Select(turn => new Message(turn % 2 == 0 ? "user" : "assistant", Text(random)))];
            var response = Response.FromText(Text(random));
            EncodedSequence Cut(int maxLength) => new ConversationEncoder(tokenizer, new EncodingOptions { Mode = mode, AppendEndToken = isDecoder, MaxLength = maxLength }, isDecoder ? End : null).Encode(prompt, response);
            var whole = Cut(10_000);
            var maxLength = random.Next(specialCount + 3, 120);

            var cut = Cut(maxLength);

            Assert.Equal(0, whole.RemovedCount);
            Assert.Equal(Math.Min(whole.Ids.Length, maxLength), cut.Ids.Length);
            Assert.Equal(whole.Ids.Length - cut.Ids.Length, cut.RemovedCount);
            Assert.Equal(cut.TokenTypes.IsEmpty ? 0 : cut.Ids.Length, cut.TokenTypes.Length);
            if (whole.Ids.Length <= maxLength)
            {
                Assert.True(cut.SameAs(whole));
                continue;
            }
            truncatedCount++;
            var (promptIds, responseIds) = Parts(tokenizer, mode, prompt, response);
            var leading = promptIds.TakeWhile(id => id is 0 or 1 or 2 && (id != 2 || !isDecoder)).Count();
            // Either the whole response stands behind the prompt's end, or of the prompt only leading special tokens are left.
            Assert.Contains(Enumerable.Range(0, cut.Ids.Length + 1), kept =>
            {
                var keptPrompt = cut.Ids.Length - specialCount - kept;
                return keptPrompt >= leading && keptPrompt < promptIds.Length + 1 && kept <= responseIds.Length && (kept == responseIds.Length || keptPrompt == leading)
                    && Surround(isDecoder, mode, [.. promptIds[..leading], .. promptIds[(promptIds.Length - (keptPrompt - leading))..]], responseIds[..kept]).SequenceEqual(cut.Ids);
            });
        }
        Assert.InRange(truncatedCount, 100, 390);
    }

    /// <summary>Prompt and response as ids, without what is put around them.</summary>
    private static (int[] Prompt, int[] Response) Parts(Tokenizer tokenizer, EncodingMode mode, ImmutableArray<Message> prompt, Response response)
    {
        int[] Ids(string text) => tokenizer.Encode(text, addSpecialTokens: false);
        if (mode != EncodingMode.Template)
        {
            return (Ids(prompt.Length == 1 ? prompt[0].Content : ConversationEncoder.RenderPlain(prompt, openReply: false)), Ids(response.Text));
        }
        var (whole, before) = (Ids(ConversationEncoder.RenderPlain([.. prompt, .. response.Turns], openReply: false)), Ids(ConversationEncoder.RenderPlain(prompt, openReply: true)));
        var boundary = whole.Zip(before).TakeWhile(pair => pair.First == pair.Second).Count();
        return (whole[..boundary], whole[boundary..]);
    }

    private static int[] Surround(bool isDecoder, EncodingMode mode, int[] prompt, int[] response) =>
        isDecoder ? [.. prompt, .. response, End]
        : mode == EncodingMode.Pair ? [Classifier, .. prompt, Separator, .. response, Separator]
        : [Classifier, .. prompt, .. response, Separator];

    // The special token of the decoder stands at the beginning at times, and at times in the middle.
    private static string Text(Random random) => string.Join(random.Next(5) == 0 ? "" : " ", Enumerable.Range(0, random.Next(1, 20)).Select(_ => Words[random.Next(Words.Length)]));

    private static ImmutableArray<int> Encode(Tokenizer tokenizer, EncodingMode mode, ImmutableArray<Message> prompt, string response, bool append = false, int end = End) =>
        new ConversationEncoder(tokenizer, new EncodingOptions { Mode = mode, AppendEndToken = append, MaxLength = 200 }, end).Encode(prompt, Response.FromText(response)).Ids;
}
