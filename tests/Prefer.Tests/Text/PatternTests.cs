using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Prefer.Text;
using Prefer.Text.Patterns;
using Prefer.Text.PreTokenizers;
using Prefer.Text.Unicode;
using Xunit;

namespace Prefer.Tests.Text;

/// <summary>The regular expressions beside .NET's where the two agree, and what is peculiar to them.</summary>
public sealed class PatternTests
{
    private const string Gpt2 = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    /// <summary>Patterns that mean the same to .NET on text of the basic plane.</summary>
    public static TheoryData<string> Shared =>
    [
        Gpt2, @"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+", @"(?:ab?)*?c|(?:a|ab)+c", @"(?<=a|bc)\S{2,}?",
        @"(a|b)\1", @"(?>a+b?)a|.", @"(?:(?:a{1,2}){2,3})+b", @"(?<!\s)[^a-c]+(?=b)", "x*", @"(?:a?b?)*c", @"(?=(a+))\1b", @"\z|\A.", @"(\S)(\S)\2\1",
    ];

    [Theory]
    [MemberData(nameof(Shared))]
    public void Matches_equal_those_of_NET_where_the_two_mean_the_same(string pattern)
    {
        var ours = Pattern.Compile(pattern);
        var other = new Regex(pattern, RegexOptions.CultureInvariant);
        var random = new Random(5);
        for (var round = 0; round < 2000; round++)
        {
            var text = RandomText(random, "aaabbccx  \n1é日'.");
            var expected = new List<(int, int)>();
            foreach (Match match in other.Matches(text))
            {
                // An empty match where the one before ended is not given here.
                if (text.Length > 0 && (match.Length > 0 || expected.Count == 0 || expected[^1].Item2 != match.Index))
                {
                    expected.Add((match.Index, match.Index + match.Length));
                }
            }

            Assert.Equal(expected, Found(ours, text));
        }
    }

    [Fact]
    public void The_scanner_for_GPT2_words_equals_its_pattern()
    {
        var pattern = Pattern.Compile(Gpt2);
        var random = new Random(6);
        for (var round = 0; round < 5000; round++)
        {
            var text = RandomText(random, "'strevmld  \n\u3000a1ⅷé日\u0301.😀𝒜𝟗");
            var expected = new List<(int, int)>();
            for (var at = 0; at < text.Length; at = expected[^1].Item2)
            {
                expected.Add((at, Gpt2Words.End(text, at)));
            }

            Assert.Equal(expected, Found(pattern, text));
        }
    }

    [Fact]
    public void The_scanner_for_GPT2_words_and_the_patterns_know_the_same_characters()
    {
        for (var code = 0; code < CodePointSet.Limit; code += code == 0xD7FF ? 0x801 : 1)
        {
            var category = Rune.GetUnicodeCategory(new Rune(code));
            var isLetter = category <= UnicodeCategory.OtherLetter;
            var isNumber = category is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;
            Assert.True(
                isLetter == CodePointTable.Properties["l"].Contains(code) && isNumber == CodePointTable.Properties["n"].Contains(code)
                && Rune.IsWhiteSpace(new Rune(code)) == CodePointTable.Properties["space"].Contains(code),
                $"U+{code:X4}");
        }
    }

