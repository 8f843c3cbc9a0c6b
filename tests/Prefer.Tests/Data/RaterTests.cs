using System.Text;
using Prefer.Data;
using Xunit;

namespace Prefer.Tests.Data;

/// <summary>Ratings by several raters, in one dimension or several.</summary>
public sealed class RaterTests
{
    private static DataSource Source(string text, string? columns = null) =>
        DataSource.Open(["-"], standardInput: () => new MemoryStream(Encoding.UTF8.GetBytes(text)), columns: ColumnMap.Parse(columns));

    [Theory]
    [InlineData("""{"prompt":"Q","response":"A","scores":{"rubric":[5,null,2]}}""", null, "rubric")]
    [InlineData("""{"prompt":"Q","response":"A","scores":{"rubric":[5,null,2],"other":null,"third":[null,null]}}""", null, "rubric")]
    [InlineData("""{"prompt":"Q","response":"A","scores":[5,null,2]}""", null, null)]
    [InlineData("""{"prompt":"Q","response":"A","score":[5,null,2]}""", null, null)]
    [InlineData("""{"text":"A","label":[5,null,2]}""", null, null)]
    [InlineData("""{"prompt":"Q","response":"A","scores":{"a":[1,1,1],"b":[5,null,2]}}""", "score=scores.b", null)]
    public void Raters_keep_their_places_and_the_score_is_their_mean(string row, string? columns, string? dimension)
    {
        var rating = Assert.Single(Source(row, columns).Ratings());

        Assert.Equal((3.5, dimension, "A"), (rating.Score, rating.Dimension, rating.Response.Text));
        Assert.Equal([5, null, 2], rating.RaterScores);
    }

    [Fact]
    public void A_number_is_no_rater_and_wins_over_several_scores()
    {
        var rating = Assert.Single(Source("""{"prompt":"Q","response":"A","score":4,"scores":{"x":"text"}}""").Ratings());

        Assert.Equal((4, null, 0), (rating.Score, rating.Dimension, rating.RaterScores.Length));
        Assert.Equal("""{"scores":{"x":"text"}}""", rating.Extra!.ToJsonString());
    }

    [Fact]
    public void Dimensions_are_ratings_of_one_response()
    {
        Rating[] ratings = [.. Source("""{"id":7,"prompt":"Q","response":"A","scores":{"help":[4,5],"brief":[1,null]},"weight":2}""").RatingsByDimension()];

        Assert.Equal([("help", 4.5, "7", 2), ("brief", 1, "7", 2)], ratings.Select(rating => (rating.Dimension!, rating.Score, rating.Id!, rating.Weight)));
        Assert.Same(ratings[0].Response, ratings[1].Response);
        Assert.Equal([4, 2], Source("""{"text":"A","scores":{"help":4,"brief":2}}""").RatingsByDimension().Select(rating => rating.Score));
    }

    [Theory]
    [InlineData("""{"prompt":"Q","response":"A","scores":{"help":[4],"brief":[1]}}""", "found scores in 2 dimensions (help, brief); expected those of one; choose one, with --columns score=scores.help for instance")]
    [InlineData("""{"prompt":"Q","response":"A","scores":{"help":[4,5],"brief":[1]}}""", "found a list of 2 in 'scores.help' and a list of 1 in 'scores.brief'; expected as many raters in each dimension; write null for a rater who gave no score")]
    [InlineData("""{"prompt":"Q","response":"A","scores":{"help":[4,5],"brief":1}}""", "found a list of 2 in 'scores.help' and one number in 'scores.brief'; expected as many raters in each dimension; write null for a rater who gave no score")]
    [InlineData("""{"prompt":"Q","response":"A","scores":{}}""", "found no number in 'scores'; expected the score of one rater at least; add it, or remove the row")]
    [InlineData("""{"prompt":"Q","response":"A","scores":{"help":[null]}}""", "found no number in 'scores'; expected the score of one rater at least; add it, or remove the row")]
    [InlineData("""{"prompt":"Q","response":"A","score":[]}""", "found no number in 'score'; expected the score of one rater at least; add it, or remove the row")]
    [InlineData("""{"prompt":"Q","response":"A","scores":{"help":[4,"5"]}}""", "found a string in 'scores.help[1]'; expected a finite number; correct the field")]
    [InlineData("""{"prompt":"Q","response":"A","scores":{"help":{"x":1}}}""", "found an object in 'scores.help'; expected a finite number; correct the field")]
    [InlineData("""{"prompt":"Q","response":"A","scores":4}""", "found the number 4 in 'scores'; expected a list of one a rater, or an object of such lists by dimension; correct the field")]
    [InlineData("""{"prompt":"Q","response":"A","score":{"help":4}}""", "found an object in 'score'; expected a finite number; correct the field")]
    public void What_is_not_one_score_is_refused(string row, string reason)
    {
        var error = Assert.Throws<DataException>(() => Source(row).Ratings().Count());
        Assert.Equal($"-:1: {reason}, or leave such rows out with --on-bad-row skip", error.Message);
    }

    [Fact]
    public void Raters_are_no_comparison() =>
        Assert.StartsWith("-:1: found a response with a score; expected a comparison", DataFolder.Complaint("""{"prompt":"Q","response":"A","scores":[4,5]}"""), StringComparison.Ordinal);

    [Fact]
    public void Published_ratings_are_read_as_they_stand()
    {
        Rating[] ratings = [.. DataSource.Open([Repository.Shared("data", "prometheus-likert", "ratings.jsonl.gz")]).Ratings()];

        // Counted with another program: 640 rows of three, 1,920 scores that add up to 7,329.
        Assert.Equal(640, ratings.Length);
        Assert.All(ratings, rating => Assert.Equal(("rubric", 3), (rating.Dimension, rating.RaterScores.Length)));
        Assert.Equal(7329, ratings.Sum(rating => rating.RaterScores.Sum()!.Value));
    }
}
