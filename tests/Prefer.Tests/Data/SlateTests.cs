using Prefer.Data;
using Xunit;
using static Prefer.Tests.Data.DataFolder;

namespace Prefer.Tests.Data;

public sealed class SlateTests
{
    [Theory]
    [InlineData("""{"prompt":"Q","responses":["A","B"]}""")]
    [InlineData("""{"messages":[{"role":"user","content":"Q"}],"responses":["A",[{"role":"assistant","content":"B"}]]}""")]
    [InlineData("""{"prompt":"\n\nHuman: Q\n\nAssistant:","responses":[" A"," B"]}""")]
    [InlineData("""{"responses":[[{"role":"user","content":"Q"},{"role":"assistant","content":"A"}],[{"role":"user","content":"Q"},{"role":"assistant","content":"B"}]]}""")]
    public void A_prompt_and_responses(string row)
    {
        Slate one = Assert.Single(Source(row).Slates());
        Assert.Equal([new Message("user", "Q")], one.Prompt);
        Assert.Equal([[new Message("assistant", "A")], [new Message("assistant", "B")]], one.Responses.Select(response => response.Turns));
        Assert.Equal(["A", "B"], one.Candidates().Select(candidate => candidate.Response.Text));
        Assert.All(one.Candidates(), candidate => Assert.Equal((one.Prompt, one.Origin), (candidate.Prompt, candidate.Origin)));
    }

    [Fact]
    public void Other_fields_pass_through_those_of_a_ranking_among_them() =>
        Assert.Equal("""{"id":7,"ranks":[2,1],"note":null}""", Assert.Single(Source("""{"ranks":[2,1],"prompt":"Q","id":7,"responses":["A","B"],"note":null}""").Slates()).PassedThrough().ToJsonString());

    [Theory]
    [InlineData("""{"prompt":"Q","response":"A"}""", "found no 'responses' among prompt, response; expected the fields prompt, responses or messages, responses; add the list of responses to choose from")]
    [InlineData("""{"prompt":"Q","responses":"A"}""", "found a string in 'responses'; expected a list of responses; correct the field")]
    [InlineData("""{"prompt":"Q","responses":[]}""", "found none in 'responses'; expected one response or more; add responses, or remove the row")]
    [InlineData("""{"prompt":"Q","responses":["A",3]}""", "found the number 3 in 'responses[1]'; expected a string or a list of messages; correct the field")]
    [InlineData("""{"prompt":"Q","messages":[],"responses":["A"]}""", "found both 'prompt' and 'messages'; expected one of them; remove the other")]
    [InlineData("""{"messages":"Q","responses":["A"]}""", "found a string in 'messages'; expected a list of messages; correct the field")]
    [InlineData("""{"messages":[{"role":"assistant","content":"A"}],"responses":["B"]}""", "found 'messages' that end with an assistant's turn; expected the conversation before the responses; move that turn into 'responses', or remove it")]
    public void What_is_no_slate_is_refused(string row, string message) =>
        Assert.StartsWith($"-:1: {message}", Assert.Throws<DataException>(() => Source(row).Slates().Count()).Message, StringComparison.Ordinal);
}
