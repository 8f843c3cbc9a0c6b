using FsCheck;
using FsCheck.Fluent;
using Prefer.Data;
using Xunit;

namespace Prefer.Tests.Data;

public sealed class NgramOverlapTests
{
    [Fact]
    public void Counts_are_those_of_sets_of_word_lists()
    {
        Gen<string> texts = Gen.Elements("a", "b", "B", "c", "a, ", " - ", "d1 ", "b. ").ArrayOf().Select(parts => string.Join(' ', parts));
        Gen<(string[] Wanted, string[] References, int Length)> cases =
            from wanted in texts.ArrayOf()
            from references in texts.ArrayOf()
            from length in Gen.Choose(1, 4)
            select (wanted, references, length);
        Prop.ForAll(cases.ToArbitrary(), one =>
        {
            var overlap = new NgramOverlap(one.Length);
            Array.ForEach(one.Wanted, overlap.Watch);
            Array.ForEach(one.References, text => overlap.Read(text, null));
            HashSet<string> known = [.. one.References.SelectMany(text => Slow(text, one.Length))];
            foreach (string text in one.Wanted)
            {
                HashSet<string> own = [.. Slow(text, one.Length)];
                NgramShare share = overlap.Of(text);
                Assert.Equal((own.Count, own.Count(known.Contains)), (share.Count, share.FoundCount));
                Assert.Equal(share.FoundCount > 0, share.Match is not null);
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void By_hand()
    {
        var overlap = new NgramOverlap(3);
        overlap.Watch("The quick, brown fox jumps over it.");
        overlap.Read("Of a QUICK brown\nfox; jumps", new RowOrigin("train.jsonl", 7));

        // the-quick-brown, quick-brown-fox *, brown-fox-jumps *, fox-jumps-over, jumps-over-it
        NgramShare share = overlap.Of("The quick, brown fox jumps over it.");
        Assert.Equal((5, 2, "quick, brown fox", "train.jsonl:7", 0.4), (share.Count, share.FoundCount, share.Match, share.Origin?.ToString(), share.Share));
        Assert.Null(overlap.Of("two words").Share);
    }

    [Fact]
    public void Parts_count_together_and_no_ngram_reaches_over_their_ends()
    {
        var overlap = new NgramOverlap(2);
        overlap.Watch("a b");
        overlap.Watch("c a b");
        overlap.Read("b c a b", null);

        NgramShare share = overlap.Of("a b", "c a b");
        Assert.Equal((2, 2), (share.Count, share.FoundCount)); // a-b once, c-a; never b-c
    }

    [Fact]
    public void Characters_of_scripts_without_spaces_are_words()
    {
        var overlap = new NgramOverlap(3);
        overlap.Watch("水は百度で沸く");
        overlap.Read("では、水は百だ", null);

        NgramShare share = overlap.Of("水は百度で沸く");
        Assert.Equal((5, 1, "水は百"), (share.Count, share.FoundCount, share.Match));
    }

    [Fact]
    public void No_length_below_one() => Assert.Throws<ArgumentOutOfRangeException>(() => new NgramOverlap(0));

    [Fact]
    public void Reference_texts_are_all_strings_of_rows_and_paragraphs_of_plain_text()
    {
        using var folder = new DataFolder();
        folder.Write("rows.jsonl", """
            {"prompt":[{"role":"user","content":"one"}],"n":1,"other":{"deep":["two"]}}
            {"text":"three"}
            """);
        folder.Write("plain.txt", "four\nfive\n\n \nsix\n");

        Assert.Equal(
            [("user", 1), ("one", 1), ("two", 1), ("three", 2), ("four\nfive\n", 1), ("six\n", 5)],
            ReferenceTexts.Read([folder["rows.jsonl"], folder["plain.txt"]]).Select(text => (text.Text, (int)text.Origin.Line)));
    }

    private static IEnumerable<string> Slow(string text, int length)
    {
        string[] words = text.ToLowerInvariant().Split([' ', ',', '.', '-'], StringSplitOptions.RemoveEmptyEntries);
        return Enumerable.Range(0, Math.Max(0, words.Length - length + 1)).Select(start => string.Join(' ', words[start..(start + length)]));
    }
}
