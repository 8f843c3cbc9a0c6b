using FsCheck;
using FsCheck.Fluent;
using Prefer.Data;
using Xunit;

namespace Prefer.Tests.Data;

public sealed class DeduplicationTests
{
    private static readonly Comparison[] Rows =
    [
        Pair("Is it?", "Yes, it is.", "No"), // 0
        Pair("Is it?", "Yes, it is.", "No"), // 1: 0 again
        Pair("is  it", "YES it is", "no!"), // 2: 0 again, normalised
        Pair("Is it?", "No", "Yes, it is."), // 3: 0 the other way round
        Pair("Is it?", "Yes, it is.", "No", 0.5), // 4: 0 as a tie
        Pair("Pi?", "3.14", "35"), // 5
        Pair("Pi?", "314", "35"), // 6: another number, not a repeat
        Pair("Tie?", "a", "b", 0.5), // 7
        Pair("Tie?", "b", "a", 0.5), // 8: 7 again, a tie has no direction
        Pair("Same?", "x", "x"), // 9: identical
        Pair("Same?", "x", "x", 0.5), // 10: identical, and no contradiction
        Pair("Empty?", "x", " "), // 11: empty
        Pair("Case?", "Yes", "yes."), // 12: differ in what folding takes away
        Pair("Case?", "yes.", "Yes"), // 13: 12 the other way round
    ];

    [Fact]
    public void Finds_what_is_there()
    {
        Deduplication found = Deduplication.Of(Rows);

        Assert.Equal([(0, 1), (7, 8)], found.ExactDuplicates.Select(Indices));
        Assert.Equal([(0, 2)], found.NormalisedDuplicates.Select(Indices));
        Assert.Equal(["0 1 2 3 4 True", "12 13 True"], found.Contradictions.Select(one => $"{string.Join(' ', one.Comparisons.Select(IndexOf))} {one.IsBothWays}"));
        Assert.Equal([9, 10], found.Identical.Select(IndexOf));
        Assert.Equal([11], found.EmptySides.Select(IndexOf));
        Assert.Equal([0, 3, 4, 5, 6, 7, 12, 13], found.Kept.Select(IndexOf));
        Assert.Equal(6, found.LeftOutCount);
    }

    [Fact]
    public void Policies_decide_what_is_left()
    {
        Assert.Equal([0, 2, 3, 4, 5, 6, 7, 12, 13], Kept(new DeduplicationOptions { Match = DuplicateMatch.Exact }));
        Assert.Equal([5, 6, 7], Kept(new DeduplicationOptions { OnContradiction = OnContradiction.Drop }));
        Assert.Equal([0, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13], Kept(new DeduplicationOptions { KeepUnusable = true }));
        Assert.Empty(Deduplication.Of([]).Kept);
    }

    [Fact]
    public void A_tie_beside_a_preference_is_no_contradiction_both_ways() =>
        Assert.False(Assert.Single(Deduplication.Of([Pair("p", "a", "b"), Pair("p", "b", "a", 0.5)]).Contradictions).IsBothWays);

    [Fact]
    public void A_label_that_was_turned_round_is_the_same_label()
    {
        List<Comparison> read = DataFolder.Read("""
            {"prompt":"p","a":"x","b":"z","y":0.7}
            {"prompt":"p","a":"z","b":"x","y":0.3}
            """);
        Assert.Single(Deduplication.Of(read).ExactDuplicates);
    }

