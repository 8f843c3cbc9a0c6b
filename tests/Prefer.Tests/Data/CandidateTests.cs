using System.Text;
using Prefer.Data;
using Xunit;
using static Prefer.Tests.Data.DataFolder;

namespace Prefer.Tests.Data;

public sealed class CandidateTests
{
    private static Candidate One(string row) => Assert.Single(Source(row).Candidates());

    [Fact]
    public void Messages_end_with_the_response()
    {
        Candidate one = One("""{"messages":[{"role":"user","content":"Q"},{"role":"assistant","content":"A"},{"role":"assistant","content":"B"}]}""");
        Assert.Equal([new Message("user", "Q")], one.Prompt);
        Assert.Equal([new Message("assistant", "A"), new Message("assistant", "B")], one.Response.Turns);
    }

    [Theory]
    [InlineData("""{"prompt":"Q","response":"A"}""")]
    [InlineData("""{"prompt":[{"role":"user","content":"Q"}],"response":[{"role":"assistant","content":"A"}]}""")]
    [InlineData("""{"prompt":[{"role":"user","content":"Q"}],"response":[{"role":"user","content":"Q"},{"role":"assistant","content":"A"}]}""")]
    [InlineData("""{"prompt":"\n\nHuman: Q\n\nAssistant:","response":" A"}""")]
    [InlineData("""{"prompt":"","response":"\n\nHuman: Q\n\nAssistant: A"}""")]
    public void Prompt_and_response(string row)
    {
        Candidate one = One(row);
        Assert.Equal([new Message("user", "Q")], one.Prompt);
        Assert.Equal([new Message("assistant", "A")], one.Response.Turns);
    }

    [Fact]
    public void Text_stands_as_it_is()
    {
        Candidate one = One("""{"text":"\n\nHuman: Q\n\nAssistant: A"}""");
        Assert.Empty(one.Prompt);
        Assert.Equal([new Message("text", "\n\nHuman: Q\n\nAssistant: A")], one.Response.Turns);
    }

    [Fact]
    public void Token_ids_with_segments_and_without()
    {
        Assert.Equal([1, 2], One("""{"input_ids":[1,2],"attention_mask":[1,1]}""").Response.InputIds);
        Assert.Equal([0, 1], One("""{"input_ids":[1,2],"token_type_ids":[0,1]}""").Response.TokenTypeIds);
    }

    [Theory]
    [InlineData("""{"id":12,"prompt":"Q","response":"A","n":1.50,"s":null}""", """{"id":12,"n":1.50,"s":null}""")]
    [InlineData("""{"n":1,"id":"12","text":"A"}""", """{"id":"12","n":1}""")]
    [InlineData("""{"n":1,"text":"A"}""", """{"n":1}""")]
    public void The_id_and_unread_fields_pass_through_as_they_stood(string row, string expected) => Assert.Equal(expected, One(row).PassedThrough().ToJsonString());

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":"Q"}]}""", "found 'messages' that end with a turn of 'user'; expected an assistant's turn at the end, to be scored; add the response")]
    [InlineData("""{"messages":[]}""", "found no messages; expected an assistant's turn at the end, to be scored; add the response")]
    [InlineData("""{"response":"A"}""", "found 'response' without 'prompt'; expected the fields prompt, response; add what is missing (a null counts as missing)")]
    [InlineData("""{"chosen":"A","rejected":"B"}""", "found an unknown layout with the fields chosen, rejected; expected one of the layouts [messages] [prompt, response] [text] [input_ids]; rename the fields")]
    [InlineData("""{"text":"A","messages":[]}""", "found the fields of two layouts (messages and text); expected those of one; remove or rename the fields that are not meant")]
    [InlineData("""{"text":["A"]}""", "found a list in 'text'; expected a string; correct the field")]
    public void Bad_candidates_are_refused(string row, string reason)
    {
        string message = Assert.Throws<DataException>(() => Source(Encoding.UTF8.GetBytes(row)).Candidates().Count()).Message;
        Assert.Equal($"-:1: {reason}, or leave such rows out with --on-bad-row skip", message);
    }
}