    [Theory]
    [InlineData(@"[^\p{L}]", "a😀b", "1-3")]
    [InlineData(@".", "😀\n", "0-2")]
    [InlineData(@"[😀-😎]+", "x😀😃😎x", "1-7")]
    [InlineData(@"a{2}?b", "aab ab b", "0-3 5-6 7-8")] // {n}? is an optional {n}
    [InlineData(@"a{1,2}+b", "aaaab", "0-5")] // {n,m}+ repeats {n,m}
    [InlineData(@"a{3,1}a", "aaa aaaa", "4-8")] // {m,n} is possessive
    [InlineData(@"^a$", "a\na\n", "0-1 2-3")] // lines, always
    [InlineData(@"(?i)straße", "STRASSE straẞe ſtraße", "0-7 8-14 15-21")]
    [InlineData(@"'(?i:[sdmt]|ll)", "'ſ 'LL 'K", "0-2 3-6")]
    [InlineData(@"(?i)k", "kK\u212A", "0-1 1-2 2-3")]
    [InlineData(@" ?[^(\s|[.,!?…])]+", "ab(c|d) e", "0-2 3-4 5-6 7-9")] // brackets in brackets
    [InlineData(@"[\p{L}&&[^\p{Han}]]+", "ab日c", "0-2 3-4")]
    [InlineData(@"\w", "²", "0-1")]
    [InlineData(@"[\w]", "²", "")]
    public void Patterns_match_code_points_as_the_reference_does(string pattern, string text, string expected)
    {
        var found = string.Join(' ', Found(Pattern.Compile(pattern), text).Select(range => $"{range.Start}-{range.End}"));
        Assert.Equal(expected, found);
    }

    [Theory]
    [InlineData("(", "has a \"(\" without its \")\" (at character 1)")]
    [InlineData("a)", "has a \")\" without its \"(\" (at character 1)")]
    [InlineData("*a", "has a quantifier with nothing before it (at character 1)")]
    [InlineData("^*", "repeats a part that takes nothing (at character 2)")]
    [InlineData("[a", "has a \"[\" without its \"]\" (at character 2)")]
    [InlineData("[b-a]", "has a range whose end comes before its start (at character 4)")]
    [InlineData(@"[a-\d]", "has a range that ends in a class (at character 5)")]
    [InlineData(@"\p{Hans}", "names the property \"Hans\", which is not known (at character 8)")]
    [InlineData("(?s).", "uses \"(?s\", which is not supported (at character 3)")]
    [InlineData("(?~a)", "uses \"(?~\", which is not supported (at character 3)")]
    [InlineData("(?<=a++)b", "uses a part of a look-behind that is not tried again, which is not supported (at character 7)")]
    [InlineData(@"\X", "uses \"\\X\", which is not supported (at character 2)")]
    [InlineData(@"a\", "ends in the middle of a part (at character 2)")]
    public void What_cannot_be_read_is_refused_with_its_place(string pattern, string message)
    {
        Assert.Equal(message, Assert.Throws<PatternException>(() => Pattern.Compile(pattern)).Message);
        var json = SmallTokenizers.BytePair();
        json["pre_tokenizer"] = new System.Text.Json.Nodes.JsonObject
        {
            ["type"] = "Split", ["pattern"] = new System.Text.Json.Nodes.JsonObject { ["Regex"] = pattern }, ["behavior"] = "Isolated", ["invert"] = false,
        };
        Assert.Equal(
            $"small.json: pre_tokenizer.pattern.Regex is a regular expression that {message}: {pattern}",
            Assert.Throws<TokenizerException>(() => SmallTokenizers.Load(json)).Message);
    }

    [Fact]
    public void A_long_text_does_not_overflow_the_stack_and_an_endless_search_is_ended()
    {
        Assert.Equal([(0, 300_000)], Found(Pattern.Compile(@"(?:\p{L}\p{M}?|\s)+"), new string('a', 300_000)));
        var message = Assert.Throws<TokenizerException>(() => Found(Pattern.Compile("(?:a|a)*b"), new string('a', 40))).Message;
        Assert.StartsWith("a regular expression of the tokenizer went back 10,000,000 times in a text of 40 UTF-16 units", message, StringComparison.Ordinal);
    }

    private static List<(int Start, int End)> Found(Pattern pattern, string text)
    {
        var found = new List<(int Start, int End)>();
        foreach (var match in pattern.Matches(text))
        {
            found.Add(match);
        }

        return found;
    }

    private static string RandomText(Random random, string alphabet)
    {
        Rune[] runes = [.. alphabet.EnumerateRunes()];
        return string.Concat(Enumerable.Range(0, random.Next(14)).Select(_ => runes[random.Next(runes.Length)]));
    }
}
