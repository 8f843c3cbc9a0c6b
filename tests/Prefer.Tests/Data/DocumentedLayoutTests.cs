using System.Text.RegularExpressions;
using Prefer.Data;
using Xunit;

namespace Prefer.Tests.Data;

/// <summary>The examples of docs/data.md are what the reader reads.</summary>
public sealed partial class DocumentedLayoutTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(Repository.Root, "docs", "data.md"));

    [Fact]
    public void Every_example_of_a_comparison_is_read()
    {
        string[] blocks = [.. Blocks("jsonl")];
        RowLayout[] layouts = [.. blocks.SelectMany(block => DataInspection.Of(DataFolder.Source(block), 100)[0].Layouts).Distinct()];
        Assert.Equal(Enum.GetValues<RowLayout>().Where(layout => layout <= RowLayout.TokenPair), layouts.Order());
    }

    [Fact]
    public void Every_example_of_a_candidate_is_read() =>
        Assert.Equal(4, DataFolder.Source(Assert.Single(Blocks("jsonl score"))).Candidates().Count());

    [Fact]
    public void Every_example_of_a_slate_is_read() =>
        Assert.Equal([3, 2], DataFolder.Source(Assert.Single(Blocks("jsonl best-of"))).Slates().Select(slate => slate.Responses.Length));

    [Fact]
    public void Every_example_of_a_rating_is_read() =>
        Assert.Equal([5, 1.5, 4, 1, 4.5], DataFolder.Source(Assert.Single(Blocks("jsonl rating"))).Ratings().Select(rating => rating.Score));

    [Fact]
    public void Every_example_of_several_dimensions_is_read() =>
        Assert.Equal([("helpful", 4.5), ("brief", 2)], DataFolder.Source(Assert.Single(Blocks("jsonl dimensions"))).RatingsByDimension().Select(rating => (rating.Dimension!, rating.Score)));

    [Fact]
    public void The_message_shown_is_the_message_given()
    {
        string message = DataFolder.Complaint("""{"prompt":"Q","chosen":"A"}""");
        Assert.Contains(message["-:1: ".Length..], Document, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Blocks(string language) =>
        Fenced().Matches(Document).Where(block => block.Groups[1].Value == language).Select(block => block.Groups[2].Value);

    [GeneratedRegex("^```(.*)\n((?:.*\n)*?)```$", RegexOptions.Multiline)]
    private static partial Regex Fenced();
}
