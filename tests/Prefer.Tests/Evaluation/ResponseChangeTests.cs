using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using Prefer.Evaluation;
using Prefer.Evaluation.Robustness;
using Prefer.Statistics;
using Xunit;

namespace Prefer.Tests.Evaluation;

public sealed class ResponseChangeTests
{
    private static readonly Gen<string> Texts = Gen.Elements(
        "Sure", "Here is", "I'm sorry", "a", "it's", "\"quoted\"", "“so”", "- item", "* item", "1. first", "---", ".", "! ", "? ", " ", "\n", "\n\n", "é", "🙂", "`code`", "The end.", "What now?")
        .ArrayOf().Select(parts => string.Join(' ', parts));

    public static TheoryData<string> Names => [.. ResponseChange.All.Select(change => change.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_change_that_applies_changes_the_text_and_the_seed_decides_how(string name) =>
        Check(text =>
        {
            foreach (var seed in (int[])[1, 2, 3])
            {
                var changed = Apply(name, text, seed);
                Assert.NotEqual(text, changed);
                Assert.Equal(changed, Apply(name, text, seed));
            }
        });

    [Theory]
    [InlineData("trailing_space")]
    [InlineData("list_marks")]
    [InlineData("first_letter")]
    [InlineData("quotes")]
    public void Changes_of_the_surface_keep_the_words(string name) =>
        Check(text => Assert.Equal(Words(text), Words(Apply(name, text) ?? text)));

    [Theory]
    [InlineData("list_marks")]
    [InlineData("first_letter")]
    public void Swapping_twice_gives_the_text_back(string name) => Check(text => Assert.Equal(text, Apply(name, text) is { } changed ? Apply(name, changed) : text));

    [Fact]
    public void A_paraphrased_opening_keeps_the_rest() => Check(text =>
    {
        if (Apply("opening", text) is { } changed)
        {
            var phrase = OpeningChange.Groups.SelectMany(group => group).Where(phrase => text.StartsWith(phrase, StringComparison.Ordinal)).MaxBy(phrase => phrase.Length)!;
            var group = OpeningChange.Groups.Single(group => group.Contains(phrase));
            Assert.Contains(group, other => changed == other + text[phrase.Length..]);
        }
    });

    [Fact]
    public void No_phrase_stands_in_two_groups() =>
        Assert.Equal(OpeningChange.Groups.Sum(group => group.Length), OpeningChange.Groups.SelectMany(group => group).Distinct().Count());

    [Fact]
    public void Truncation_leaves_the_first_half_of_the_words() => Check(text =>
    {
        if (Apply("truncated", text) is { } changed)
        {
            var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(words.Take(words.Length / 2), changed.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            Assert.StartsWith(changed, text, StringComparison.Ordinal);
        }
    });

    [Fact]
    public void Shuffling_keeps_the_sentences_and_what_is_between_them() => Check(text =>
    {
        if (Apply("shuffled_sentences", text) is { } changed)
        {
            Assert.Equal(text.Order(), changed.Order());
            // A sentence that only a line's end ended would run into the next one elsewhere.
            if (Sentences.Of(text).Parts.All(part => part[^1] is '.' or '!' or '?' && part[..^1].Any(c => !char.IsAsciiDigit(c))))
            {
                Assert.Equal(Sentences.Of(text).Parts.Order(StringComparer.Ordinal), Sentences.Of(changed).Parts.Order(StringComparer.Ordinal));
                Assert.Equal(Sentences.Of(text).Gaps, Sentences.Of(changed).Gaps);
            }
        }
    });

    [Fact]
    public void Sentences_and_gaps_are_the_text() => Prop.ForAll(Texts.ToArbitrary(), text =>
    {
        var (parts, gaps) = Sentences.Of(text);
        Assert.Equal(text, Sentences.Join(parts, gaps));
        Assert.Equal(parts.Count + 1, gaps.Count);
        Assert.All(parts, part => Assert.Equal(part.Trim(), part));
        Assert.All(gaps, gap => Assert.True(string.IsNullOrWhiteSpace(gap)));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_repeated_paragraph_is_in_the_text_twice() => Check(text =>
    {
        if (Apply("repeated_paragraph", text) is { } changed)
        {
            var before = Paragraphs(text);
            var after = Paragraphs(changed);
            Assert.Equal(before.Length + 1, after.Length);
            Assert.Contains(Enumerable.Range(1, after.Length - 1), place => after[place] == after[place - 1] && after.Where((_, index) => index != place).SequenceEqual(before));
        }
    });

    [Fact]
    public void A_refusal_is_recognised_as_one_and_not_put_in_place_of_another()
    {
        Assert.All(ReplacementChanges.Refusals, refusal => Assert.True(RefusalPhrases.AreIn(refusal)));
        Assert.Null(Apply("refusal", "I can't help with that, sadly."));
        Assert.Contains(Apply("refusal", "Yes."), ReplacementChanges.Refusals);
    }

    [Theory]
    [InlineData("trailing_space", "a", "a ")]
    [InlineData("first_letter", "Hello", "hello")]
    [InlineData("first_letter", "éa", "Éa")]
    [InlineData("first_letter", "5 a", null)]
    [InlineData("first_letter", "", null)]
    [InlineData("list_marks", "- a\n  * b\n* **c**", "* a\n  - b\n- **c**")]
    [InlineData("list_marks", "a - b\n---\n* * *\n**bold**\n-5", null)]
    [InlineData("quotes", "\"It's 'so',\" he said.", "“It’s ‘so’,” he said.")]
    [InlineData("quotes", "“It’s”", "\"It's\"")]
    [InlineData("quotes", "`x = \"y\"`", null)]
    [InlineData("quotes", "plain", null)]
    [InlineData("opening", "Sure thing", "?")]
    [InlineData("opening", "Surely", null)]
    [InlineData("opening", "Here is it", "Here's it")]
    [InlineData("opening", "I'm sorry, no", "I am sorry, no")]
    [InlineData("truncated", "1 2 3 4 5 6 7 8 9", "1 2 3 4")]
    [InlineData("truncated", "1 2 3 4 5 6 7", null)]
    [InlineData("shuffled_sentences", "One. Two.", null)]
    [InlineData("shuffled_sentences", "A. A. A.", null)]
    [InlineData("shuffled_sentences", "1. A and b", null)]
    [InlineData("repeated_paragraph", "A b\n", "A b\n\nA b\n")]
    [InlineData("repeated_paragraph", "", null)]
    [InlineData("other_answer", "A", "another")]
    [InlineData("other_answer", "another", null)]
    public void By_hand(string name, string text, string? expected)
    {
        var changed = Apply(name, text);
        Assert.Equal(expected == "?" ? changed : expected, changed);
        Assert.True(expected != "?" || (changed is not null && changed.EndsWith(" thing", StringComparison.Ordinal)));
    }

    private static void Check(Action<string> check) => Prop.ForAll(Texts.ToArbitrary(), check).QuickCheckThrowOnFailure();

    private static string? Apply(string name, string text, int seed = 1) =>
        ResponseChange.All.Single(change => change.Name == name).Apply(text, new ChangeContext(new SplitMix64((ulong)seed), "another"));

    private static string[] Words(string text) => [.. Regex.Matches(text.ToLowerInvariant(), @"[\p{L}\p{N}]+").Select(word => word.Value)];

    private static string[] Paragraphs(string text) => [.. Regex.Split(text, @"\n[ \t\r]*\n").Select(part => part.Trim()).Where(part => part.Length > 0)];
}
