using Prefer.Data;
using Xunit;
using static Prefer.Tests.Data.DataFolder;

namespace Prefer.Tests.Data;

public sealed class VoteTests
{
    private static string Row(string fields) => $$"""{"prompt":"Q","a":"A","b":"B","y":1,{{fields}}}""";

    private static Comparison One(string row) => Assert.Single(Read(row));

    [Fact]
    public void Votes_are_names_of_a_side_a_tie_or_missing()
    {
        Comparison pair = One(Row("""
            "votes":["a","rejected",null,"tie",{"annotator":"ann","vote":"b"},{"vote":"chosen"},{"annotator":7,"vote":null},{"annotator":null,"vote":"a"}]
            """.Trim()));
        Vote[] expected =
        [
            new(null, Choice.Chosen), new(null, Choice.Rejected), new(null, null), new(null, Choice.Tie),
            new("ann", Choice.Rejected), new(null, Choice.Chosen), new("7", null), new(null, Choice.Chosen),
        ];
        Assert.Equal(expected, pair.Votes);
        Assert.Equal([1, -1, null, 0, -1, 1, null, 1], pair.Votes.Select(vote => vote.Value));
        Assert.Null(pair.Extra);
    }

    [Fact]
    public void Votes_and_systems_turn_round_with_the_pair()
    {
        const string fields = """ "votes":["a","b","tie",null],"model_a":"first","model_b":"second"} """;
        Comparison kept = One("""{"prompt":"Q","a":"A","b":"B","y":0.5,""" + fields), turned = One("""{"prompt":"Q","a":"A","b":"B","y":0.4,""" + fields);
        Assert.Equal([Choice.Chosen, Choice.Rejected, Choice.Tie, null], kept.Votes.Select(vote => vote.Choice));
        Assert.Equal(new SystemPair("first", "second"), kept.Systems);
        Assert.Equal(("B", new SystemPair("second", "first")), (turned.Chosen.Text, turned.Systems));
        Assert.Equal([Choice.Rejected, Choice.Chosen, Choice.Tie, null], turned.Votes.Select(vote => vote.Choice));
        Assert.Equal(
            """{"prompt":[{"role":"user","content":"Q"}],"chosen":"B","rejected":"A","y":0.6,"votes":["rejected","chosen","tie",null],"model_a":"second","model_b":"first"}""",
            ComparisonWriter.ToJson(turned));
    }

    [Theory]
    [InlineData("""{"chosen_ids":[1],"rejected_ids":[2],"votes":["chosen"]}""")]
    [InlineData("""{"chosen":"A","rejected":"B","votes":["a"]}""")]
    [InlineData("""{"prompt":"Q","chosen":"A","rejected":"B","votes":[{"vote":"a"}]}""")]
    public void Every_layout_of_pairs_has_votes(string row) => Assert.Equal(new Vote(null, Choice.Chosen), Assert.Single(One(row).Votes));

    [Fact]
    public void Without_votes_or_names_there_are_none()
    {
        Comparison pair = One(Row("\"votes\":null,\"model_a\":null,\"model_b\":null"));
        Assert.Empty(pair.Votes);
        Assert.Null(pair.Systems);
        Assert.Empty(One(Row("\"votes\":[]")).Votes);
        Assert.Null(Assert.Single(Read("""{"prompt":"Q","responses":["A","B"],"ranks":[1,2],"votes":null,"model_a":null}""")).Extra);
    }

    [Fact]
    public void Columns_of_other_names()
    {
        var source = DataSource.Open(["-"], OnBadRow.Stop, () => new MemoryStream("""{"prompt":"Q","chosen":"A","rejected":"B","ma":"x","mb":"y","said":["b"]}"""u8.ToArray()), ColumnMap.Parse("model_a=ma,model_b=mb,votes=said"));
        Comparison pair = Assert.Single(source.Comparisons());
        Assert.Equal((new SystemPair("x", "y"), Choice.Rejected), (pair.Systems, pair.Votes[0].Choice));
        Assert.Null(pair.Extra);
    }

    [Theory]
    [InlineData("\"votes\":\"a\"", "found a string in 'votes'; expected a list of votes;")]
    [InlineData("\"votes\":3", "found the number 3 in 'votes'; expected a list of votes;")]
    [InlineData("\"votes\":[\"a\",\"A\"]", "found 'A' in 'votes[1]'; expected 'a' or 'chosen' for the first response,")]
    [InlineData("\"votes\":[1]", "found the number 1 in 'votes[0]'; expected 'a' or 'chosen'")]
    [InlineData("\"votes\":[{\"annotator\":\"x\"}]", "found no 'vote' in 'votes[0]'; expected 'a'")]
    [InlineData("\"votes\":[{\"annotator\":\"x\",\"vote\":\"c\"}]", "found 'c' in 'votes[0].vote'; expected 'a'")]
    [InlineData("\"votes\":[{\"annotator\":[],\"vote\":\"a\"}]", "found a list in 'votes[0].annotator'; expected a name, a number, or null;")]
    [InlineData("\"votes\":[{\"annotator\":\" \",\"vote\":\"a\"}]", "found an empty 'votes[0].annotator'; expected a name,")]
    [InlineData("\"votes\":[{\"vote\":\"a\",\"why\":\"better\"}]", "found 'why' in 'votes[0]'; expected 'annotator' and 'vote' only;")]
    [InlineData("\"votes\":[{\"annotator\":\"1\",\"vote\":\"a\"},{\"annotator\":1,\"vote\":\"b\"}]", "found two votes of annotator '1'; expected one an annotator;")]
    [InlineData("\"model_a\":\"x\"", "found no 'model_b' beside the other system's name; expected the names of both systems;")]
    [InlineData("\"model_a\":\"x\",\"model_b\":\"\"", "found an empty 'model_b'; expected the names of both systems;")]
    [InlineData("\"model_a\":{},\"model_b\":\"y\"", "found an object in 'model_a'; expected a string;")]
    public void What_is_no_vote_or_no_name_is_a_bad_row(string fields, string complaint) => Assert.Contains(complaint, Complaint(Row(fields)), StringComparison.Ordinal);

    [Theory]
    [InlineData("\"votes\":[\"a\"]", "'votes'")]
    [InlineData("\"model_b\":\"x\"", "'model_b'")]
    public void A_ranking_has_none(string field, string name) =>
        Assert.Contains($"found {name} in a ranking", Complaint($$"""{"prompt":"Q","responses":["A","B"],"ranks":[1,2],{{field}}}"""), StringComparison.Ordinal);
}
