using Prefer.Data;
using Xunit;

namespace Prefer.Tests.Data;

/// <summary>Other people's column names, by the same rows under our names.</summary>
public sealed class ColumnMapTests
{
    private static List<Comparison> Read(string columns, string text) => [.. Source(columns, text).Comparisons()];

    private static DataSource Source(string columns, string text) =>
        DataSource.Open(["-"], standardInput: () => new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)), columns: ColumnMap.Parse(columns));

    private static string Complaint(string columns, string text) => Assert.Throws<DataException>(() => Source(columns, text).Comparisons().Count()).Message;

    [Theory]
    [InlineData("prompt=question,chosen=better,rejected=worse", """{"question":"Q","better":"A","worse":"B"}""", """{"prompt":"Q","chosen":"A","rejected":"B"}""")]
    [InlineData(" prompt = question , chosen=better, rejected=worse", """{"question":"Q","better":"A","worse":"B"}""", """{"prompt":"Q","chosen":"A","rejected":"B"}""")]
    [InlineData("chosen=rejected,rejected=chosen", """{"prompt":"Q","chosen":"B","rejected":"A"}""", """{"prompt":"Q","chosen":"A","rejected":"B"}""")]
    [InlineData("a=response_0,b=response_1,y=p", """{"prompt":"Q","response_0":"A","response_1":"B","p":0.25,"kind":"x"}""", """{"prompt":"Q","a":"A","b":"B","y":0.25,"kind":"x"}""")]
    [InlineData("responses=answers,scores=marks", """{"prompt":"Q","answers":["A","B","C"],"marks":[3,1,2]}""", """{"prompt":"Q","responses":["A","B","C"],"scores":[3,1,2]}""")]
    [InlineData("prompt=turns.0.text,chosen=pair.good,rejected=pair.bad", """{"turns":[{"text":"Q"}],"pair":{"good":"A","bad":"B"}}""", """{"prompt":"Q","chosen":"A","rejected":"B","turns":[{"text":"Q"}],"pair":{"good":"A","bad":"B"}}""")]
    [InlineData("chosen=a.b", """{"prompt":"Q","a.b":"A","a":{"b":"other"},"rejected":"B"}""", """{"prompt":"Q","chosen":"A","rejected":"B","a":{"b":"other"}}""")] // a name with a dot comes first
    [InlineData("margin=gap,weight=w,id=uid,subset=source", """{"prompt":"Q","chosen":"A","rejected":"B","gap":0.5,"w":2,"uid":7,"source":"s"}""", """{"prompt":"Q","chosen":"A","rejected":"B","margin":0.5,"weight":2,"id":7,"subset":"s"}""")]
    [InlineData("margin=gap", """{"prompt":"Q","chosen":"A","rejected":"B","gap":null}""", """{"prompt":"Q","chosen":"A","rejected":"B"}""")]
    [InlineData("prompt=question", """{"prompt":"a template's name","question":"Q","chosen":"A","rejected":"B"}""", """{"prompt":"Q","chosen":"A","rejected":"B"}""")]
    [InlineData("prompt=question", """{"question":"Q","prompt":null,"chosen":"A","rejected":"B"}""", """{"prompt":"Q","chosen":"A","rejected":"B"}""")]
    public void A_mapped_row_reads_like_one_under_our_names(string columns, string theirs, string ours) =>
        Assert.Equal(DataFolder.Read(ours).Select(ComparisonWriter.ToJson), Read(columns, theirs).Select(ComparisonWriter.ToJson));

    [Fact]
    public void Candidates_are_mapped_and_pass_the_rest_through()
    {
        var candidate = Assert.Single(Source("prompt=question,response=answer", """{"question":"Q","answer":"A","n":1}""").Candidates());
        Assert.Equal(("Q", "A", """{"n":1}"""), (candidate.Prompt[0].Content, candidate.Response.Text, candidate.PassedThrough().ToJsonString()));
    }

    [Fact]
    public void A_column_that_is_mapped_is_not_read_under_its_own_name() =>
        Assert.StartsWith("-:1: found 'chosen' without 'rejected';", Complaint("chosen=rejected", """{"prompt":"Q","chosen":"A","rejected":"B"}"""), StringComparison.Ordinal);

    [Fact]
    public void A_column_that_a_row_lacks_is_named_with_file_and_line()
    {
        var message = Complaint("prompt=question", "{\"question\":\"Q\",\"chosen\":\"A\",\"rejected\":\"B\"}\n{\"prompt\":\"Q\",\"chosen\":\"A\",\"rejected\":\"B\"}");
        Assert.StartsWith("-:2: found no column 'question', which --columns reads as 'prompt', among prompt, chosen, rejected; expected it in every row; correct the name, or add the column", message, StringComparison.Ordinal);
        Assert.StartsWith("-:1: found no column 'pair.0.good'", Complaint("chosen=pair.0.good", """{"pair":[],"rejected":"B"}"""), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("promt=question", "--columns: found 'promt' on the left of '='; expected one of our names; did you mean 'prompt'?")]
    [InlineData("question", "--columns: found 'question'; expected OURS=THEIRS, several between commas; write for instance 'prompt=question,chosen=better'")]
    [InlineData("prompt=", "--columns: found 'prompt='; expected OURS=THEIRS, several between commas; write for instance 'prompt=question,chosen=better'")]
    [InlineData("prompt=a,,chosen=b", "--columns: found ''; expected OURS=THEIRS, several between commas; write for instance 'prompt=question,chosen=better'")]
    [InlineData("prompt=a,prompt=b", "--columns: found 'prompt' twice; expected one column for it; remove the other")]
    public void A_wrong_mapping_is_refused(string columns, string message) =>
        Assert.Equal(message, Assert.Throws<DataException>(() => ColumnMap.Parse(columns)).Message);

    [Fact]
    public void A_name_like_none_of_ours_gets_the_list() =>
        Assert.Contains("they are prompt, chosen, rejected", Assert.Throws<DataException>(() => ColumnMap.Parse("xyzzyxyzzyxyzzy=q")).Message, StringComparison.Ordinal);
}
