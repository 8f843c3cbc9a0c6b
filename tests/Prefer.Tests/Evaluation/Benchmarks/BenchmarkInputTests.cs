using Prefer.Data;
using Prefer.Evaluation;
using Prefer.Evaluation.Benchmarks;
using Xunit;

namespace Prefer.Tests.Evaluation.Benchmarks;

/// <summary>One case a thing that must be refused, with the whole message.</summary>
public sealed class BenchmarkInputTests : IDisposable
{
    private const string Pair = """{"prompt":"p","chosen":"aa","rejected":"a","subset":"shp"}""";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(BenchmarkKind.Rewardbench, """{"prompt":"p","chosen":"a","subset":"shp"}""", "found no 'rejected' among prompt, chosen, subset; expected a string there; give files of that layout")]
    [InlineData(BenchmarkKind.Rewardbench, """{"prompt":"p","chosen":["a"],"rejected":"b","subset":"shp"}""", "found a list in 'chosen'; expected a string; correct the field")]
    [InlineData(BenchmarkKind.Rewardbench, """{"prompt":[],"chosen":"a","rejected":"b","subset":"shp"}""", "found 0 messages in 'prompt'; expected a string, or messages of which the first and the last are the user's; give the conversation up to the response")]
    [InlineData(BenchmarkKind.Rewardbench, """{"prompt":["p"],"chosen":"a","rejected":"b","subset":"shp"}""", "found a string in 'prompt[0]'; expected a message {\"role\": …, \"content\": …}; correct the field")]
    [InlineData(BenchmarkKind.Rewardbench, """{"prompt":7,"chosen":"a","rejected":"b","subset":"shp"}""", "found the number 7 in 'prompt'; expected a string, or messages of which the first and the last are the user's; correct the field")]
    [InlineData(BenchmarkKind.Rewardbench2, """{"prompt":"p","chosen":["a"],"rejected":["b"],"subset":"Maths"}""", "found 'Maths' in 'subset'; expected one of Factuality, Precise IF, Math, Safety, Focus, Ties; did you mean 'Math'?")]
    [InlineData(BenchmarkKind.Rewardbench2, """{"prompt":"p","chosen":"a","rejected":["b"],"subset":"Math"}""", "found a string in 'chosen'; expected a list of one string or more; correct the field")]
    [InlineData(BenchmarkKind.Rewardbench2, """{"prompt":"p","chosen":["a"],"rejected":[],"subset":"Math"}""", "found a list in 'rejected'; expected a list of one string or more; correct the field")]
    [InlineData(BenchmarkKind.Rewardbench2, """{"prompt":"p","chosen":["a",1],"rejected":["b"],"subset":"Math"}""", "found the number 1 in 'chosen[1]'; expected a string; correct the field")]
    [InlineData(BenchmarkKind.Rewardbench2, """{"prompt":"p","chosen":["a","b"],"rejected":["b"],"subset":"Math"}""", "found 2 completions in 'chosen'; expected one, outside the subset Ties; check the row's subset")]
    [InlineData(BenchmarkKind.Rewardbench2, """{"prompt":"p","chosen":["a"],"rejected":["b"],"subset":"Math","num_correct":2}""", "found 2 in 'num_correct' beside 1 in 'chosen'; expected the number of right completions; correct one of them")]
    [InlineData(BenchmarkKind.Rewardbench2, """{"prompt":"p","chosen":["a"],"rejected":["b"],"subset":"Ties"}""", "found no 'id' among prompt, chosen, rejected, subset; expected a string there; give files of that layout")]
    [InlineData(BenchmarkKind.Rewardbench2, """{"prompt":"p","chosen":["a"],"rejected":["b"],"subset":"Ties","id":"tie:1"}""", "found the id 'tie:1' in the subset Ties; expected ref:NUMBER or tied:NUMBER, which say what belongs together; give the published ids")]
    [InlineData(BenchmarkKind.Rewardbench2, """{"prompt":"p","chosen":["a"],"rejected":["b"],"subset":"Ties","id":"tied:1"}""", "found one right completion in 'tied:1'; expected two or more, between which the spread is measured; add them, or name the row ref:")]
    [InlineData(BenchmarkKind.RmBench, """{"prompt":"p","chosen":["a","b"],"rejected":["a","b","c"],"domain":"chat"}""", "found 2 responses in 'chosen' and 3 in 'rejected'; expected three in each: concise, detailed, detailed in Markdown; check that the file is the benchmark's own")]
    [InlineData(BenchmarkKind.RmBench, """{"prompt":"p","chosen":["a","b","c"],"rejected":["a","b","c"],"domain":"poems"}""", "found 'poems' in 'domain'; expected chat, code, math, safety-refuse or safety-response; name the domain in the row, or keep the published name of the file")]
    [InlineData(BenchmarkKind.RmBench, """{"prompt":"p","chosen":["a","b","c"],"rejected":["a","b","c"]}""", "found no 'domain', and a file named 'rows.jsonl'; expected chat, code, math, safety-refuse or safety-response; name the domain in the row, or keep the published name of the file")]
    [InlineData(BenchmarkKind.Llmbar, """{"input":"p","output_1":"a","output_2":"b","label":3,"subset":"Natural"}""", "found the number 3 in 'label'; expected a whole number from 1 to 2; correct the field")]
    [InlineData(BenchmarkKind.Judgebench, """{"question":"p","response_A":"a","response_B":"b","label":"A=B","source":"livecodebench"}""", "found 'A=B' in 'label'; expected A>B or B>A; correct the field")]
    [InlineData(BenchmarkKind.Judgebench, """{"question":"p","response_A":"a","response_B":"b","label":"A>B","source":"poems"}""", "found 'poems' in 'source'; expected one that begins with mmlu-pro, livebench-reasoning, livebench-math, livecodebench; check that the file is the benchmark's own")]
    [InlineData(BenchmarkKind.Pandalm, """{"instruction":"p","input":"","response1":"a","response2":"b","annotator1":1,"annotator2":1,"annotator3":"1"}""", "found a string in 'annotator3'; expected a whole number from 0 to 2; correct the field")]
    public void A_row_of_another_layout_stops_with_file_and_line(BenchmarkKind kind, string row, string message)
    {
        var path = Write($"\n{row}\n");

        var stopped = Assert.Throws<DataException>(() => Score(kind, path, skipped: null));
        Assert.Equal($"{path}:2: {message}", stopped.Message);
        Assert.Equal(stopped.Message, Assert.Throws<DataException>(() => BenchmarkEvaluation.CountItems(kind, DataSource.Open([path]).Fields(), OnBadRow.Stop)).Message);
    }

    [Fact]
    public void An_unknown_subset_of_rewardbench_names_all_and_the_nearest()
    {
        var path = Write(Pair.Replace("shp", "math_prm", StringComparison.Ordinal));

        var message = Assert.Throws<DataException>(() => Score(BenchmarkKind.Rewardbench, path, skipped: null)).Message;

        Assert.StartsWith($"{path}:1: found 'math_prm' in 'subset'; expected one of alpacaeval-easy, ", message, StringComparison.Ordinal);
        Assert.EndsWith("pku_safer; did you mean 'math-prm'?", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Llmbar_names_the_folders_that_it_knows()
    {
        var path = Write("""{"input":"p","output_1":"a","output_2":"b","label":1}""");

        var message = Assert.Throws<DataException>(() => Score(BenchmarkKind.Llmbar, path, skipped: null)).Message;

        Assert.StartsWith($"{path}:1: found no 'subset', in a file of the folder '{Path.GetFileName(folder.Path)}'; expected a folder named as the published ones are: Natural, Neighbor, ", message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_id_of_ties_stands_once()
    {
        const string row = """{"id":"ref:1","prompt":"p","chosen":["aa"],"rejected":["a"],"subset":"Ties"}""";
        var path = Write($"{row}\n{row}\n");

        Assert.Equal($"{path}:2: found the id 'ref:1' a second time; expected one row an id; give every file once", Assert.Throws<DataException>(() => Score(BenchmarkKind.Rewardbench2, path, skipped: null)).Message);
    }

    [Fact]
    public void Bad_rows_are_left_out_where_that_is_asked_for_and_need_one_good_one()
    {
        var path = Write($"{Pair}\n{{\"prompt\":\"p\"}}\n");
        var skipped = new List<BadRow>();

        Assert.Equal((1.0, 1), (Score(BenchmarkKind.Rewardbench, path, skipped).Score, Score(BenchmarkKind.Rewardbench, path, []).Items));

        Assert.Equal(new RowOrigin(path, 2), Assert.Single(skipped).Origin);
        Assert.StartsWith("found no 'subset' among prompt; ", skipped[0].Reason, StringComparison.Ordinal);
        Assert.Equal(1, BenchmarkEvaluation.CountItems(BenchmarkKind.Rewardbench, DataSource.Open([path]).Fields(), OnBadRow.Skip));

        path = Write("{\"prompt\":\"p\"}\n");
        var message = Assert.Throws<DataException>(() => Score(BenchmarkKind.Rewardbench, path, [])).Message;
        Assert.StartsWith($"found no row that can be scored; expected at least one; repair the rows, beginning with {path}:1: found no 'subset'", message, StringComparison.Ordinal);
    }

    private static BenchmarkResult Score(BenchmarkKind kind, string path, ICollection<BadRow>? skipped) =>
        BenchmarkEvaluation.Run(kind, DataSource.Open([path], skipped is null ? OnBadRow.Stop : OnBadRow.Skip).Fields(), BaselineScorer.Length, skipped, TimeProvider.System);

    private string Write(string text)
    {
        var path = folder.File("rows.jsonl");
        File.WriteAllText(path, text);
        return path;
    }
}
