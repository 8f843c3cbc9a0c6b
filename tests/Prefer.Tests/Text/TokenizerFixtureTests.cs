using Xunit;

namespace Prefer.Tests.Text;

/// <summary>Exactness against the recorded reference implementation: every text and every pair, all of what was recorded.</summary>
public sealed class TokenizerFixtureTests
{
    public static TheoryData<string> Names => ["bert-base-uncased", "gpt2", "qwen2.5", "stories260k", "t5-small", "deberta-v3"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Ids_equal_the_reference(string name)
    {
        var tokenizer = TokenizerFixtures.Load(name);
        Each(TokenizerFixtures.Texts(name), expected => (expected.Text, string.Join(' ', expected.Ids)), text => string.Join(' ', tokenizer.Encode(text)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Ids_without_special_tokens_equal_the_reference(string name)
    {
        var tokenizer = TokenizerFixtures.Load(name);
        Each(
            TokenizerFixtures.Texts(name), expected => (expected.Text, string.Join(' ', expected.IdsNoSpecial)),
            text => string.Join(' ', tokenizer.Encode(text, addSpecialTokens: false)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Offsets_equal_the_reference(string name)
    {
        var tokenizer = TokenizerFixtures.Load(name);
        Each(
            TokenizerFixtures.Texts(name),
            expected => (expected.Text, string.Join(' ', expected.Offsets.Select(range => $"{range[0]}-{range[1]}"))),
            text => string.Join(
                ' ', tokenizer.EncodeWithOffsets(text, addSpecialTokens: false).Offsets.Select(range => $"{range.Start}-{range.End}")));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Ids_are_the_same_with_offsets_and_without(string name)
    {
        // Only the one keeps the places of the characters, and a pre-tokenizer asks for them.
        var tokenizer = TokenizerFixtures.Load(name);
        foreach (var expected in TokenizerFixtures.Texts(name))
        {
            Assert.Equal(expected.Ids, tokenizer.EncodeWithOffsets(expected.Text).Ids);
            Assert.Equal(tokenizer.Encode(" " + expected.Text), tokenizer.EncodeWithOffsets(" " + expected.Text).Ids);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Decoded_text_equals_the_reference(string name)
    {
        var tokenizer = TokenizerFixtures.Load(name);
        foreach (var expected in TokenizerFixtures.Texts(name))
        {
            // "decoded" was recorded from the ids without the post-processor's tokens.
            Assert.Equal(expected.Decoded, tokenizer.Decode(expected.IdsNoSpecial));
            Assert.Equal(expected.DecodedSkipSpecial, tokenizer.Decode(expected.Ids, skipSpecialTokens: true));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Pairs_equal_the_reference(string name)
    {
        var tokenizer = TokenizerFixtures.Load(name);
        var pairs = TokenizerFixtures.Pairs(name);
        Assert.Equal(30, pairs.Count);
        foreach (var expected in pairs)
        {
            var encoding = tokenizer.EncodeWithOffsets(expected.A, expected.B);
            Assert.Equal(expected.Ids, encoding.Ids);
            Assert.Equal(expected.TypeIds, encoding.TypeIds);
            Assert.Equal(expected.Ids, tokenizer.Encode(expected.A, expected.B));

            var joined = tokenizer.AddSpecialTokens(
                tokenizer.Encode(expected.A, addSpecialTokens: false), tokenizer.Encode(expected.B, addSpecialTokens: false));
            Assert.Equal(expected.Ids, joined.Ids);
            Assert.Equal(expected.TypeIds, joined.TypeIds);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Many_threads_may_use_one_tokenizer(string name)
    {
        var tokenizer = TokenizerFixtures.Load(name);
        var texts = TokenizerFixtures.Texts(name);
        Assert.Equal(texts.Select(expected => expected.Ids), tokenizer.EncodeBatch([.. texts.Select(expected => expected.Text)]));
        Parallel.ForEach(texts.Concat(texts.Reverse()), expected => Assert.Equal(expected.Ids, tokenizer.Encode(expected.Text)));
    }

    /// <summary>Collects every difference before it fails, so that one run shows the whole extent.</summary>
    private static void Each(
        IEnumerable<TokenizerFixtures.TextCase> cases, Func<TokenizerFixtures.TextCase, (string Text, string Expected)> expect,
        Func<string, string> actual)
    {
        var differences = cases.Select(expect)
            .Select((entry, index) => (index, entry.Text, entry.Expected, Actual: actual(entry.Text)))
            .Where(entry => entry.Expected != entry.Actual)
            .Select(entry => $"text {entry.index} \"{entry.Text}\"\nexpected {entry.Expected}\nactual   {entry.Actual}")
            .ToList();
        Assert.True(differences.Count == 0, $"{differences.Count} texts differ:\n{string.Join("\n\n", differences.Take(5))}");
    }
}
