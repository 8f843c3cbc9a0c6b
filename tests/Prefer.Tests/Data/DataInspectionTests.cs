using System.Text;
using Prefer.Data;
using Xunit;

namespace Prefer.Tests.Data;

public sealed class DataInspectionTests
{
    [Theory]
    [InlineData("""{"prompt":"Q","chosen":"A","rejected":"B"}""", RowLayout.PromptPair)]
    [InlineData("""{"chosen":[{"role":"user","content":"Q"}],"rejected":[]}""", RowLayout.SharedTurnsPair)]
    [InlineData("""{"chosen":"\n\nHuman: Q\n\nAssistant: A","rejected":"\n\nHuman: Q\n\nAssistant: B"}""", RowLayout.TranscriptPair)]
    [InlineData("""{"chosen":"A","rejected":"B"}""", RowLayout.TextPair)]
    [InlineData("""{"prompt":"Q","a":"A","b":"B","y":1}""", RowLayout.LabelledPair)]
    [InlineData("""{"prompt":"Q","responses":["A","B"],"scores":[1,2]}""", RowLayout.Ranking)]
    [InlineData("""{"chosen_ids":[1],"rejected_ids":[2]}""", RowLayout.TokenPair)]
    public void The_layout_is_told(string row, RowLayout layout)
    {
        FileInspection file = Assert.Single(DataInspection.Of(DataFolder.Source(row), 5));
        Assert.Equal([layout], file.Layouts);
        Assert.Single(file.First);
    }

    [Fact]
    public void Each_file_by_its_first_rows()
    {
        using var folder = new DataFolder();
        folder.Write("a.jsonl", """
            {"prompt":"Q","chosen":"A","rejected":"B","kind":1}
            {"prompt":"Q","a":"A","b":"B","y":0.5}
            broken
            """);
        folder.Write("b.json", DataFolder.Gzip(Encoding.UTF8.GetBytes("""[{"chosen_ids":[1],"rejected_ids":[2]}]""")));
        var files = DataInspection.Of(DataSource.Open([folder["*"]]), 2);
        Assert.Equal(["prompt", "chosen", "rejected", "kind", "a", "b", "y"], files[0].Fields);
        Assert.Equal([RowLayout.PromptPair, RowLayout.LabelledPair], files[0].Layouts);
        Assert.Equal([(false, false), (true, true)], files.Select(file => (file.IsArray, file.IsGzip)));
        Assert.StartsWith($"{folder["a.jsonl"]}:3: found broken JSON", Assert.Throws<DataException>(() => DataInspection.Of(DataSource.Open([folder["a.jsonl"]]), 3)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_comparison_as_text()
    {
        List<Comparison> pairs = DataFolder.Read("""
            {"prompt":"Q","a":"A","b":"B","y":0.25}
            {"prompt":"Q","a":"A","b":"B","y":0.5}
            {"chosen_ids":[1,2],"rejected_ids":[3]}
            """);
        Assert.Equal("[user]\nQ\n[chosen, P = 0.75, assistant]\nB\n[rejected, assistant]\nA\n", DataInspection.Render(pairs[0]));
        Assert.Equal("[user]\nQ\n[first, assistant]\nA\n[second, tie, assistant]\nB\n", DataInspection.Render(pairs[1]));
        Assert.Equal("[chosen, P = 1]\n2 ids: 1 2\n[rejected]\n1 ids: 3\n", DataInspection.Render(pairs[2]));
    }
}
