using Prefer.Data;
using Xunit;
using static Prefer.Tests.Data.DataFolder;

namespace Prefer.Tests.Data;

public sealed class DataStatisticsTests
{
    private const string Rows = """
        {"subset":"s","prompt":"Qé🙂","chosen":"long one","rejected":"short"}
        {"subset":"s","prompt":"Qé🙂","chosen":"short","rejected":"long one","weight":2}
        {"prompt":"R","a":"same","b":"same","y":1}
        {"prompt":"R","a":"tie","b":"longer tie","y":0.5}
        {"prompt":"R","a":"x","b":" ","y":0}
        {"chosen":"\n\nHuman: S\n\nAssistant: a","rejected":"\n\nHuman: S\n\nAssistant: b\n\nHuman: c\n\nAssistant: d"}
        {"chosen_ids":[1,2,3],"rejected_ids":[1,2]}
        """;

    [Fact]
    public void Counts_by_hand()
    {
        DataStatistics one = DataStatistics.Of(Read(Rows));
        Assert.Equal((7, 4, 1, 1, 1), (one.PairCount, one.PromptCount, one.TieCount, one.EmptySideCount, one.IdenticalCount));
        Assert.Equal((1, 1, 1, 8.0), (one.DuplicateCount, one.TokenizedCount, one.SeveralTurnsCount, one.WeightSum));
        Assert.Equal([new("", 5), new("s", 2)], one.Subsets);
        Assert.Equal([new(2, 6)], one.Turns);

        // Characters, not UTF-16 units: the prompts have 3, 3, 1, 1, 1, 1.
        Assert.Equal(new LengthSummary(6, 1, 1, 10 / 6.0, 3, 3), one.PromptLength);
        Assert.Equal(new LengthSummary(1, 3, 3, 3, 3, 3), one.ChosenIds);
        Assert.Equal(new LengthSummary(1, 2, 2, 2, 2, 2), one.RejectedIds);

        // Longer: row 1 and the ids. Shorter: row 2 and the dialogue that goes on (a; b c d). Equal: "same", "x" against " ". The tie is out.
        Assert.Equal(0.5, one.LongerChosenShare);
    }

    [Fact]
    public void Nothing_to_measure_gives_nothing()
    {
        DataStatistics none = DataStatistics.Of([]);
        Assert.Equal(0, none.PairCount);
        Assert.Null(none.PromptLength);
        Assert.Null(none.LongerChosenShare);
    }

    [Fact]
    public void Lengths_by_hand()
    {
        Assert.Equal(new LengthSummary(4, 1, 2.5, 3.25, 7, 7), LengthSummary.Of([7, 2, 3, 1]));
        Assert.Equal(new LengthSummary(20, 1, 10.5, 10.5, 19, 20), LengthSummary.Of(Enumerable.Range(1, 20)));
        Assert.Equal(new LengthSummary(21, 1, 11, 11, 20, 21), LengthSummary.Of(Enumerable.Range(1, 21)));
        Assert.Equal(int.MaxValue, LengthSummary.Of([int.MaxValue, int.MaxValue])!.Median);
    }

    [Fact]
    public void Usable_pairs_leave_out_what_teaches_nothing_and_keep_ties()
    {
        UsablePairs usable = UsablePairs.Of(Read(Rows + "\n" + """
            {"prompt":"R","chosen":"","rejected":""}
            """));
        Assert.Equal((5, 2, 1), (usable.Pairs.Length, usable.EmptySideCount, usable.IdenticalCount));
        Assert.Single(usable.Pairs, pair => pair.IsTie);
    }
}
