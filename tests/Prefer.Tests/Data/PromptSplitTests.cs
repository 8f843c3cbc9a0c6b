using FsCheck;
using FsCheck.Fluent;
using Prefer.Data;
using Xunit;
using static Prefer.Tests.Data.DataFolder;

namespace Prefer.Tests.Data;

public sealed class PromptSplitTests
{
    private static Comparison Pair(string prompt, string chosen = "A", string rejected = "B") => new()
    {
        Prompt = [new Message("user", prompt)],
        Chosen = Response.FromText(chosen),
        Rejected = Response.FromText(rejected),
    };

    private static List<Comparison> Pairs(int prompts, int each) => [.. from prompt in Enumerable.Range(0, prompts) from _ in Enumerable.Range(0, each) select Pair($"Q{prompt}")];

    private static IEnumerable<string> Prompts(IEnumerable<Comparison> comparisons) => comparisons.Select(comparison => comparison.Prompt[0].Content).Distinct().Order(StringComparer.Ordinal);

    [Fact]
    public void No_prompt_is_on_both_sides_and_no_row_is_lost()
    {
        Gen<(List<Comparison> Rows, double Fraction, int Seed)> cases =
            from prompts in Gen.Choose(0, 9).NonEmptyListOf()
            from percent in Gen.Choose(1, 99)
            from seed in Gen.Choose(0, 1000)
            select (prompts.Append(10).Append(11).Select(prompt => Pair($"Q{prompt}")).ToList(), percent / 100.0, seed);
        Prop.ForAll(cases.ToArbitrary(), one =>
        {
            PromptSplit split = PromptSplit.ByFraction(one.Rows, one.Fraction, one.Seed);
            Assert.Empty(Prompts(split.Kept).Intersect(Prompts(split.HeldOut)));
            Assert.Equal(one.Rows.Count, split.Kept.Length + split.HeldOut.Length);
            Assert.False(split.Kept.IsEmpty || split.HeldOut.IsEmpty);

            // The cut is as near as the largest prompt allows.
            int largest = one.Rows.CountBy(row => row.Prompt[0].Content).Max(prompt => prompt.Value);
            Assert.InRange(split.HeldOut.Length - one.Fraction * one.Rows.Count, -largest, largest);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void The_fraction_is_hit_where_prompts_are_many()
    {
        Assert.Equal(300, PromptSplit.ByFraction(Pairs(1000, 3), 0.1, seed: 1).HeldOut.Length);
        Assert.Equal(99, PromptSplit.ByCount(Pairs(1000, 3), 100, seed: 1).HeldOut.Length);
    }

    [Fact]
    public void The_order_of_the_rows_changes_nothing_and_the_seed_does()
    {
        List<Comparison> rows = Pairs(50, 2);
        IEnumerable<string> held = Prompts(PromptSplit.ByFraction(rows, 0.2, seed: 3).HeldOut);
        Assert.Equal(held, Prompts(PromptSplit.ByFraction(Enumerable.Reverse(rows), 0.2, seed: 3).HeldOut));
        Assert.NotEqual(held, Prompts(PromptSplit.ByFraction(rows, 0.2, seed: 4).HeldOut));
    }

    [Fact]
    public void Rows_keep_their_order()
    {
        List<Comparison> rows = Pairs(20, 2);
        PromptSplit split = PromptSplit.ByFraction(rows, 0.5, seed: 0);
        Assert.Equal(rows.Where(split.HeldOut.Contains), split.HeldOut);
        Assert.Equal(rows.Where(split.Kept.Contains), split.Kept);
    }

    [Fact]
    public void The_same_prompts_are_held_out_on_every_machine() =>
        Assert.Equal(["Q2", "Q5"], Prompts(PromptSplit.ByFraction(Pairs(10, 1), 0.2, seed: 42).HeldOut));

    [Fact]
    public void Fingerprints_ignore_white_space_and_see_roles()
    {
        Assert.Equal(PromptFingerprint.Of(Pair("a  b\n")), PromptFingerprint.Of(Pair(" a b", "C")));
        Assert.NotEqual(PromptFingerprint.Of(Pair("ab")), PromptFingerprint.Of(Pair("a b")));
        Assert.NotEqual(PromptFingerprint.Of(Pair("a")), PromptFingerprint.Of(Pair("a") with { Prompt = [new Message("system", "a")] }));
        Assert.NotEqual(
            PromptFingerprint.Of(Pair("a") with { Prompt = [new Message("user", "ab"), new Message("user", "c")] }),
            PromptFingerprint.Of(Pair("a") with { Prompt = [new Message("user", "a"), new Message("user", "bc")] }));
    }

    [Fact]
    public void Dialogues_with_one_opening_stay_together_by_first_turn()
    {
        Comparison[] pair = [.. Read("""
            {"prompt":[{"role":"system","content":"S"},{"role":"user","content":"Q"}],"chosen":"A","rejected":"B"}
            {"prompt":[{"role":"user","content":"Q"},{"role":"assistant","content":"A"},{"role":"user","content":"R"}],"chosen":"A","rejected":"B"}
            """)];
        Assert.NotEqual(PromptFingerprint.Of(pair[0]), PromptFingerprint.Of(pair[1]));
        Assert.Equal(PromptFingerprint.Of(pair[0], SplitKey.FirstTurn), PromptFingerprint.Of(pair[1], SplitKey.FirstTurn));
    }

    [Fact]
    public void Rows_without_a_prompt_go_by_what_their_sides_share()
    {
        string[] prints = [.. Read("""
            {"chosen_ids":[1,2,3],"rejected_ids":[1,2,4]}
            {"chosen_ids":[1,2,9],"rejected_ids":[1,2,8,8]}
            {"chosen_ids":[1,5],"rejected_ids":[1,6]}
            {"chosen":"Q: x A: 1","rejected":"Q: x A: 2"}
            {"chosen":"Q: x A: 3","rejected":"Q: x A: 4"}
            {"chosen":"yes","rejected":"no"}
            {"chosen":"no","rejected":"yes"}
            {"chosen":"no","rejected":"maybe"}
            """).Select(row => PromptFingerprint.Of(row))];
        Assert.Equal(prints[0], prints[1]);
        Assert.NotEqual(prints[0], prints[2]);
        Assert.Equal(prints[3], prints[4]);
        Assert.Equal(prints[5], prints[6]);
        Assert.NotEqual(prints[5], prints[7]);
    }

    [Fact]
    public void What_cannot_be_split_is_refused()
    {
        Assert.Equal(
            "found 1 distinct prompt(s) in 3 comparisons; expected two or more, since a split puts no prompt on both sides; add data, or split it another way",
            Assert.Throws<DataException>(() => PromptSplit.ByFraction(Pairs(1, 3), 0.5, seed: 0)).Message);
        Assert.Equal(
            "found 4 comparisons to hold 4 out of; expected more than are held out; ask for fewer",
            Assert.Throws<DataException>(() => PromptSplit.ByCount(Pairs(2, 2), 4, seed: 0)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => PromptSplit.ByFraction(Pairs(2, 2), 1, seed: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => PromptSplit.ByFraction(Pairs(2, 2), double.NaN, seed: 0));
    }
}
