using System.Text;
using Prefer.Data;
using Xunit;

namespace Prefer.Tests.Data;

/// <summary>Responses with a score, in each layout; and rows of one kind where another is asked for.</summary>
public sealed class RatingTests
{
    private static DataSource Source(string text, string? columns = null) =>
        DataSource.Open(["-"], standardInput: () => new MemoryStream(Encoding.UTF8.GetBytes(text)), columns: ColumnMap.Parse(columns));

    private static string Complaint(string text) => Assert.Throws<DataException>(() => Source(text).Ratings().Count()).Message;

    [Theory]
    [InlineData("""{"prompt":"Q","response":"A","score":3.5}""", null)]
    [InlineData("""{"prompt":"Q","response":"A","rating":3.5}""", null)]
    [InlineData("""{"prompt":"Q","response":"A","label":3.5}""", null)]
    [InlineData("""{"prompt":"Q","response":"A","label":3.5,"score":null}""", null)]
    [InlineData("""{"messages":[{"role":"user","content":"Q"},{"role":"assistant","content":"A"}],"score":3.5}""", null)]
    [InlineData("""{"prompt":"Q","response":"A","helpfulness":3.5,"correctness":1}""", "score=helpfulness")]
    [InlineData("""{"prompt":"Q","response":"A","score":1,"rating":3.5}""", "score=rating")]
    [InlineData("""{"prompt":"Q","response":"A","scores":{"rubric":[3.5,2]}}""", "score=scores.rubric.0")]
    public void Layouts_of_one_rating(string row, string? columns)
    {
        var rating = Assert.Single(Source(row, columns).Ratings());
        Assert.Equal(("Q", "A", 3.5, 1.0), (rating.Prompt[0].Content, rating.Response.Text, rating.Score, rating.Weight));
    }

    [Fact]
    public void Text_and_ids_are_rated_too_and_options_are_read()
    {
        Assert.Equal(new Message("text", "T"), Assert.Single(Source("""{"text":"T","score":-1}""").Ratings()).Response.Turns[0]);
        var rating = Assert.Single(Source("""{"input_ids":[1,2],"score":0,"weight":0.5,"subset":"s","id":3,"n":[]}""").Ratings());
        Assert.Equal([1, 2], rating.Response.InputIds);
        Assert.Equal((0, 0.5, "s", "3"), (rating.Score, rating.Weight, rating.Subset, rating.Id));
        Assert.Equal("""{"id":3,"n":[]}""", rating.Extra!.ToJsonString());
    }

    [Fact]
    public void A_ranking_with_scores_rates_each_response()
    {
        Rating[] ratings = [.. Source("""{"id":"r","prompt":"Q","responses":["A","B"],"scores":[4,2.5],"weight":2}""").Ratings()];
        Assert.Equal([("r#0", "A", 4, 2), ("r#1", "B", 2.5, 2)], ratings.Select(rating => (rating.Id!, rating.Response.Text, rating.Score, rating.Weight)));
    }

    [Theory]
    [InlineData("""{"prompt":"Q","chosen":"A","rejected":"B"}""", "found a comparison (chosen, rejected); expected a response with a score; train on comparisons with --loss bradley-terry, hinge or plackett-luce, evaluate on them without --ratings")]
    [InlineData("""{"prompt":"Q","a":"A","b":"B","y":1}""", "found a comparison (a, b, y); expected a response with a score; train on comparisons with --loss bradley-terry, hinge or plackett-luce, evaluate on them without --ratings")]
    [InlineData("""{"prompt":"Q","responses":["A","B"],"ranks":[1,2]}""", "found ranks, which order responses and do not rate them; expected a response with a score; train on comparisons with --loss bradley-terry, hinge or plackett-luce, evaluate on them without --ratings")]
    [InlineData("""{"prompt":"Q","response":"A"}""", "found a response (prompt, response) without a score; expected a number, or a list of one a rater, named 'score', 'rating' or 'label', or 'scores' with such lists by dimension; add it, or name its column with --columns score=COLUMN")]
    [InlineData("""{"prompt":"Q","response":"A","score":1,"rating":2}""", "found both 'score' and 'rating'; expected a number, or a list of one a rater, named 'score', 'rating' or 'label', or 'scores' with such lists by dimension; add it, or name its column with --columns score=COLUMN")]
    [InlineData("""{"prompt":"Q","response":"A","label":true}""", "found true in 'label'; expected a finite number; correct the field")]
    [InlineData("""{"prompt":"Q","response":"A","score":"4"}""", "found a string in 'score'; expected a finite number; correct the field")]
    [InlineData("""{"prompt":"Q","score":4}""", "found an unknown layout with the fields prompt, score; expected one of the layouts [prompt, response, score] [messages, score] [text, score] [input_ids, score] [prompt, responses, scores]; rename the fields")]
    public void What_is_no_rating_is_refused(string row, string reason) =>
        Assert.Equal($"-:1: {reason}, or leave such rows out with --on-bad-row skip", Complaint(row));

    [Fact]
    public void A_rating_is_no_comparison()
    {
        const string Row = """{"prompt":"Q","response":"A","score":4}""";
        const string Reason = "-:1: found a response with a score; expected a comparison; train on scores with --loss regression, evaluate on them with --ratings, or leave such rows out with --on-bad-row skip";
        Assert.Equal(Reason, DataFolder.Complaint(Row));
        Assert.Equal(Reason, Assert.Throws<DataException>(() => Source(Row).Rankings().Count()).Message);
    }

    [Fact]
    public void Rankings_stay_whole_beside_pairs()
    {
        Judgement[] rows = [.. Source("{\"prompt\":\"Q\",\"responses\":[\"A\",\"B\",\"C\"],\"ranks\":[2,1,1]}\n{\"prompt\":\"Q\",\"chosen\":\"A\",\"rejected\":\"B\"}").Rankings()];
        Assert.Equal([-2, -1, -1], Assert.IsType<Ranking>(rows[0]).Scores);
        Assert.Equal(["A", "B", "C"], rows[0].AllResponses.Select(response => response.Text));
        Assert.Equal(["A", "B"], Assert.IsType<Comparison>(rows[1]).AllResponses.Select(response => response.Text));
    }

    [Fact]
    public void Published_ratings_are_read_by_a_path_into_their_scores()
    {
        var source = DataSource.Open([Repository.Shared("data", "prometheus-likert", "ratings.jsonl.gz")], columns: ColumnMap.Parse("score=scores.rubric.0"));
        Rating[] ratings = [.. source.Ratings()];
        Assert.Equal(640, ratings.Length);
        Assert.All(ratings, rating => Assert.InRange(rating.Score, 1, 5));
    }
}
