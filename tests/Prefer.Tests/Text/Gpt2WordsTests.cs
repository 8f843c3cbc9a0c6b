using FsCheck;
using FsCheck.Fluent;
using Prefer.Text.PreTokenizers;
using Xunit;

namespace Prefer.Tests.Text;

public sealed class Gpt2WordsTests
{
    private static readonly string[] Fragments =
    [
        "a", "Zé", "'", "'s", "'S", "'re", "'ll", "'l", "ve", " ", "  ", "\n", "\t", "\u00A0", "\u3000", "\u0085", "1", "½", "٣", "!", "…", "'d",
        "\u0301", "😀", "𝐀", "𝟘", "𠀀", "\u200B", "_", "-",
    ];

    [Fact]
    public void The_scanner_finds_the_words_of_the_regular_expression()
    {
        var texts = Gen.Elements(Fragments).ListOf().Select(string.Concat).ToArbitrary();
        Prop.ForAll(texts, text => Scan(text).SequenceEqual(SlowGpt2.Words(text))).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
    }

    [Theory]
    [InlineData("I'll've", "I|'ll|'ve")]
    [InlineData("a  b", "a| | b")]
    [InlineData("a \n b", "a| \n| b")]
    [InlineData("a  ", "a|  ")]
    [InlineData("𝐀𝐁 x𝟘", "𝐀𝐁| x|𝟘")]
    [InlineData("'S!'s", "'|S|!'|s")]
    public void Words_are_those_worked_out_by_hand(string text, string words) => Assert.Equal(words, string.Join('|', Scan(text)));

    private static List<string> Scan(string text)
    {
        var words = new List<string>();
        for (var start = 0; start < text.Length;)
        {
            var end = Gpt2Words.End(text, start);
            words.Add(text[start..end]);
            start = end;
        }

        return words;
    }
}
