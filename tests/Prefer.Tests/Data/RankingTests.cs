using Prefer.Data;
using Xunit;
using static Prefer.Tests.Data.DataFolder;

namespace Prefer.Tests.Data;

public sealed class RankingTests
{
    private static IEnumerable<(string Id, string Chosen, string Rejected, double Label)> Pairs(string row) =>
        Read(row).Select(pair => (pair.Id!, pair.Chosen.Text, pair.Rejected.Text, pair.Label));

    [Fact]
    public void Scores_give_all_pairs_and_equal_scores_ties() => Assert.Equal(
        [("r#0-1", "B", "A", 1), ("r#0-2", "A", "C", 0.5), ("r#1-2", "B", "C", 1)],
        Pairs("""{"id":"r","prompt":"Q","responses":["A","B","C"],"scores":[1,2.5,1]}"""));

    [Fact]
    public void Ranks_count_from_the_best() => Assert.Equal(
        [("7#0-1", "B", "A", 1), ("7#0-2", "A", "C", 1), ("7#1-2", "B", "C", 1)],
        Pairs("""{"id":7,"prompt":"Q","responses":["A","B","C"],"ranks":[2,1,3]}"""));

    [Fact]
    public void Pairs_keep_prompt_subset_weight_and_unused_fields()
    {
        List<Comparison> pairs = Read("""{"id":7,"prompt":"Q","responses":["A",[{"role":"assistant","content":"B"}]],"ranks":[1,2],"subset":"s","weight":2,"source":{"x":1},"margin":null}""");
        Comparison pair = Assert.Single(pairs);
        Assert.Equal([new Message("user", "Q")], pair.Prompt);
        Assert.Equal(("s", 2.0), (pair.Subset, pair.Weight));
        Assert.Equal("""{"source":{"x":1}}""", pair.Extra!.ToJsonString());
        Assert.Equal(new RowOrigin("-", 1), pair.Origin);
    }

    [Fact]
    public void Dialogues_without_a_prompt_share_their_common_turns()
    {
        List<Comparison> pairs = Read("""{"responses":["\n\nHuman: Q\n\nAssistant: A","\n\nHuman: Q\n\nAssistant: B","\n\nHuman: Q\n\nAssistant: C"],"ranks":[1,2,3]}""");
        Assert.All(pairs, pair => Assert.Equal([new Message("user", "Q")], pair.Prompt));
        Assert.Equal(3, pairs.Count);
    }

    [Theory]
    [InlineData("""{"prompt":"Q","responses":["A","B"],"ranks":[1]}""", "found 2 responses and 1 ranks; expected one for each response")]
    [InlineData("""{"prompt":"Q","responses":["A","B"],"scores":[1,2,3]}""", "found 2 responses and 3 scores; expected one for each response")]
    [InlineData("""{"prompt":"Q","responses":["A"],"scores":[1]}""", "found 1 in 'responses'; expected two responses or more")]
    [InlineData("""{"prompt":"Q","responses":"A","scores":[1]}""", "found a string in 'responses'; expected a list of responses")]
    [InlineData("""{"prompt":"Q","responses":["A",3],"scores":[1,2]}""", "found the number 3 in 'responses[1]'; expected a string or a list of messages")]
    [InlineData("""{"prompt":"Q","responses":["A","B"],"scores":[1,null]}""", "found null in 'scores[1]'; expected a finite number")]
    [InlineData("""{"prompt":"Q","responses":["A","B"],"ranks":[1,2],"scores":[1,2]}""", "found both 'ranks' and 'scores'; expected one of them")]
    [InlineData("""{"prompt":"Q","responses":["A","B"]}""", "found 'responses' without 'ranks' or 'scores'; expected the fields prompt, responses, ranks or scores")]
    [InlineData("""{"prompt":"Q","responses":["A","B"],"ranks":[1,2],"margin":1}""", "found 'margin' in a ranking; expected it on pairs only")]
    [InlineData("""{"prompt":"Q","responses":["A","B"],"ranks":[1,2],"chosen":"A"}""", "found 'chosen' beside the fields of another layout; expected one layout")]
    public void Bad_rankings_are_refused(string row, string message) => Assert.StartsWith($"-:1: {message}; ", Complaint(row), StringComparison.Ordinal);
}