    [Fact]
    public void Counts_are_those_of_comparing_every_row_with_every_row()
    {
        // Few texts, so that everything happens.
        Gen<string> texts = Gen.Elements("a", "A", "a.", "b", "b!", " ", "1.5");
        Gen<Comparison> rows =
            from prompt in Gen.Elements("p", "P?", "q")
            from chosen in texts
            from rejected in texts
            from label in Gen.Elements(1, 0.5)
            select Pair(prompt, chosen, rejected, label);
        Prop.ForAll(rows.ListOf().ToArbitrary(), list =>
        {
            Deduplication found = Deduplication.Of(list);
            bool Repeats(int index, Func<string, string> form) => Enumerable.Range(0, index).Any(earlier => SameJudgement(list[earlier], list[index], form));
            int exact = Enumerable.Range(0, list.Count).Count(index => Repeats(index, text => text));
            int any = Enumerable.Range(0, list.Count).Count(index => Repeats(index, Simple));
            Assert.Equal((exact, any - exact), (found.ExactDuplicates.Length, found.NormalisedDuplicates.Length));
            Assert.Equal(list.Count(row => row.HasEmptySide), found.EmptySides.Length);
            Assert.Equal(list.Count, found.Kept.Length + found.LeftOutCount);
            Assert.Equal(found.Kept, Deduplication.Of(found.Kept).Kept);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Folding_twice_changes_nothing() =>
        Prop.ForAll(Gen.Elements("a", "B", " ", ".", "-", "5", "é", "\n", "“", "!", "*").ArrayOf().Select(string.Concat).ToArbitrary(), text =>
        {
            string folded = FoldedText.Of(text);
            Assert.Equal(folded, FoldedText.Of(folded));
            Assert.Equal(folded, FoldedText.Of(text.ToUpperInvariant()));
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("Don’t  STOP!\n", "don t stop")]
    [InlineData("-5 is not 5.", "-5 is not 5")]
    [InlineData("?!", "?!")]
    [InlineData("", "")]
    public void Folding_by_hand(string text, string folded) => Assert.Equal(folded, FoldedText.Of(text));

    [Fact]
    public void Pandalm_holds_what_was_counted_in_it_with_another_program()
    {
        Deduplication found = Deduplication.Of(DataSource.Open([Repository.Shared("data", "pandalm", "comparisons.jsonl.gz")]).Comparisons());

        Assert.Equal((54, 136, 0), (found.EmptySides.Length, found.ExactDuplicates.Length, found.Contradictions.Length));
        Assert.NotEmpty(found.NormalisedDuplicates);
    }

    [Fact]
    public void Hh_rlhf_holds_identical_pairs_and_empty_sides()
    {
        List<Comparison> rows = [.. DataSource.Open([Repository.Shared("data", "hh-rlhf", "train.jsonl.gz")]).Comparisons()];
        Deduplication found = Deduplication.Of(rows);

        Assert.Equal((30, 9), (found.Identical.Length, found.EmptySides.Length));
        Assert.Equal(found.Kept, Deduplication.Of(found.Kept).Kept);
    }

    private static int[] Kept(DeduplicationOptions options) => [.. Deduplication.Of(Rows, options).Kept.Select(IndexOf)];

    private static (int, int) Indices(Repeat repeat) => (IndexOf(repeat.First), IndexOf(repeat.Again));

    private static int IndexOf(Comparison comparison) => Array.FindIndex(Rows, row => ReferenceEquals(row, comparison));

    // The same judgement, by the definition: the same pair in one of the two orders, with the label that belongs to it.
    private static bool SameJudgement(Comparison one, Comparison other, Func<string, string> form)
    {
        // Responses that differ in what the form takes away only are compared as they stand.
        Func<string, string> formOf(Comparison pair) => form(pair.Chosen.Text) == form(pair.Rejected.Text) ? text => text : form;
        string[] Parts(Comparison pair) => [formOf(pair)(pair.Prompt[0].Content), formOf(pair)(pair.Chosen.Text), formOf(pair)(pair.Rejected.Text)];
        (string[] first, string[] second) = (Parts(one), Parts(other));
        return first[0] == second[0]
            && ((first[1] == second[1] && first[2] == second[2] && one.Label == other.Label)
                || (first[1] == second[2] && first[2] == second[1] && first[1] != first[2] && one.Label == 1 - other.Label));
    }

    private static string Simple(string text)
    {
        string words = string.Join(' ', text.ToLowerInvariant().Replace("!", " ", StringComparison.Ordinal).Replace("?", " ", StringComparison.Ordinal).Replace("a.", "a ", StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return words.Length > 0 ? words : text.Trim();
    }

    private static Comparison Pair(string prompt, string chosen, string rejected, double label = 1) => new()
    {
        Prompt = [new Message("user", prompt)], Chosen = Response.FromText(chosen), Rejected = Response.FromText(rejected), Label = label,
    };
}
