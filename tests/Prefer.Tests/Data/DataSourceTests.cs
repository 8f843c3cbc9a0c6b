using System.Text;
using Prefer.Data;
using Xunit;
using static Prefer.Tests.Data.DataFolder;

namespace Prefer.Tests.Data;

public sealed class DataSourceTests
{
    private static string Row(string id) => $$"""{"id":"{{id}}","prompt":"Q{{id}}","chosen":"A, [x] {y} \"z\" \\","rejected":"B"}""";

    private static string Ids(IEnumerable<Comparison> comparisons) => string.Join(' ', comparisons.Select(comparison => comparison.Id));

    private static string Where(IEnumerable<Comparison> comparisons) => string.Join(' ', comparisons.Select(comparison => comparison.Origin!.Line));

    [Fact]
    public void Lines_with_a_byte_order_mark_carriage_returns_and_blank_lines()
    {
        List<Comparison> rows = Read($"\uFEFF\r\n{Row("a")}\r\n\r\n   \n  {Row("b")}  \r\n{Row("c")}");
        Assert.Equal("a b c", Ids(rows));
        Assert.Equal("2 5 6", Where(rows));
    }

    [Fact]
    public void An_array_over_many_lines_keeps_line_numbers()
    {
        List<Comparison> rows = Read($"\n[\n  {Row("a")},\n\n  {Row("b").Replace(",\"", ",\n\"", StringComparison.Ordinal)}\n ,{Row("c")}]\n");
        Assert.Equal("a b c", Ids(rows));
        Assert.Equal("3 5 9", Where(rows)); // row b is written over four lines
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public void Any_size_of_read_gives_the_same_rows(int bytesAtOnce)
    {
        string[] rows = [.. Enumerable.Range(0, 300).Select(index => Row($"{index}-{new string('é', index % 7 * 300)}"))];
        foreach (string text in (string[])[string.Join('\n', rows), $"[{string.Join(",\n", rows)}]"])
        {
            foreach (byte[] bytes in (byte[][])[Encoding.UTF8.GetBytes(text), Gzip(Encoding.UTF8.GetBytes(text))])
            {
                var source = DataSource.Open(["-"], standardInput: () => new Trickle(bytes, bytesAtOnce));
                Assert.Equal(Ids(Read(text)), Ids(source.Comparisons()));
                Assert.Equal(Enumerable.Range(1, 300).Select(line => (long)line), source.Comparisons().Select(row => row.Origin!.Line));
            }
        }
    }

    [Fact]
    public void Gzip_of_several_members_is_one_stream() =>
        Assert.Equal("a b", Ids(Read([.. Gzip(Encoding.UTF8.GetBytes(Row("a") + "\n")), .. Gzip(Encoding.UTF8.GetBytes(Row("b")))])));

    [Fact]
    public void Rows_are_read_as_they_are_asked_for()
    {
        var source = Source($"{Row("a")}\n{Row("b")}\nbroken");
        Assert.Equal("a b", Ids(source.Comparisons().Take(2)));
        Assert.Equal(2, source.Report.RowCount);
    }

    [Fact]
    public void Skipped_rows_are_counted_and_listed()
    {
        byte[] latin = Encoding.Latin1.GetBytes("{\"prompt\":\"é\"}\n");
        DataSource source = Source([.. Encoding.UTF8.GetBytes($"{Row("a")}\n{{\"prompt\":\n[1]\n"), .. latin, .. Encoding.UTF8.GetBytes(Row("b"))], OnBadRow.Skip);
        Assert.Equal("a b", Ids(source.Comparisons()));
        Assert.Equal(5, source.Report.RowCount);
        Assert.Equal([new RowOrigin("-", 2), new RowOrigin("-", 3), new RowOrigin("-", 4)], source.Report.BadRows.Select(bad => bad.Origin));
        Assert.Equal("-:3: found a list as a row; expected an object with named fields; write each row as {\"prompt\": …, \"chosen\": …, \"rejected\": …}", source.Report.BadRows[1].ToString());
    }

    [Fact]
    public void Counting_begins_anew_with_each_enumeration()
    {
        DataSource source = Source($"{Row("a")}\nno", OnBadRow.Skip);
        Assert.Equal(source.Comparisons().Count(), source.Comparisons().Count());
        Assert.Equal(2, source.Report.RowCount);
        Assert.Single(source.Report.BadRows);
    }

    [Fact]
    public void Skipping_every_row_is_refused() => Assert.StartsWith(
        "-: found 2 rows, all of them bad; expected at least one good one; repair them, beginning with -:1: found an unknown layout with the fields x;",
        Complaint(Encoding.UTF8.GetBytes("{\"x\":1}\n{\"x\":2}"), OnBadRow.Skip), StringComparison.Ordinal);

    [Fact]
    public void Files_and_globs_in_order_each_file_once()
    {
        using var folder = new DataFolder();
        folder.Write("b.jsonl", Row("b"));
        folder.Write("a.jsonl", Row("a"));
        folder.Write(".hidden.jsonl", Row("hidden"));
        folder.Write("in/x.json", $"[{Row("x")}]");
        folder.Write("in/deep/y.jsonl.gz", Gzip(Encoding.UTF8.GetBytes(Row("y"))));
        folder.Write("odd[1]*.jsonl", Row("odd"));

        string IdsOf(params string[] patterns) => Ids(DataSource.Open(patterns.Select(pattern => folder[pattern])).Comparisons());
        Assert.Equal("a b odd", IdsOf("*.jsonl"));
        Assert.Equal("b a odd", IdsOf("b.jsonl", "*.jsonl", "./b.jsonl"));
        Assert.Equal("a b", IdsOf("?.jsonl"));
        Assert.Equal("y", IdsOf("**/*.gz"));
        Assert.Equal("y x", IdsOf("in/**"));
        Assert.Equal("x", IdsOf("i*/x.json"));
        Assert.Equal("odd", IdsOf("odd[1]*.jsonl"));
        Assert.Equal("hidden", IdsOf(".*.jsonl"));
    }

    [Fact]
    public void A_message_names_the_file_of_several()
    {
        using var folder = new DataFolder();
        folder.Write("a.jsonl", Row("a"));
        string b = folder.Write("b.jsonl", Row("b") + "\n{}");
        Assert.StartsWith($"{b}:2: found an object without fields;", Assert.Throws<DataException>(() => DataSource.Open([folder["*"]]).Comparisons().Count()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_a_glob_or_a_folder_without_file()
    {
        using var folder = new DataFolder();
        string Message(params string[] patterns) => Assert.Throws<DataException>(() => DataSource.Open(patterns)).Message;
        Assert.StartsWith($"{folder["none.jsonl"]}: found no such file; expected a file of comparisons; check the path", Message(folder["none.jsonl"]), StringComparison.Ordinal);
        Assert.StartsWith($"{folder["*.jsonl"]}: found no file that matches; expected at least one; check the pattern", Message(folder["*.jsonl"]), StringComparison.Ordinal);
        Assert.StartsWith($"{folder["no/*/x"]}: found no file that matches;", Message(folder["no/*/x"]), StringComparison.Ordinal);
        Assert.Equal($"{folder.Path}: found a folder; expected a file; name its files, for instance '{folder["*.jsonl"]}'", Message(folder.Path));
        Assert.StartsWith("found no data file on the command line;", Message(), StringComparison.Ordinal);
    }

    /// <summary>Gives a few bytes at a time, as a pipe may.</summary>
    private sealed class Trickle(byte[] bytes, int atOnce) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, atOnce));

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, atOnce)]);
    }
}
